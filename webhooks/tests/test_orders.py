"""What orders, refunds and their deletion leave in the database, in any order of arrival."""

from decimal import Decimal
from itertools import permutations

import pytest

from customers.models import Customer
from orders.models import LineItem, Order, Refund
from webhooks.models import Delivery, State
from webhooks.tests.shopify import at, line, order, refund, sample


def test_an_order_makes_its_customer_with_totals(shopify):
    shopify.tell("orders/create", order())

    dee = Customer.objects.get()
    assert (dee.shopify_id, dee.email, dee.orders_count) == (7, "dee@example.com", 1)
    assert dee.total_spent == Decimal("100.00")
    assert dee.total_spent_source == "computed"
    assert (dee.country, dee.region, dee.city) == ("US", "US-NY", "US-NY-NewYorkCity")


def test_shopifys_own_sample_is_applied(shopify):
    payload = sample("orders/create")
    payload["order_status_url"] = None  # it names the sample's shop, not Ana's

    assert shopify.tell("orders/create", payload).state == State.APPLIED
    kept = Order.objects.get()
    assert kept.amount == Decimal(payload["total_price"])
    assert kept.line_items.count() == len(payload["line_items"])


def test_a_guest_order_is_kept_without_a_customer(shopify):
    shopify.tell("orders/create", {**order(), "customer": None})

    assert Order.objects.get().customer is None
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "uncounted",
    [
        {"test": True},
        {"cancelled_at": at(1)},
        {"financial_status": "voided"},
        {"financial_status": "EXPIRED"},
    ],
)
def test_an_order_that_brought_nothing_does_not_count(shopify, uncounted):
    shopify.tell("orders/create", order(1))
    shopify.tell("orders/create", order(2, **uncounted))

    dee = Customer.objects.get()
    assert (dee.orders_count, dee.total_spent) == (1, Decimal(100))


@pytest.mark.parametrize("status", ["paid", "pending", "authorized", "refunded", None])
def test_an_order_in_any_other_state_counts(shopify, status):
    shopify.tell("orders/create", order(financial_status=status))

    assert Customer.objects.get().orders_count == 1


def test_an_amount_in_another_currency_is_never_added(shopify):
    shopify.tell("orders/create", order(1))
    shopify.tell("orders/create", order(2, currency="USD"))

    dee = Customer.objects.get()
    assert (dee.orders_count, dee.total_spent) == (2, Decimal(100))


def test_f035_an_update_before_its_create_gives_the_same(shopify):
    create, update = order(), order(minutes=5, financial_status="refunded", total="90.00")
    shopify.tell("orders/updated", update)
    shopify.tell("orders/create", create)

    kept = Order.objects.get()
    assert (kept.financial_status, kept.amount) == ("refunded", Decimal(90))


def test_f036_an_older_update_never_overwrites_a_newer_one(shopify):
    shopify.tell("orders/updated", order(minutes=9, fulfillment_status="fulfilled"))
    shopify.tell("orders/updated", order(minutes=5, fulfillment_status="partial"))

    assert Order.objects.get().fulfillment_status == "fulfilled"


def test_f036_within_one_second_the_later_trigger_wins(shopify):
    late, early = "2026-03-01T12:05:00.9Z", "2026-03-01T12:05:00.1Z"
    shopify.tell("orders/updated", order(minutes=5, source_name="late"), triggered_at=late)
    shopify.tell("orders/updated", order(minutes=5, source_name="early"), triggered_at=early)

    assert Order.objects.get().source == "late"


def test_times_are_compared_as_instants_not_as_texts(shopify):
    shopify.tell("orders/updated", order(updated_at="2026-03-01T12:00:00-05:00", source_name="new"))
    shopify.tell("orders/updated", order(updated_at="2026-03-01T13:00:00+00:00", source_name="old"))

    assert Order.objects.get().source == "new"


def test_f037_a_deleted_order_stays_deleted(shopify):
    shopify.tell("orders/create", order())
    shopify.tell("orders/delete", {"id": 1})
    late = shopify.tell("orders/updated", order(minutes=60))

    assert late.state == State.APPLIED
    assert not Order.objects.exists()
    assert not LineItem.objects.exists()
    assert Customer.objects.get().orders_count == 0


