"""Erasing a customer: nothing of the person stays in any table, the orders and their sums do.

Three steps, each harmless to do again, so that a killed worker's successor begins anew:
nothing of theirs comes in any more; the bodies that name them are blanked; their rows go.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q

from campaigns import leaving
from customers.actions import bury
from customers.models import Customer, Tombstone
from orders.models import Checkout, Order
from orders.rollups.noting import note_orders_of
from segments.changes import remove_members
from tenants.models import IdempotentAnswer, Tenant
from webhooks import leases
from webhooks.backfill.running import find_running
from webhooks.files import exporting, importing
from webhooks.mapping.privacy import Person, read_person
from webhooks.models import Delivery
from webhooks.privacy import receipts, spooled
from webhooks.privacy.bodies import blank_span, end_of_span, newest_id, pattern_of
from webhooks.privacy.late import Kind, save_redacted
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.requests import finish
from webhooks.privacy.tables import BLANKED, DELETED, children_first, paths_to_customer
from webhooks.reconciliation.models import Finding
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

LOCK_SECONDS = 30  # for a batch of webhooks to end


class StillArriving(Mistake):
    """A webhook that names the person is not applied yet, or a sync with their lines runs."""

    code = "still_arriving"
    message = "Something that names this person is still being taken in."
    retryable = True


@dataclass(frozen=True)
class Subject:
    """Whom a request is about, in Shopify's ids and in addresses."""

    customers: frozenset[int]  # with those that were merged into them
    orders: frozenset[int]
    checkouts: frozenset[int]
    emails: frozenset[str]
    phones: frozenset[str]

    @property
    def pattern(self) -> str:
        """What their bodies match. Numbers below zero are our own, and stand in none."""
        numbers = {n for n in self.customers | self.orders | self.checkouts if n > 0}
        return pattern_of(numbers=numbers, words=self.emails | self.phones)

    def is_in(self, text: str) -> bool:
        """Whether a text of our own answers names them."""
        known = (*self.emails, *self.phones, *(f'"shopify_id":{n},' for n in self.customers))
        return any(word in text.lower() for word in known)


def find_subject(request: PrivacyRequest) -> Subject:
    """Everything by which the person can be recognised in the open store."""
    person = find_person(request)
    known = Q(shopify_id=request.customer_shopify_id)
    if request.customer_shopify_id is None:
        # Without an id, whoever has the address.
        known = Q(email__in=person.emails) | Q(pk=None)
    if person.emails:
        # Whom an import brought, and Shopify did not know.
        imported = Q(email_search__in=[each.lower() for each in person.emails])
        # Such a one may have got Shopify's number since staff asked: the address says who it is.
        given = (request.customer_shopify_id or 0) < 0
        known |= imported if given else imported & Q(shopify_id__lt=0)
    rows = list(Customer.objects.filter(known).values_list("shopify_id", "email", "phone"))
    numbers = {row[0] for row in rows} | {request.customer_shopify_id or 0} - {0}
    emails = person.emails | {email.lower() for _, email, _ in rows if email}
    merged = Tombstone.objects.filter(kind="customer", merged_into__in=numbers)
    numbers |= set(merged.values_list("shopify_id", flat=True))
    theirs = Q(customer__shopify_id__in=numbers)
    # A guest's order has only an address; one that Shopify names may have lost its customer here.
    unowned = Q(customer=None) & (Q(email__in=emails) | Q(shopify_id__in=request.order_ids))
    return Subject(
        customers=frozenset(numbers),
        orders=frozenset(ids_of(Order, theirs | unowned)) | set(request.order_ids),
        checkouts=frozenset(ids_of(Checkout, theirs | Q(customer=None, email__in=emails))),
        emails=frozenset(emails),
        phones=person.phones | {phone.lower() for *_, phone in rows if phone},
    )


def find_person(request: PrivacyRequest) -> Person:
    """How the person is recognised, by the webhook's body or by what staff's request keeps."""
    body = Delivery.objects.filter(pk=request.delivery_id).values_list("body", flat=True).first()
    told = read_person(bytes(body or b""))
    return Person(told.emails | set(request.emails), told.phones | set(request.phones))


def ids_of(model: Any, which: Q) -> set[int]:
    """Shopify's ids of these rows."""
    return set(model.objects.filter(which).values_list("shopify_id", flat=True))


def redact_customer(*, tenant: Tenant, request: PrivacyRequest) -> None:
    """Erase the person; raises StillArriving when it must be gone on with later."""
    close_the_door(tenant=tenant, subject=find_subject(request))
    blank_bodies(tenant=tenant, request=request, subject=find_subject(request))
    with transaction.atomic():
        hold_store(tenant)
        # Found again: what was pending has brought its orders since.
        erase_rows(tenant=tenant, subject=(subject := find_subject(request)))
        for number in sorted(subject.customers):
            receipts.save_receipt(shop_domain=tenant.shop_domain, customer_id=number)
        finish(tenant=tenant, request=request)


