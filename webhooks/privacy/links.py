"""The buttons on a customer's page that lead to their data and to their erasure."""

from django.http import HttpRequest
from django.urls import reverse

from customers.models import Customer
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.page_links import PageLink
from webhooks.privacy.asking import open_erasures

PLACE = "customers.Customer.page"
# Whoever hands everything out, or has it erased, answers for the store.
TAKES_DATA = (Right.VIEW_CUSTOMERS, Right.EXPORT_DATA, Right.MANAGE_STORE)
ERASES = (Right.VIEW_CUSTOMERS, Right.EDIT_CUSTOMERS, Right.MANAGE_STORE)


def data_of(request: HttpRequest, customer: Customer) -> PageLink | None:
    """Where the file with everything about them is."""
    if not all(holds(request, right) for right in TAKES_DATA):
        return None
    url = reverse("admin:webhooks_privacyrequest_data", args=[customer.pk])
    return PageLink("Export this person's data", "download", url)


def erasure_of(request: HttpRequest, customer: Customer) -> PageLink | None:
    """Where the erasure begins, or how the one stands that has begun."""
    if not all(holds(request, right) for right in ERASES):
        return None
    begun = open_erasures(customer).values_list("pk", flat=True).first()
    if begun is not None:
        url = reverse("admin:webhooks_privacyrequest_change", args=[begun])
        return PageLink("Being erased", "hourglass_top", url)
    url = reverse("admin:webhooks_privacyrequest_erase", args=[customer.pk])
    return PageLink("Erase this person", "person_remove", url)