def test_f037_a_deletion_before_its_order_holds_too(shopify):
    shopify.tell("orders/delete", {"id": 1})
    shopify.tell("orders/create", order())

    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "sequence", list(permutations(["create", "touched", "refund", "updated"])), ids="-".join
)
def test_f038_a_refund_in_any_order_leaves_the_same_net_revenue(shopify, sequence):
    told = {
        "create": ("orders/create", order()),
        "touched": ("orders/updated", order(minutes=2, source_name="touched")),
        "refund": ("refunds/create", refund()),
        "updated": ("orders/updated", order(minutes=5, current_total_price="70.00")),
    }
    for word in sequence:
        shopify.tell(*told[word])

    kept = Order.objects.get()
    assert (kept.amount, kept.current_amount, kept.refunded_amount) == (100, 70, 30)
    assert Customer.objects.get().total_spent == 70
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.APPLIED}


def test_f038_a_refund_waits_for_its_order_without_using_up_attempts(shopify):
    shopify.send("refunds/create", refund(), webhook_id="early")
    for _ in range(6):
        shopify.apply()
        Delivery.objects.update(state=State.PENDING)
    shopify.apply()

    early = Delivery.objects.get()
    assert (early.state, early.attempts) == (State.WAITING, 0)
    assert "has not arrived" in early.reason


@pytest.mark.parametrize(
    "sequence", list(permutations(["create", "touched", "refund"])), ids="-".join
)
def test_f038_a_refund_is_taken_off_whatever_older_word_comes_after_it(shopify, sequence):
    told = {
        "create": ("orders/create", order()),
        "touched": ("orders/updated", order(minutes=2)),
        "refund": ("refunds/create", refund()),
    }
    for word in sequence:
        shopify.tell(*told[word])

    assert Order.objects.get().current_amount == 70
    assert Customer.objects.get().total_spent == 70


def test_f038_a_refund_of_an_order_that_is_deleted_waits_no_longer(shopify):
    shopify.tell("refunds/create", refund(), webhook_id="early")
    shopify.tell("orders/delete", {"id": 1})

    assert Delivery.objects.get(webhook_id="early").state == State.APPLIED


def test_a_refund_that_no_update_followed_is_taken_off_all_the_same(shopify):
    shopify.tell("orders/create", order())
    shopify.tell("refunds/create", refund())

    assert Order.objects.get().current_amount == 70
    assert Customer.objects.get().total_spent == 70


def test_a_refund_told_twice_is_one_refund(shopify):
    shopify.tell("refunds/create", refund())
    shopify.tell("orders/updated", order(minutes=5, refunds=[refund()], current_total_price="70"))
    shopify.tell("refunds/create", refund())

    assert Refund.objects.get().amount == 30
    assert Order.objects.get().refunded_amount == 30


def test_lines_follow_the_newest_word_as_a_whole(shopify):
    shopify.tell("orders/create", order(line_items=[line(11), line(12)]))
    shopify.tell("orders/edited", order(minutes=1, line_items=[line(12, quantity=2), line(13)]))

    lines = LineItem.objects.order_by("shopify_id").values_list("shopify_id", "quantity")
    assert list(lines) == [(12, 2), (13, 1)]


def test_an_absent_key_is_not_an_empty_value(shopify):
    shopify.tell("orders/create", order(discount_codes=[{"code": "SPRING"}], test=True))
    told = {"id": 1, "total_price": "100.00", "currency": "GBP", "updated_at": at(5)}
    shopify.tell("orders/updated", told)

    kept = Order.objects.get()
    assert (kept.customer.shopify_id, kept.name, kept.source) == (7, "#1001", "web")
    assert kept.processed_at.isoformat() == at(0)
    assert (kept.test, kept.discount_codes) == (True, ["SPRING"])
    assert kept.line_items.count() == 1


def test_money_is_exact_in_currencies_of_none_two_and_three_decimals(shopify):
    shopify.tell("orders/create", order(1, total="0.30"))
    shopify.tell("orders/create", order(2, total="1.234", currency="KWD"))
    shopify.tell("orders/create", order(3, total="1200", currency="JPY"))

    amounts = Order.objects.order_by("shopify_id").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("0.3"), Decimal("1.234"), Decimal(1200)]


def test_an_order_that_changes_hands_counts_for_its_new_owner_only(shopify):
    shopify.tell("orders/create", order())
    other = {"id": 8, "email": "eve@example.com", "updated_at": at(5)}
    shopify.tell("orders/updated", order(minutes=5, customer=other))

    counts = dict(Customer.objects.values_list("shopify_id", "orders_count"))
    assert counts == {7: 0, 8: 1}
    assert LineItem.objects.get().customer.shopify_id == 8


def test_f040_the_same_order_by_two_webhooks_is_one(shopify):
    shopify.tell("orders/create", order())
    shopify.tell("orders/paid", order())

    assert Order.objects.count() == 1
    assert Customer.objects.get().orders_count == 1
