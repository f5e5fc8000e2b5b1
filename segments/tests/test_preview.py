"""A live count with a few of those whom it counts; past two seconds an estimate."""

import pytest
from django.db import connection, transaction

from customers.tests.builders import make_customer
from segments import preview as previews
from segments.language import parse
from segments.preview import PreviewTooSlow, preview
from segments.tests.asking import CLOCK
from tests.statements import tenant_of_statement

ALL = parse("number_of_orders >= 0")
SOME = parse("number_of_orders = 1")


@pytest.fixture
def fifty(in_anas_store):
    """Fifty customers, each second one with an order."""
    return [make_customer(in_anas_store, orders_count=number % 2) for number in range(50)]


def test_the_count_comes_with_the_newest_twenty_five(fifty, django_assert_num_queries):
    newest = [customer.pk for customer in reversed(fifty)][:25]

    seen = preview(ALL, clock=CLOCK)

    assert (seen.count, seen.estimated) == (50, False)
    assert list(seen.sample) == newest


def test_no_more_are_looked_through_than_the_bound_and_these_are_shown_in_order(fifty, monkeypatch):
    monkeypatch.setattr(previews, "LOOKED_THROUGH", 10)

    seen = preview(ALL, clock=CLOCK)

    assert (seen.count, len(seen.sample)) == (50, 10)
    assert list(seen.sample) == sorted(seen.sample, reverse=True)
    assert set(seen.sample) < {customer.pk for customer in fifty}


def test_of_many_the_newest_are_asked_and_all_are_counted(fifty, monkeypatch):
    monkeypatch.setattr(previews, "MANY", 0)
    monkeypatch.setattr(previews, "count_and_ids", None)  # not needed
    monkeypatch.setattr(previews, "NEWEST", (10, 40))
    newest = [customer.pk for customer in reversed(fifty)][:25]

    seen = preview(ALL, clock=CLOCK)

    assert (seen.count, list(seen.sample)) == (50, newest)


def test_where_the_newest_are_not_found_all_are_asked(fifty, monkeypatch):
    monkeypatch.setattr(previews, "MANY", 0)
    monkeypatch.setattr(previews, "NEWEST", (10, 20))

    seen = preview(SOME, clock=CLOCK)

    assert (seen.count, len(seen.sample)) == (25, 25)


def test_nobody_is_a_count_of_nothing(in_anas_store):
    seen = preview(ALL, clock=CLOCK)

    assert (seen.count, seen.sample, seen.estimated) == (0, (), False)


@pytest.fixture
def too_slow(monkeypatch):
    """The first so many statements take longer than their time."""

    def slow(times):
        real, calls = previews.count_and_ids, iter(range(100))

        def counted(*statement):
            if next(calls) < times:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(5)")
            return real(*statement)

        monkeypatch.setattr(previews, "count_and_ids", counted)
        monkeypatch.setattr(previews, "SECONDS", 0.1)

    return slow  # fmt: skip


def test_past_the_limit_it_is_a_marked_estimate(fifty, too_slow):
    too_slow(1)

    seen = preview(SOME, clock=CLOCK, seconds=0.05)

    assert (seen.count, seen.estimated) == (25, True)
    assert (seen.asked, seen.of) == (50, 50)
    assert len(seen.sample) == 25


def test_an_estimate_of_a_part_says_how_sure_it_is(fifty, too_slow, monkeypatch):
    monkeypatch.setattr(previews, "SAMPLES", (25,))
    too_slow(1)

    seen = preview(SOME, clock=CLOCK, seconds=0.05)

    assert seen.estimated
    assert 0 < seen.asked < seen.of == 50
    assert abs(seen.count - 25) <= 2 * seen.error


def test_what_cannot_be_tried_at_all_is_refused(fifty, too_slow):
    too_slow(3)

    with pytest.raises(PreviewTooSlow):
        preview(SOME, clock=CLOCK, seconds=0.05)


def test_a_cancelled_statement_leaves_the_transaction_as_it_was(fifty, too_slow, in_anas_store):
    too_slow(1)

    with transaction.atomic():
        limit = setting()
        preview(SOME, clock=CLOCK, seconds=0.05)

        assert setting() == limit
        assert tenant_of_statement() == in_anas_store.pk


def test_other_troubles_of_the_database_are_no_estimate(fifty, monkeypatch):
    def broken(*statement):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(previews, "count_and_ids", broken)

    with pytest.raises(Exception, match="division by zero"):
        preview(ALL, clock=CLOCK)


def setting():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]