@transaction.atomic
def close_the_door(*, tenant: Tenant, subject: Subject) -> None:
    """From here on nobody's word brings anything of them in."""
    hold_store(tenant)
    save_redacted(tenant=tenant, kind=Kind.CUSTOMER, numbers=subject.customers)
    save_redacted(tenant=tenant, kind=Kind.ORDER, numbers=subject.orders)
    bury(tenant=tenant, kind=Tombstone.Kind.CUSTOMER, shopify_ids=subject.customers)
    bury(tenant=tenant, kind=Tombstone.Kind.CHECKOUT, shopify_ids=subject.checkouts)
    # Whoever was merged into them leads to nobody now.
    Tombstone.objects.filter(kind="customer", merged_into__in=subject.customers).update(
        merged_into=None
    )


def hold_store(tenant: Tenant) -> None:
    """Let no batch of webhooks be written until the caller's transaction ends."""
    run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", [])
    leases.hold_for_transaction(tenant=tenant)


def blank_bodies(*, tenant: Tenant, request: PrivacyRequest, subject: Subject) -> None:
    """Blank the bodies that name them, from the mark on, and what else is kept for days."""
    last = newest_id(tenant)
    while request.mark < last:
        end = end_of_span(tenant, request.mark, last)
        if not blank_span(
            tenant=tenant,
            after=request.mark,
            to=end,
            pattern=subject.pattern,
            keeping=request.delivery_id,
        ):
            raise StillArriving
        request.mark = end
        PrivacyRequest.objects.filter(pk=request.pk).update(mark=end)
    if find_running() is not None:
        raise StillArriving  # its files hold every customer's lines until it ends
    spooled.remove_files(tenant_id=tenant.pk)
    for answer in IdempotentAnswer.objects.all():
        if subject.is_in(answer.answer):
            answer.delete()


def erase_rows(*, tenant: Tenant, subject: Subject) -> None:
    """Empty or delete every row that points at them, children first, and then their own."""
    people = list(
        Customer.objects.filter(shopify_id__in=subject.customers).values_list("pk", flat=True)
    )
    remove_members(tenant=tenant, customer_ids=people)  # the walk would not count them
    note_orders_of(tenant=tenant, customer_ids=people, going_to=None)
    leaving.erase(tenant=tenant, customer_ids=people, addresses=subject.emails)
    for model in [m for m in children_first(paths_to_customer()) if m is not Customer]:
        erase_of_table(tenant, model, people, subject)
    run("DELETE FROM customers_customer WHERE tenant_id = %s AND id = ANY(%s)", [tenant.pk, people])
    PrivacyRequest.objects.filter(customer_shopify_id__in=subject.customers).update(
        bundle=None, bundle_expires_at=None
    )
    # What a reconciliation found of them; the ledger's counts stay.
    theirs = Q(kind="customers", shopify_id__in=subject.customers)
    theirs |= Q(kind="checkouts", shopify_id__in=subject.checkouts)
    Finding.objects.filter(theirs).delete()
    exporting.forget_people()
    importing.forget({*subject.emails, *subject.phones, *map(str, subject.customers)})


def erase_of_table(tenant: Tenant, model: type[Model], people: list[int], subject: Subject) -> None:
    """Do with the rows of one table what `tables` says, and with its keys what they allow."""
    name = model._meta.db_table
    ids = find_rows(model, people, subject)
    if not ids:
        return
    mine = "WHERE tenant_id = %s AND id = ANY(%s)"
    direct = [field for field in model._meta.concrete_fields if field.related_model is Customer]
    if model._meta.label in DELETED or any(not field.null for field in direct):
        run(f"DELETE FROM {name} {mine}", [tenant.pk, ids])
        return
    blanks = dict(BLANKED.get(model._meta.label, {}))
    blanks |= {field.attname: None for field in direct}
    if blanks:
        sets = ", ".join(f"{connection.ops.quote_name(column)} = %s" for column in blanks)
        run(f"UPDATE {name} SET {sets} {mine}", [*blanks.values(), tenant.pk, ids])


def find_rows(model: type[Model], people: list[int], subject: Subject) -> list[int]:
    """The rows of the table that lead to the customer, or belong to one of their orders."""
    which = Q(pk=None)
    for path in paths_to_customer()[model]:
        which |= Q(**{f"{path}__in": people})
        if path == "order__customer":
            which |= Q(order__shopify_id__in=subject.orders)
    if model is Order:
        which |= Q(shopify_id__in=subject.orders)
    if model is Checkout:
        which |= Q(shopify_id__in=subject.checkouts)
    rows = model._default_manager.filter(which).values_list("pk", flat=True)
    return sorted(set(rows))
