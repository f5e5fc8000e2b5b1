"""People of a store whose names try every trick, and a worker that works at once."""

import pytest

from customers.models import Customer, CustomerTag
from tests.rows import make_row
from webhooks.files import working

TRICKS = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', "'=1", "|cmd", "%x", "＝1",
)  # fmt: skip


@pytest.fixture
def people(in_anas_store):
    """One customer for each trick, by their first name."""
    rows = [
        make_row(Customer, shopify_id=number, email=f"p{number}@example.com", first_name=trick)
        for number, trick in enumerate(TRICKS, 100)
    ]
    make_row(CustomerTag, customer=rows[0], tag="=VIP", tag_key="=vip")
    return rows


@pytest.fixture
def make(in_anas_store):
    """The worker's turn, now."""

    def make():
        working.make_exports(tenant=in_anas_store)

    return make
