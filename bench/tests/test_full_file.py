"""The whole file gives the published totals; skipped where it is not beside the repository."""

from collections import Counter
from decimal import Decimal

import pytest

from bench.events import Event, Story, clean_story, whole_story
from bench.online_retail import Invoice, read_invoices
from bench.payloads import line_id, order_id, product_id, refund_id
from bench.tests.shop import FULL_FILE, signed
from tests import oracle

pytestmark = pytest.mark.skipif(
    not FULL_FILE.exists(), reason="the full Online Retail file (../shared) is not here"
)


@pytest.fixture(scope="module")
def invoices() -> list[Invoice]:
    return read_invoices(FULL_FILE)


@pytest.fixture(scope="module")
def whole(invoices: list[Invoice]) -> Story:
    return whole_story(invoices)


def left(event: Event) -> Decimal:
    return event.order.total - sum((refund.amount for refund in event.refunds), Decimal(0))


def test_the_clean_rule_gives_the_published_totals(invoices: list[Invoice]) -> None:
    orders = [event.order for event in clean_story(invoices).events]

    assert len({order.customer for order in orders}) == 4_338
    assert (len(orders), sum(len(order.lines) for order in orders)) == (18_532, 397_884)
    assert sum(order.total for order in orders) == Decimal("8911407.90")


@pytest.mark.slow
def test_the_payloads_give_the_published_totals(invoices: list[Invoice]) -> None:
    rows = oracle.expected(signed(clean_story(invoices).events))

    assert (rows.customers_with_orders, len(rows.orders), len(rows.lines)) == (
        4_338,
        18_532,
        397_884,
    )
    assert rows.revenue == rows.spent == Decimal("8911407.90")
    for customer, count, spent in (12347, 7, "4310.00"), (14646, 73, "280206.02"):
        row = rows.customers[customer]
        assert (row.orders_count, row.total_spent) == (count, Decimal(spent))
    by_customer = {
        row.shopify_id: (row.orders_count, row.total_spent) for row in rows.customers.values()
    }
    assert by_customer == oracle.clean_totals(FULL_FILE)


def test_the_whole_story_is_counted(whole: Story) -> None:
    assert Counter(event.topic for event in whole.events) == {
        "orders/create": 20_725,
        "refunds/create": 3_848,
        "orders/updated": 3_848,
    }
    assert +whole.left_out == {
        '"A" invoices': 3,
        "C invoices that match nothing": 522,
        "C invoices without a customer": 182,
        "invoices left with no line": 1_336,
        "lines with quantity not above 0": 1_336,
        "refund lines matched in part": 54,
        "refund lines that match nothing": 1_337,
        "refunded pieces that match nothing": 23_988,
    }


def test_no_order_is_refunded_beyond_its_total(whole: Story) -> None:
    assert min(map(left, whole.events)) == 0


def test_no_tie_is_left_to_the_order_of_arrival(whole: Story) -> None:
    orders = [event for event in whole.events if event.topic != "refunds/create"]
    countries: dict[tuple[str, str], set[str]] = {}
    for event in orders:
        countries.setdefault((event.order.number, event.cause.date), set()).add(event.cause.country)

    updates = Counter((event.order.number, event.cause.date, left(event)) for event in orders)
    assert max(updates.values()) == 1
    assert max(map(len, countries.values())) == 1


def test_ids_are_unique(whole: Story) -> None:
    placed = [event.order for event in whole.events if event.topic == "orders/create"]
    refunds = [
        refund_id(event.refunds[-1]) for event in whole.events if event.topic == "refunds/create"
    ]
    lines = [line_id(order.number, line.position) for order in placed for line in order.lines]
    codes = {line.stock_code for order in placed for line in order.lines}

    assert len({order_id(order.number) for order in placed}) == len(placed)
    assert len(set(refunds)) == len(refunds)
    assert len(set(lines)) == len(lines)
    assert len({product_id(code) for code in codes}) == len(codes)
