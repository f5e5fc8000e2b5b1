"""What was asked for people, by when it is due, and the data for the merchant to hand on."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import NOTHING, day, link, moment
from tenants.scoping.filtering import ChoiceFilter
from webhooks.admin_base import WorkAdmin
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.pages import VIEWS, file_of
from webhooks.privacy.receipts import find_receipt

TROUBLES = {
    "still_arriving": "Webhooks or a sync that name the person are being applied first.",
    "still_connected": "Shopify wants the store erased, and has not said that it was uninstalled.",
    "reinstalled": "Nothing was erased: the store was installed again after it was asked for.",
    "failed": "It failed and is tried again; the log says where.",
}


@admin.register(PrivacyRequest)
class PrivacyAdmin(WorkAdmin[PrivacyRequest]):
    """By when each is due, and the data to hand on; what staff themselves ask of a customer."""

    empty_text = (
        "Shopify asks here for customers' data, or for its erasure. There is nothing to do until"
        " then."
    )
    list_display = ("kind", "customer", "asked_by", "received", "due", "what_became", "download")
    list_filter = (ChoiceFilter.of("kind", PrivacyRequest.Kind.choices),)
    fields = (
        ("kind", "customer"), ("what_became", "why"), ("asked_by", "received"), ("due", "done"),
        ("attempts", "receipt"), "download",
    )  # fmt: skip
    change_form_outer_before_template = "privacy/state.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyRequest]:
        # A bundle may have megabytes: a page only asks whether there is one.
        ready = Case(
            When(bundle__isnull=False, then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        return super().get_queryset(request).defer("bundle").annotate(ready=ready)

    def get_urls(self) -> list[Any]:
        own = [
            path(
                "<path:object_id>/download/",
                self.admin_site.admin_view(self.send_bundle),
                name="webhooks_privacyrequest_download",
            )
        ]
        of_customers = [
            path(
                f"customer/<int:customer_id>/{name}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"webhooks_privacyrequest_{name}",
            )
            for name, view in VIEWS.items()
        ]
        return [*own, *of_customers, *super().get_urls()]

    def send_bundle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The customer's data as a file, noted in the audit trail."""
        if not holds(request, Right.MANAGE_STORE):
            raise PermissionDenied
        asked = self.get_object(request, object_id)
        if asked is None or asked.bundle is None:
            raise Http404("There is no data to download, or not any more.")
        self.audit(request, "downloaded", asked)
        name = f"customer-{asked.customer_shopify_id or asked.pk}.json"
        return file_of(bytes(asked.bundle), name)

    @admin.display(description="Customer")
    def customer(self, asked: PrivacyRequest) -> str:
        """Shopify's id; nothing else of a person is shown here."""
        number = asked.customer_shopify_id or 0
        return f"{-number} (imported)" if number < 0 else str(number or NOTHING)

    @admin.display(description="Asked by")
    def asked_by(self, asked: PrivacyRequest) -> str:
        """Shopify in most cases."""
        return asked.get_origin_display()

    @admin.display(description="Receipt")
    def receipt(self, asked: PrivacyRequest) -> SafeString | str:
        """The proof of an erasure, in which nothing of the person is."""
        if asked.kind != PrivacyRequest.Kind.REDACT or not asked.customer_shopify_id:
            return NOTHING
        found = find_receipt(
            shop_domain=asked.tenant.shop_domain, customer_id=asked.customer_shopify_id
        )
        return format_html('<code class="xeno-code">{}</code>', found) if found else NOTHING

    @admin.display(description="Received")
    def received(self, asked: PrivacyRequest) -> str:
        """When it came, in the store's time zone."""
        return moment(asked.received_at)

    @admin.display(description="Due")
    def due(self, asked: PrivacyRequest) -> str:
        """By which day it must be done."""
        return day(asked.due_at)

    @admin.display(description="Done")
    def done(self, asked: PrivacyRequest) -> str:
        """When it was done."""
        return moment(asked.done_at)

    def tell_state(self, row: PrivacyRequest) -> tuple[str, str]:
        """Done, open, or open for too long."""
        if row.done_at:
            return ("not erased", "warning") if row.trouble else ("done", "success")
        overdue = row.due_at < timezone.now()
        return ("overdue", "danger") if overdue else ("open", "info")

    def explain(self, row: PrivacyRequest) -> str:
        return TROUBLES.get(row.trouble, row.trouble)

    @admin.display(description="Data")
    def download(self, asked: Any) -> SafeString | str:
        """A link to the customer's data, while it is kept."""
        if not asked.ready:
            return NOTHING
        url = reverse("admin:webhooks_privacyrequest_download", args=[asked.pk])
        return link(url, "Download")
