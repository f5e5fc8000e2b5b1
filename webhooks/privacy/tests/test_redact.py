"""A customer's erasure: no trace of the person, every sum as it was. Rows 114 and 115."""

import pytest

from customers.models import Customer, Tombstone
from orders.models import Order
from orders.rollups import keeping
from tenants.models import IdempotentAnswer
from tests.numbers import recount
from tests.rows import make_row
from webhooks.backfill.running import start_sync
from webhooks.models import Delivery, ErasureReceipt, PrivacyRequest, State
from webhooks.privacy import working
from webhooks.privacy.tests.person import ID, OTHER, WORDS, buy, dump, request, whole
from webhooks.tests.shopify import at, order, refund


def redact(shopify, **changes):
    """Shopify asks for the erasure, and a worker does it."""
    shopify.tell("customers/redact", request(**{"orders_to_redact": [501], **changes}))
    working.work_off(tenant=shopify.tenant)
    return PrivacyRequest.objects.latest("pk")


def sums():
    return sorted(Order.objects.values_list("shopify_id", "amount", "current_amount", "currency"))


def test_the_canary_is_everywhere_before(person, traces):
    """Else nothing below could fail."""
    assert {
        "customers_customer", "customers_customertag", "orders_order", "orders_refund",
        "orders_checkout", "webhooks_delivery",
    } <= traces.find()  # fmt: skip


def test_f114_a_redacted_customer_leaves_no_trace_and_every_sum(person, traces, home):
    before = sums()
    spool = home / "sync" / f"{person.tenant.pk}-1-1"
    spool.mkdir(parents=True)
    (spool / "0000.jsonl").write_text("Canaryson")
    make_row(IdempotentAnswer, answer='{"email":"canary@example.com"}')
    traces.find()  # what the fixtures logged is not the product's

    done = redact(person)

    assert (done.done_at is None, done.trouble) == (False, "")
    assert traces.find() == set()
    assert sums() == before
    assert not IdempotentAnswer.objects.exists()
    assert set(Order.objects.values_list("shopify_id", "customer__shopify_id")) == {
        (501, None), (502, None), (503, None), (900, OTHER),
    }  # fmt: skip
    assert list(Customer.objects.values_list("shopify_id", flat=True)) == [OTHER]


def test_f114_the_stores_numbers_follow_and_its_revenue_stays(person):
    keeping.keep_whole(tenant=person.tenant)
    before = recount.held()

    redact(person)
    keeping.keep_whole(tenant=person.tenant)

    after = recount.held()
    assert after == recount.expected(person.tenant)
    assert after["products"] == before["products"]
    assert after["buyers"] != before["buyers"]
    assert {day: row[:2] for day, row in after["sales"].items()} == {
        day: row[:2] for day, row in before["sales"].items()
    }


def test_f114_somebody_elses_bodies_stay(person):
    theirs = Delivery.objects.filter(topic="orders/create").latest("pk")
    kept = bytes(theirs.body)

    redact(person)

    theirs.refresh_from_db()
    assert bytes(theirs.body) == kept
    assert b"dee@example.com" in kept


def test_f114_asked_again_it_is_done_again(person, traces):
    redact(person)
    again = redact(person)

    assert again.done_at
    assert traces.find() == set()
    assert ErasureReceipt.objects.count() == 1


def test_f114_a_receipt_holds_nothing_of_the_person(person):
    redact(person)

    [receipt] = ErasureReceipt.objects.all()
    assert len(receipt.subject_hash) == 64
    assert str(ID) not in dump()["webhooks_erasurereceipt"]


def test_f114_an_address_alone_is_enough(person, traces):
    redact(person, customer={"email": "CANARY@example.com"}, orders_to_redact=None)

    assert traces.find() == set()
    assert not Customer.objects.filter(shopify_id=ID).exists()


def test_f114_a_customer_of_whom_nothing_is_held_is_redacted_too(shopify, traces):
    done = redact(shopify)

    assert done.done_at
    assert traces.find() == set()
    assert ErasureReceipt.objects.exists()


def test_f114_whoever_was_merged_into_them_goes_with_them(person, traces):
    person.tell("customers/create", whole(6))
    merged = {f"admin_graphql_api_customer_{name}_id": f"gid://shopify/Customer/{number}"
              for name, number in (("kept", ID), ("deleted", 6))}  # fmt: skip
    person.tell("customers/merge", {**merged, "status": "completed"})
    redact(person)
    person.tell("customers/update", whole(6, minutes=99))

    assert traces.find() == set()
    assert not Customer.objects.exclude(shopify_id=OTHER).exists()


