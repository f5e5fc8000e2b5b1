"""Customers for tests, with no more said than the test is about."""

from itertools import count
from typing import Any

from django.utils import timezone

from customers.models import Customer, CustomerTag
from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope

numbers = count(1)


def make_customer(store: Tenant, *, tags: tuple[str, ...] = (), **fields: Any) -> Customer:
    """A customer of the store."""
    with tenant_scope(store.pk):
        customer = Customer.objects.create(shopify_id=next(numbers), **fields)
        CustomerTag.objects.bulk_create(
            CustomerTag(
                tenant=store,
                customer=customer,
                tag=tag,
                tag_key=tag.lower(),
                changed_at=timezone.now(),
            )
            for tag in tags
        )
    return customer
