"""Of an edit here and a change in Shopify the later one stands, in whatever order they are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer, CustomerTag
from tests.outbox.conftest import CREATED, DEE, edit, later, send, tell_tags, theirs
from tests.sync.test_running import run_out
from webhooks.applying import apply_news
from webhooks.mapping import bulk_customers
from webhooks.mapping.decoding import decode
from webhooks.models import Edit, Finding
from webhooks.news import News
from webhooks.reconciliation import ledger
from webhooks.reconciliation.starting import start_reconciliation
from xeno.demo.shopify.nodes import customer_node
from xeno.lib.api.rendering import to_json


def tags_here():
    return set(CustomerTag.objects.filter(present=True).values_list("tag", flat=True))


def bulk_file(store, shop, *, read_at=None):
    """The shop's customer, as a sync brings them."""
    node = decode(to_json(customer_node(shop.customer(DEE))), bulk_customers.CustomerNode)
    news = News()
    news.add_customers(bulk_customers.customer_news(node, [], read_at or timezone.now()))
    apply_news(tenant=store, news=news)


def test_another_change_in_the_shop_does_not_bring_the_old_note_back(store, shop, shopify, dee):
    edit(store, note="Rang us")

    shopify.tell("customers/update", theirs(shop, first_name="Deirdre", updated_at=later(hours=1)))
    assert Customer.objects.values_list("note", "first_name").get() == ("Rang us", "Deirdre")
    assert send(store) == {"note": "sent"}
    assert shop.customer(DEE)["note"] == "Rang us"


@pytest.mark.parametrize("edits", [1, 2])
def test_a_later_note_of_the_shop_stands_and_ours_is_not_sent(store, shop, shopify, dee, edits):
    for number in range(edits):
        edit(store, note=f"ours {number}")
    shop.customer(DEE).update(note="theirs", updated_at=later(hours=1))

    shopify.tell("customers/update", theirs(shop))
    assert Customer.objects.get().note == "theirs"
    assert send(store) == {"note": "overtaken"}
    assert (Edit.objects.get().payload, shop.customer(DEE)["note"]) == ({}, "theirs")


def test_a_later_note_is_seen_also_when_its_webhook_was_lost(store, shop, dee):
    edit(store, note="ours")
    shop.customer(DEE).update(note="theirs", updated_at=later(hours=1))

    assert send(store) == {"note": "overtaken"}
    bulk_file(store, shop)
    assert Customer.objects.get().note == "theirs"


def test_an_earlier_note_of_the_shop_that_comes_late_is_no_news(store, shop, shopify, dee):
    edit(store, note="ours")

    shopify.tell("customers/update", theirs(shop, note="theirs", updated_at=later(hours=-1)))
    assert Customer.objects.get().note == "ours"
    assert send(store) == {"note": "sent"}
    shopify.tell("customers/update", theirs(shop, note="theirs", updated_at=later(minutes=-1)))
    assert Customer.objects.get().note == "ours"


def test_after_it_was_sent_the_shops_next_note_stands(store, shop, shopify, dee):
    edit(store, note="ours")
    send(store)

    shopify.tell("customers/update", theirs(shop, note="theirs", updated_at=later(minutes=1)))
    assert Customer.objects.get().note == "theirs"


def test_a_note_that_is_still_on_its_way_is_not_taken_for_the_shops_own(store, shop, shopify, dee):
    edit(store, note="one")
    send_without_settling = theirs(shop, note="one", updated_at=later(hours=1))
    edit(store, note="two")

    shopify.tell("customers/update", send_without_settling)
    assert Customer.objects.get().note == "two"
    assert send(store) == {"note": "sent"}


def test_a_list_of_tags_that_cannot_know_of_an_edit_does_not_undo_it(store, shop, dee):
    edit(store, add_tags=["New"], remove_tags=["old"])

    bulk_file(store, shop)
    assert tags_here() == {"VIP", "New"}
    assert send(store) == {"tags": "sent"}
    assert shop.customer(DEE)["tags"] == ["New", "VIP"]


