"""What was edited of a customer who is then merged into another reaches Shopify all the same."""

import pytest

from customers.editing import edit_customer
from customers.models import Customer, CustomerTag
from tenants.audit import Actor
from tests.outbox.conftest import CREATED, DEE, WHO, edit, later, send
from webhooks.models import Edit

KIM = 8
KIMS = {**WHO, "id": KIM, "email": "kim@example.com", "first_name": "Kim", "note": "Likes hats"}


@pytest.fixture
def kim(shopify, shop, dee) -> Customer:
    """Into whom Dee is merged."""
    shop.hear("customers/create", dict(KIMS))
    shop.customer(KIM)["tags"] = ["Hat"]
    shopify.tell("customers/create", KIMS)
    body = {"customerId": gid(KIM), "tags": ["Hat"], "occurredAt": CREATED}
    shopify.tell("customer.tags_added", body)
    return Customer.objects.get(shopify_id=KIM)


def gid(number):
    return f"gid://shopify/Customer/{number}"


def edit_kim(store, **changes):
    pk = Customer.objects.get(shopify_id=KIM).pk
    edit_customer(actor=Actor(), tenant=store, customer_id=pk, **changes)


def merge(shop, shopify, *, note="Likes hats\nLikes jugs"):
    """Shopify puts the two together from what it knows, and says so."""
    gone = shop.objects["customers"].pop(DEE)
    kept, at = shop.customer(KIM), later()
    kept["tags"] = sorted({*kept["tags"], *gone["tags"]})
    kept.update(note=note, updated_at=at)
    told = {
        "admin_graphql_api_customer_kept_id": gid(KIM),
        "admin_graphql_api_customer_deleted_id": gid(DEE),
        "status": "completed",
    }
    shopify.tell("customers/merge", told, triggered_at=at)
    shopify.tell("customers/update", {key: kept.get(key) for key in WHO})
    return kept


def tags_here():
    rows = CustomerTag.objects.filter(customer__shopify_id=KIM, present=True)
    return set(rows.values_list("tag", flat=True))


def test_a_note_stands_below_the_kept_ones_own(store, shop, shopify, kim):
    edit(store, note="Rang us")

    kept = merge(shop, shopify)
    assert send(store) == {"note": "sent"}
    assert kept["note"] == Customer.objects.get().note == "Likes hats\nRang us"


def test_a_newer_note_of_the_kept_one_stands_alone(store, shop, shopify, kim):
    edit(store, note="Rang us")
    edit_kim(store, note="Rang them")

    kept = merge(shop, shopify, note="Likes hats")
    assert send(store) == {"note": "sent"}
    assert kept["note"] == Customer.objects.get().note == "Rang them"


def test_an_older_note_of_the_kept_one_is_kept_above(store, shop, shopify, kim):
    edit_kim(store, note="Rang them")
    edit(store, note="Rang us")

    kept = merge(shop, shopify, note="Likes hats")
    assert send(store) == {"note": "sent"}
    assert kept["note"] == "Rang them\nRang us"


def test_a_note_that_the_shop_changes_after_the_merge_stands(store, shop, shopify, kim):
    edit(store, note="Rang us")
    kept = merge(shop, shopify)
    kept.update(note="theirs", updated_at=later(hours=1))

    assert send(store) == {"note": "overtaken"}
    assert kept["note"] == "theirs"


def test_tags_that_were_added_and_taken_off_are_so_of_the_kept_one(store, shop, shopify, kim):
    edit(store, add_tags=["New"], remove_tags=["old"])

    kept = merge(shop, shopify)
    assert send(store) == {"tags": "sent"}
    assert set(kept["tags"]) == tags_here() | {"VIP"} == {"Hat", "New", "VIP"}


def test_a_tag_that_the_kept_one_has_by_itself_is_not_taken_off(store, shop, shopify, kim):
    edit_kim(store, add_tags=["old"])
    edit(store, remove_tags=["old"])

    kept = merge(shop, shopify)
    send(store)
    assert "old" in kept["tags"]
    assert "old" in tags_here()


def test_the_kept_ones_own_tags_on_their_way_stay_in_line(store, shop, shopify, kim):
    edit_kim(store, add_tags=["Mine"])
    edit(store, add_tags=["New"])

    kept = merge(shop, shopify)
    assert send(store) == {"tags": "sent"}
    assert {"Mine", "New"} <= set(kept["tags"])


def test_one_who_wants_no_mail_gets_none_as_the_kept_one_either(store, shop, shopify, kim):
    edit(store, email_consent="unsubscribed")

    kept = merge(shop, shopify)
    assert Customer.objects.get().email_consent == "unsubscribed"
    assert send(store) == {"email_consent": "sent"}
    assert kept["consents"]["email"]["state"] == "unsubscribed"


def test_nobody_is_subscribed_with_an_address_that_was_not_spoken_of(store, shop, shopify, kim):
    edit(store, email_consent="subscribed", consent_reason="At the till")

    merge(shop, shopify)
    assert Customer.objects.get().email_consent != "subscribed"
    assert not Edit.objects.exists()


def test_an_edit_that_failed_because_of_the_merge_is_sent_after_it(store, shop, shopify, kim):
    """It was tried when Shopify had merged the two and the webhook was still on its way."""
    edit(store, note="Rang us")
    gone = shop.objects["customers"].pop(DEE)
    assert send(store) == {"note": "parked"}
    shop.objects["customers"][DEE] = gone

    merge(shop, shopify)
    assert send(store) == {"note": "sent"}


def test_what_was_sent_before_the_merge_is_not_told_again(store, shop, shopify, kim, asked):
    edit(store, note="Rang us")
    send(store)
    asked.clear()

    merge(shop, shopify, note="Likes hats\nRang us")
    assert send(store) == {}
    assert asked == []
