"""The day of the newest checkout that was not completed."""

import pytest

from customers.tests.builders import make_customer
from orders.models import Checkout
from segments.tests.asking import at, finds
from segments.tests.test_explaining import make_checkout


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("= 2026-02-20", True),
        ("= 2026-02-10", False),  # not the newest
        ("!= 2026-02-10", True),
        ("!= 2026-02-20", False),
        ("< 2026-02-20", False),
        ("<= 2026-02-20", True),
        (">= 2026-02-20", True),
        ("> 2026-02-20", False),
        ("BETWEEN 2026-02-01 AND 2026-02-15", False),
        ("BETWEEN 2026-02-20 AND 2026-02-19", False),
        (">= -9d", True),
        (">= -8d", False),
        ("IS NULL", False),
        ("IS NOT NULL", True),
    ],
)
def test_only_the_newest_counts(in_anas_store, clause, expected):
    kim = make_customer(in_anas_store)
    make_checkout(kim, "2026-02-10T12:00")
    make_checkout(kim, "2026-02-20T12:00")
    make_checkout(kim, "2026-02-25T12:00")
    Checkout.objects.filter(created_at__gt=at("2026-02-21T00:00")).update(
        completed_at=at("2026-02-26T00:00")
    )

    assert finds(f"abandoned_checkout_date {clause}", kim) is expected


def test_without_one_it_is_null(in_anas_store):
    kim = make_customer(in_anas_store)

    assert finds("abandoned_checkout_date IS NULL", kim)
    assert finds("abandoned_checkout_date != 2026-02-10", kim)
    assert not finds("abandoned_checkout_date < 2030-01-01", kim)
