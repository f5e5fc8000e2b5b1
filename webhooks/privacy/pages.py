"""A customer's data as a file for staff, and the page that asks before somebody is erased."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.models import Message
from customers.models import Customer
from orders.models import Order
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from webhooks.privacy import asking
from webhooks.privacy.links import ERASES, TAKES_DATA

if TYPE_CHECKING:
    from webhooks.privacy.admin import PrivacyAdmin


def data(page: "PrivacyAdmin", request: HttpRequest, customer_id: int) -> HttpResponse:
    """Everything about the customer as a file."""
    check_rights(request, TAKES_DATA)
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    customer = find_customer(customer_id)
    if customer is None:
        return missing(page, request, customer_id)
    raw = asking.take_data(actor=get_actor(request), tenant=get_store(request), customer=customer)
    return file_of(raw, f"customer-{number_of(customer)}.json")


def erase(page: "PrivacyAdmin", request: HttpRequest, customer_id: int) -> HttpResponse:
    """What would go and what would stay; a POST with the right word has it done."""
    check_rights(request, ERASES)
    customer = find_customer(customer_id)
    if customer is None:
        return missing(page, request, customer_id)
    typed = request.POST.get("confirmation", "").strip()
    if request.method == "POST" and typed.lower() in words_of(customer):
        started = asking.start_erasure(
            actor=get_actor(request), tenant=get_store(request), customer=customer
        )
        messages.success(request, "The erasure has begun. You can leave this page.")
        return HttpResponseRedirect(
            reverse("admin:webhooks_privacyrequest_change", args=[started.pk])
        )
    save_reading(
        actor=get_actor(request),
        action="customer.viewed",
        object_type=Customer._meta.label_lower,
        object_id=str(customer.pk),
        seen=[customer.pk],
    )
    context = {
        **page.admin_site.each_context(request),
        "title": f"Erase {customer}",
        "model_admin": page,
        "customer": customer,
        "store": get_store(request),
        "begun": asking.open_erasures(customer).first(),
        "words": words_of(customer),
        "refused": request.method == "POST",
        "stays": list(what_stays(customer)),
        "may_take_data": all(holds(request, right) for right in TAKES_DATA),
    }
    return TemplateResponse(request, "privacy/erase.html", context)


def what_stays(customer: Customer) -> Iterator[str]:
    """What is kept of the person's doings, without the person."""
    orders = Order.objects.filter(customer=customer).count()
    if orders:
        yield f"{orders:,} order{pluralize(orders)} and what was paid: revenue stays as it is"
    sent = Message.objects.filter(customer=customer).count()
    if sent:
        yield f"{sent:,} message{pluralize(sent)}, as a count in the campaigns' reports"


def check_rights(request: HttpRequest, rights: Iterable[Right]) -> None:
    """Raise PermissionDenied for the first right that is missing."""
    for right in rights:
        if not holds(request, right):
            raise PermissionDenied(f"This takes the right “{right.label}”.")


def find_customer(customer_id: int) -> Customer | None:
    """The open store's customer."""
    found: Customer | None = Customer.objects.filter(pk=customer_id).first()
    return found


def missing(page: "PrivacyAdmin", request: HttpRequest, customer_id: int) -> HttpResponse:
    """What Django answers to an id that is not there."""
    told: Any = page._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
    return told(request, Customer._meta, str(customer_id))  # type: ignore[no-any-return]


def number_of(customer: Customer) -> int:
    """Shopify's id of the customer, or ours of whom Shopify does not know."""
    return customer.shopify_id if customer.shopify_id > 0 else customer.pk


def words_of(customer: Customer) -> list[str]:
    """What must be typed, one of them, before the customer is erased."""
    return [*([customer.email.lower()] if customer.email else []), str(number_of(customer))]


def file_of(raw: bytes, name: str) -> HttpResponse:
    """A JSON file that nobody on the way keeps."""
    return HttpResponse(
        raw,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


VIEWS = {"data": data, "erase": erase}
