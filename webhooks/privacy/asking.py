"""What staff ask about a customer: their data at once, or their erasure, which a worker does."""

from django.db import transaction
from django.db.models import QuerySet

from customers.models import Customer
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from webhooks.mapping.privacy import Person, PrivacyData
from webhooks.privacy.bundling import encode_bundle, make_bundle
from webhooks.privacy.erasing import find_subject
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.requests import save_requests


def take_data(*, actor: Actor, tenant: Tenant, customer: Customer) -> bytes:
    """Everything that is held of the customer, as Shopify's request for it is answered."""
    person = person_of(customer)
    request = PrivacyRequest(
        customer_shopify_id=customer.shopify_id,
        emails=sorted(person.emails),
        phones=sorted(person.phones),
    )
    bundle = make_bundle(tenant=tenant, subject=find_subject(request))
    save_audit(actor=actor, action="customer.data_taken", target=customer, seen=[customer.pk])
    return encode_bundle(bundle)


@transaction.atomic
def start_erasure(*, actor: Actor, tenant: Tenant, customer: Customer) -> PrivacyRequest:
    """Have a worker erase the person, as for a request of Shopify's.

    While one is open, whoever asked for it, asking again changes nothing.
    """
    if open_one := open_erasures(customer).first():
        return open_one
    asked = PrivacyData(
        kind=PrivacyRequest.Kind.REDACT,
        customer_id=customer.shopify_id,
        order_ids=(),
        delivery_id=None,
        triggered_at=None,
        origin=PrivacyRequest.Origin.STAFF,
        person=person_of(customer),
    )
    save_requests(tenant=tenant, requests=[asked])
    started: PrivacyRequest = open_erasures(customer).latest("pk")
    # Of the request, which outlives the customer.
    save_audit(actor=actor, action="customer.erasure_started", target=started, seen=[customer.pk])
    return started


def open_erasures(customer: Customer) -> QuerySet[PrivacyRequest]:
    """The customer's erasure that is not done yet."""
    found: QuerySet[PrivacyRequest] = PrivacyRequest.objects.filter(
        kind=PrivacyRequest.Kind.REDACT, customer_shopify_id=customer.shopify_id, done_at=None
    )
    return found


def person_of(customer: Customer) -> Person:
    """How the customer is recognised besides the id."""
    emails, phones = (
        frozenset({text.lower()} if text else ()) for text in (customer.email, customer.phone)
    )
    return Person(emails, phones)
