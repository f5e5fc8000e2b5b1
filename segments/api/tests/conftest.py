"""Ana's store with five customers of one to five orders, and segments in it."""

from collections.abc import Callable
from typing import Any

import pytest

from customers.models import Customer
from customers.tests.builders import make_customer
from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import Tenant


@pytest.fixture
def five(in_anas_store: Tenant) -> list[Customer]:
    """Customers with 1, 2, … 5 orders, in the order of their ids."""
    return [
        make_customer(in_anas_store, email=f"{n}@example.com", orders_count=n) for n in range(1, 6)
    ]


@pytest.fixture
def segment(in_anas_store: Tenant) -> Callable[..., Segment]:
    """Makes a segment whose members are up to date: of three orders and more unless said."""

    def make(**fields: Any) -> Segment:
        data = SegmentData(**{"name": "Regulars", "query": "number_of_orders >= 3", **fields})
        made = create_segment(actor=Actor(), tenant=in_anas_store, data=data)
        while keeping.keep(tenant=in_anas_store):
            pass
        return made

    return make
