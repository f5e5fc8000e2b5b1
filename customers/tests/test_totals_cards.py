"""The figures above a customer's page: how long ago is counted in days of the store."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.models import Customer
from customers.totals_cards import totals_cards


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("days", "minutes", "told"),
    [
        (0, 0, "Today"),
        (0, -1, "1 day ago"),
        (-1, 0, "1 day ago"),
        (-1, -1, "2 days ago"),
        (2, 0, "Still to come"),
    ],
)
def test_the_last_order_is_as_many_days_ago_as_the_calendar_says(zone, days, minutes, told):
    with timezone.override(zone):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + timedelta(days=days, minutes=minutes)
        who = Customer(orders_count=1, total_spent=Decimal(5), first_order_at=at, last_order_at=at)

        *_, last = totals_cards(who, "GBP")

    assert last.note == told
