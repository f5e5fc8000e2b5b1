"""Refunds go to the customer's latest earlier orders; what matches nothing is counted."""

from decimal import Decimal

from bench.events import Event, Story, whole_story
from bench.tests.shop import invoice


def given_back(story: Story) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """(order, C invoice, [(position of the line, quantity)]) of each refund told."""
    return [
        (
            event.order.number,
            event.refunds[-1].invoice.number,
            [(refunded.line.position, refunded.quantity) for refunded in event.refunds[-1].lines],
        )
        for event in story.events
        if event.topic == "refunds/create"
    ]


def topics(events: list[Event]) -> list[str]:
    return [event.topic for event in events]


def test_a_refund_is_told_before_the_change_of_its_order() -> None:
    story = whole_story([invoice("1", 0, ("A", 5, "2.00")), invoice("C2", 1, ("A", -2, "2.00"))])

    assert topics(story.events) == ["orders/create", "refunds/create", "orders/updated"]
    assert given_back(story) == [("1", "C2", [(1, 2)])]
    assert story.events[-1].refunds[0].amount == Decimal("4.00")
    assert story.events[-1].cause.date == "2011-03-01T09:01:00+00:00"
    assert +story.left_out == {}


def test_a_refund_takes_from_the_latest_order_first_and_spreads_when_it_has_not_enough() -> None:
    story = whole_story(
        [
            invoice("1", 0, ("A", 5, "2.00")),
            invoice("2", 1, ("B", 9, "1.00"), ("A", 3, "2.50")),
            invoice("3", 2, ("B", 9, "1.00")),
            invoice("C4", 3, ("A", -4, "2.00")),
            invoice("C5", 4, ("A", -2, "2.00")),
        ]
    )

    assert given_back(story) == [
        ("2", "C4", [(2, 3)]),
        ("1", "C4", [(1, 1)]),
        ("1", "C5", [(1, 2)]),
    ]
    refunds = [event.refunds[-1] for event in story.events if event.topic == "refunds/create"]
    assert [refund.amount for refund in refunds] == [
        Decimal("7.50"),
        Decimal("2.00"),
        Decimal("4.00"),
    ]
    assert [refund.index for refund in refunds] == [1, 2, 1]


def test_two_lines_of_a_refund_on_one_order_line_become_one() -> None:
    returned = invoice("C2", 1, ("A", -1, "2.00"), ("A", -2, "2.00"))

    story = whole_story([invoice("1", 0, ("A", 5, "2.00")), returned])

    assert given_back(story) == [("1", "C2", [(1, 3)])]


def test_an_order_of_the_same_minute_or_of_another_customer_is_not_taken_from() -> None:
    sold = [invoice("1", 3, ("A", 5, "2.00")), invoice("2", 0, ("A", 5, "2.00"), customer=8)]

    story = whole_story([*sold, invoice("C3", 3, ("A", -2, "2.00"))])

    assert given_back(story) == []
    assert story.left_out["C invoices that match nothing"] == 1
    assert story.left_out["refund lines that match nothing"] == 1
    assert story.left_out["refunded pieces that match nothing"] == 2


def test_more_taken_back_than_was_sold_is_counted() -> None:
    story = whole_story([invoice("1", 0, ("A", 5, "2.00")), invoice("C2", 1, ("A", -7, "2.00"))])

    assert given_back(story) == [("1", "C2", [(1, 5)])]
    assert +story.left_out == {
        "refund lines matched in part": 1,
        "refunded pieces that match nothing": 2,
    }


def test_what_is_no_sale_is_counted_and_not_told() -> None:
    story = whole_story(
        [
            invoice("A1", 0, ("B", 1, "11062.06"), customer=None),
            invoice("2", 1, ("X", -3, "0"), customer=None),
            invoice("3", 2, ("X", -3, "0"), ("Y", 1, "0")),
            invoice("C4", 3, ("Y", -1, "0"), customer=None),
        ]
    )

    assert [(event.order.number, len(event.order.lines)) for event in story.events] == [("3", 1)]
    assert +story.left_out == {
        '"A" invoices': 1,
        "lines with quantity not above 0": 2,
        "invoices left with no line": 1,
        "C invoices without a customer": 1,
    }