def test_f114_an_earlier_bundle_goes_too(person, traces):
    person.tell("customers/data_request", request(data_request={"id": 1}))
    working.work_off(tenant=person.tenant)
    assert PrivacyRequest.objects.get().bundle

    redact(person)

    assert traces.find() == set()


def test_what_is_pending_is_applied_before_its_body_goes(person, traces):
    person.tell("customers/redact", request())
    person.send("orders/create", buy(504, customer=None))
    asked = PrivacyRequest.objects.get()

    working.work_off(tenant=person.tenant)
    asked.refresh_from_db()
    assert (asked.done_at, asked.trouble) == (None, "still_arriving")

    person.apply()
    PrivacyRequest.objects.update(held_until=None)
    working.work_off(tenant=person.tenant)
    assert Order.objects.filter(shopify_id=504, email=None).exists()
    assert traces.find() == set()


def test_the_files_of_a_running_sync_are_waited_for(person):
    start_sync(tenant=person.tenant)

    assert redact(person).trouble == "still_arriving"


# --- Row 115: what comes after ------------------------------------------------------------


LATE = {
    "an order": ("orders/updated", buy(501, minutes=60)),
    "an order that is new": ("orders/create", buy(505, minutes=60)),
    "an order without its customer": ("orders/updated", buy(502, minutes=60, customer=None)),
    "a guest's order": ("orders/updated", buy(503, minutes=60, customer=None)),
    "the customer": ("customers/update", whole(minutes=60)),
    "a refund": ("refunds/create", {**refund(33, order_id=502), "note": "Canaryson again"}),
    "a consent": ("customers_email_marketing_consent/update", {
        "customer_id": ID, "email_address": "canary@example.com",
        "email_marketing_consent": {"state": "subscribed", "consent_updated_at": at(60)}}),
    "a checkout": ("checkouts/update", {
        "id": 602, "total_price": "5", "currency": "GBP", "updated_at": at(60),
        "email": "canary@example.com", "customer": whole()}),
    "what nobody handles": ("fulfillments/update", {"customer_id": ID, "note": "Canaryson"}),
    "what nobody can read": ("customers/update", {"id": ID, "email": 5, "note": "Canaryson"}),
    "a deletion": ("customers/delete", {"id": ID}),
}  # fmt: skip


@pytest.mark.parametrize("late", LATE)
def test_f115_what_comes_late_brings_nobody_back(late, person, traces):
    redact(person)
    topic, payload = LATE[late]
    person.tell(topic, payload)

    assert traces.find() == set()
    assert not Customer.objects.filter(shopify_id=ID).exists()


def test_f115_a_late_order_counts_without_the_person(person):
    redact(person)
    person.tell("orders/create", buy(505, total="70.00"))

    kept = Order.objects.get(shopify_id=505)
    assert (kept.amount, kept.customer, kept.email) == (70, None, None)
    assert kept.discount_codes is None
    assert kept.line_items.count() == 1


def test_f115_a_merge_into_them_goes_their_way(person, traces):
    redact(person)
    person.tell("customers/create", whole(6))
    merged = {f"admin_graphql_api_customer_{name}_id": f"gid://shopify/Customer/{number}"
              for name, number in (("kept", ID), ("deleted", 6))}  # fmt: skip
    person.tell("customers/merge", {**merged, "status": "completed"})

    assert not Customer.objects.exclude(shopify_id=OTHER).exists()
    assert not traces.find() - {"webhooks_delivery"}  # of 6 nobody asked for an erasure


def test_f115_others_in_the_same_batch_are_told_in_full(person):
    redact(person)
    person.send("customers/update", whole(minutes=60))
    person.send("orders/create", order(901))
    person.apply()

    assert Order.objects.get(shopify_id=901).email == "dee@example.com"
    assert bytes(Delivery.objects.latest("pk").body)


def test_a_blanked_delivery_is_not_replayed(person):
    from webhooks.actions import replay_deliveries

    redact(person)

    assert (
        replay_deliveries(tenant=person.tenant, states=list(State))
        == Delivery.objects.exclude(body=b"").count()
    )
    assert Tombstone.objects.filter(kind="customer", shopify_id=ID).exists()
    assert WORDS
