"""The product and the oracle asked the same: the one place that knows how each is asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from customers.models import Customer
from segments.compiling.compiler import matching
from segments.language.clock import Clock
from segments.language.tree import Node
from tenants.models import Tenant
from tests.segments.facts import Store
from tests.segments.oracle import Oracle
from tests.segments.stores import Case
from tests.segments.writing import write_store
from xeno.lib.postgres.scope import tenant_scope


class NotKept(Exception):
    """Ends an example: nothing of it is kept."""


def in_a_store(case: Case, work: Callable[[Tenant], None]) -> None:
    """Write the case's store, work within its scope, and take everything back."""
    try:
        with transaction.atomic():
            tenant = write_store(case.store)
            with tenant_scope(tenant.pk):
                work(tenant)
            raise NotKept
    except NotKept:
        pass


def clock_of(store: Store, now: datetime) -> Clock:
    """The product's clock at this moment of the store."""
    return Clock(now, store.zone, store.currency)


def oracle_of(store: Store, now: datetime) -> Oracle:
    """The oracle at this moment of the store."""
    return Oracle(store, now, store.zone, store.currency)


def by_sql(node: Node, clock: Clock, **options: Any) -> list[int]:
    """Shopify's ids of whom the SQL finds in the open store, each as often as it is found."""
    found = matching(node, clock=clock, **options).values_list("shopify_id", flat=True)
    return sorted(found)


def our_ids() -> dict[int, int]:
    """Our ids of the open store's customers, by Shopify's."""
    return dict(Customer.objects.values_list("shopify_id", "pk"))


def later(case: Case, **by: int) -> Case:
    """The same store, asked later or earlier."""
    return replace(case, now=case.now + timedelta(**by))
