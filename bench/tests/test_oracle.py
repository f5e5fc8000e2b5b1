"""The plain computation follows the rules: what is newest, what a full tie means, what counts."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from bench.deliveries import Delivery
from bench.events import whole_story
from bench.tests.shop import invoice, signed
from tests import oracle


def changed(post: Delivery, **values: Any) -> Delivery:
    return Delivery(
        post.topic,
        post.path,
        post.headers,
        json.dumps({**json.loads(post.body), **values}).encode(),
    )


def test_two_changes_in_one_minute_end_with_the_lower_amount() -> None:
    posts = signed(
        whole_story(
            [
                invoice("1", 0, ("A", 5, "2.00")),
                invoice("C2", 1, ("A", -1, "2.00")),
                invoice("C3", 1, ("A", -2, "2.00")),
            ]
        ).events
    )

    for order in permutations(posts):
        rows = oracle.expected(order)

        assert next(iter(rows.orders.values())).current_amount == Decimal("4.00")
        assert next(iter(rows.orders.values())).refunded_amount == Decimal("6.00")
        assert rows.customers[7].total_spent == Decimal("4.00")


def test_two_orders_in_one_minute_leave_the_customer_of_the_larger_order_id() -> None:
    posts = signed(
        whole_story(
            [
                invoice("2", 0, ("A", 1, "1"), country="Spain"),
                invoice("1", 0, ("A", 1, "1"), country="Cyprus"),
            ]
        ).events
    )

    for order in permutations(posts):
        assert oracle.expected(order).customers[7].country_code == "ES"


def test_a_guests_order_is_kept_and_nobodys() -> None:
    rows = oracle.expected(
        signed(whole_story([invoice("1", 0, ("A", 1, "1"), customer=None)]).events)
    )

    assert [order.customer_id for order in rows.orders.values()] == [None]
    assert (rows.customers, rows.revenue) == ({}, Decimal("1.00"))


@pytest.mark.parametrize(
    "values",
    [{"test": True}, {"cancelled_at": "2011-03-02T00:00:00Z"}, {"financial_status": "voided"}],
)
def test_an_order_that_does_not_count_stays_and_adds_nothing(values: dict[str, Any]) -> None:
    first, second = signed(
        whole_story([invoice("1", 0, ("A", 1, "1")), invoice("2", 1, ("A", 1, "1"))]).events
    )

    rows = oracle.expected([first, changed(second, **values)])

    assert len(rows.orders) == 2
    assert (rows.customers[7].orders_count, rows.customers[7].total_spent) == (1, Decimal("1.00"))
    assert rows.customers[7].last_order_at == rows.customers[7].first_order_at


def test_another_currency_is_counted_and_never_added() -> None:
    (post,) = signed(whole_story([invoice("1", 0, ("A", 1, "1"))]).events)

    customer = oracle.expected([changed(post, currency="EUR")]).customers[7]

    assert (customer.orders_count, customer.total_spent) == (1, Decimal(0))


def test_a_refund_waits_for_its_order() -> None:
    posts = signed(
        whole_story([invoice("1", 0, ("A", 5, "2.00")), invoice("C2", 1, ("A", -1, "2.00"))]).events
    )

    assert oracle.expected([posts[1]]).refunds == {}


def test_the_digest_compares_values_and_not_their_spelling() -> None:
    utc = datetime(2011, 3, 1, 9, tzinfo=UTC)
    oslo = utc.astimezone(timezone(timedelta(hours=1)))

    assert oracle.digest([[(2, utc), (1, Decimal("2.5"))]]) == oracle.digest(
        [[(1, Decimal("2.50")), (2, oslo)]]
    )
    assert oracle.digest([[(1,)], []]) != oracle.digest([[], [(1,)]])