def test_a_list_that_was_begun_before_the_edit_was_sent_does_not_undo_it(store, shop, dee):
    """But after it was made; and it is applied when the shop has been told."""
    edit(store, add_tags=["New"])
    read_at = timezone.now()
    before = dict(shop.customer(DEE), tags=list(shop.customer(DEE)["tags"]))
    send(store)

    shop.objects["customers"][DEE] = before
    bulk_file(store, shop, read_at=read_at)
    assert tags_here() == {"VIP", "old", "New"}


def test_a_tag_that_was_taken_off_later_in_the_shop_is_not_put_back(store, shop, shopify, dee):
    edit(store, add_tags=["New", "Other"])
    tell_tags(shopify, ["New"], at=later(hours=1), removed=True)

    bulk_file(store, shop)
    assert send(store) == {"tags": "sent"}
    assert shop.customer(DEE)["tags"] == ["Other", "VIP", "old"]
    assert tags_here() == {"VIP", "old", "Other"}


def test_an_older_word_on_a_tag_does_not_undo_an_edit(store, shop, shopify, dee):
    edit(store, remove_tags=["old"])

    tell_tags(shopify, ["old"], at=later(minutes=-5))
    assert tags_here() == {"VIP"}


@pytest.mark.parametrize(
    ("hours", "here", "there"),
    [(1, "subscribed", "subscribed"), (-1, "unsubscribed", "unsubscribed")],
)
@pytest.mark.parametrize("told", [True, False])
def test_of_two_consents_the_later_one_stands(store, shop, shopify, dee, hours, here, there, told):
    edit(store, email_consent="unsubscribed")
    word = {"state": "subscribed", "consent_updated_at": later(hours=hours)}
    body = {"customer_id": DEE, "email_marketing_consent": word}
    shop.hear("customers_email_marketing_consent/update", body)
    if told:
        shopify.tell("customers_email_marketing_consent/update", body)

    assert send(store) == {"email_consent": "sent" if hours < 0 else "overtaken"}
    assert shop.customer(DEE)["consents"]["email"]["state"] == there
    bulk_file(store, shop)
    assert Customer.objects.get().email_consent == here


def test_the_first_note_of_a_customer_of_whom_only_the_id_is_known(store, shop, shopify):
    Customer.objects.create(shopify_id=DEE)
    edit(store, note="ours")

    shopify.tell("customers/update", theirs(shop, note=None, updated_at=CREATED))
    assert Customer.objects.values_list("note", "first_name").get() == ("ours", "Dee")


def test_a_field_that_the_app_may_not_see_is_told_all_the_same(store, shop, dee):
    shop.faults.withheld = {"note", "tags"}
    edit(store, note="ours", remove_tags=["old"], add_tags=["New"])

    assert send(store) == {"note": "sent", "tags": "sent"}
    assert (shop.customer(DEE)["note"], shop.customer(DEE)["tags"]) == ("ours", ["New", "VIP"])


def test_a_turned_clock_does_not_lose_an_edit(store, shop, dee):
    """A list that was told by a clock an hour ahead of ours."""
    bulk_file(store, shop, read_at=timezone.now() + timedelta(hours=1))
    edit(store, add_tags=["New"])

    assert tags_here() == {"VIP", "old", "New"}
    assert send(store) == {"tags": "sent"}
    assert tags_here() == {"VIP", "old", "New"}


def test_a_reconciliation_finds_nothing_wrong_with_an_edit_on_its_way(store, shop, dee):
    edit(store, note="ours", add_tags=["New"], email_consent="unsubscribed")
    start_reconciliation(tenant=store, whole=True)

    sync = run_out(store)
    assert sync.state == "done"
    assert not Finding.objects.filter(kind="customers", fields__contains=["note"]).exists()
    assert not Finding.objects.filter(kind="customers", fields__contains=["tags"]).exists()
    assert ledger.is_settled(sync)
    assert send(store) == {"tags": "sent", "note": "sent", "email_consent": "sent"}
