"""Whom a store could write to, and what campaigns brought in a period: of all of them together."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from campaigns.models import Reach, Suppression, Touch
from campaigns.numbers import reach
from campaigns.numbers.attributed import find_attributed
from customers.models import Customer
from orders.numbers.periods import Period
from orders.tests.builders import make_order
from tests.rows import make_row

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
CLICKED = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_who_has_no_consent_no_address_or_a_suppressed_one_is_not_reached(in_anas_store, kim, lee):
    Customer.objects.create(shopify_id=3, email="no@example.com", email_consent="unsubscribed")
    Customer.objects.create(shopify_id=4, email_consent="subscribed")
    Suppression.objects.create(channel="email", address="lee@example.com", reason="bounced")
    reach.count_reach(tenant=in_anas_store)

    found, _ = reach.find_reach(tenant=in_anas_store)

    assert (found.customers, found.by_email, found.share) == (4, 1, 0.25)


def test_a_store_that_was_not_counted_says_so(in_anas_store):
    assert reach.find_reach(tenant=in_anas_store)[0].counted_at is None
    assert not reach.is_due(tenant=in_anas_store)


def test_what_was_counted_on_a_day_is_kept_and_found_by_a_later_one(in_anas_store, kim, lee):
    make_row(Reach, day=MARCH.last, customers=5, reachable=4)
    make_row(Reach, day=MARCH.first, customers=3, reachable=3)
    reach.count_reach(tenant=in_anas_store)
    reach.count_reach(tenant=in_anas_store)

    now, april = reach.find_reach(tenant=in_anas_store, until=MARCH.last + timedelta(days=9))
    _, march = reach.find_reach(tenant=in_anas_store, until=MARCH.last - timedelta(days=1))
    _, february = reach.find_reach(tenant=in_anas_store, until=MARCH.first - timedelta(days=1))

    assert Reach.objects.count() == 3
    assert (now.by_email, april.by_email, march.by_email, february) == (2, 4, 3, None)


def test_the_api_tells_the_reach_of_now_beside_that_of_the_period_before(
    ana_api, in_anas_store, kim
):
    make_row(Reach, day=date(2026, 2, 20), customers=3, reachable=3)
    reach.count_reach(tenant=in_anas_store)

    asked = "/analytics/overview?from=2026-03-01&to=2026-03-31"
    alone, beside = (ana_api.get(url).json() for url in (asked, f"{asked}&compare=previous"))

    assert (beside["reachable"]["by_email"], beside["previously_reachable"]["by_email"]) == (1, 3)
    assert alone["previously_reachable"] is None


def test_it_is_counted_again_when_customers_have_changed_and_only_once_in_a_while(
    in_anas_store, kim
):
    before = reach.is_due(tenant=in_anas_store)
    reach.count_reach(tenant=in_anas_store)
    at_once = reach.is_due(tenant=in_anas_store)
    Reach.objects.update(counted_at=datetime.now(UTC) - timedelta(minutes=10))
    changed = reach.is_due(tenant=in_anas_store)
    Customer.objects.update(synced_at=datetime.now(UTC) - timedelta(days=1))

    assert (before, at_once, changed) == (True, False, True)
    assert not reach.is_due(tenant=in_anas_store)


@pytest.mark.parametrize(("days", "machine", "credited"), [
    (1, "", True), (4, "", True), (6, "", False), (-1, "", False), (1, "scanner", False),
])  # fmt: skip
def test_an_order_is_campaigns_when_a_person_clicked_within_the_window(
    in_anas_store, kim, campaign, days, machine, credited
):
    make_row(Touch, campaign=campaign, customer=kim, kind="clicked", machine=machine,
             happened_at=CLICKED)  # fmt: skip
    make_order(in_anas_store, customer=kim, amount=30, processed_at=CLICKED + timedelta(days=days))
    make_order(in_anas_store, amount=40, processed_at=CLICKED + timedelta(days=days))

    found = find_attributed(tenant=in_anas_store, period=MARCH)

    assert (found.orders, found.revenue) == ((1, Decimal(30)) if credited else (0, 0))


def test_an_order_that_two_campaigns_touched_is_counted_once(in_anas_store, kim, campaign):
    for hours in (0, 1):
        make_row(Touch, campaign=campaign, customer=kim, kind="opened", machine="",
                 happened_at=CLICKED + timedelta(hours=hours))  # fmt: skip
    make_order(in_anas_store, customer=kim, amount=30, processed_at=CLICKED + timedelta(days=1))

    assert find_attributed(tenant=in_anas_store, period=MARCH).revenue == 30
