"""Customers in the admin: who they are, what they agreed to, what they spent."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.address_panel import addresses_panel, place_of
from customers.consent_panel import CONSENT_KINDS, consent_history, consent_word
from customers.editing import edit_customer
from customers.forms import CustomerForm
from customers.models import Channel, Consent, Customer, CustomerTag
from customers.panels import CUSTOMER_PANELS
from customers.timeline_panel import show_timeline
from customers.totals_cards import totals_cards
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, get_store, holds
from tenants.scoping.display import (
    NOTHING,
    Panel,
    day,
    display,
    label,
    link_out,
    money,
    state_label,
    with_store,
)
from tenants.scoping.filtering import ChoiceFilter, DayRangeFilter, WordFilter
from tenants.scoping.next_steps import SEE_CONNECTION

MOST_TAGS = 100
IN_SHOPIFY: Any = (
    "In Shopify",
    {"fields": (("shopify_page", "created_at"), ("synced_at", "updated_at"))},
)
# Everything on the page that is not in the form.
SHOWN = (
    "full_name", "place", "email", "language", "phone", "state", "email_word", "sms_word", "tags",
    "shopify_page", "created_at", "synced_at", "updated_at",
)  # fmt: skip


class ConsentFilter(ChoiceFilter):
    """By consent to e-mail."""

    title = "e-mail consent"
    parameter_name = "email_consent"
    column = "email_consent"
    options = Consent.choices


class CountryFilter(WordFilter):
    """By country code."""

    title = "country (such as GB)"
    parameter_name = "country"

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        return queryset.filter(country=word.upper())


class TagFilter(WordFilter):
    """By one tag, in any case."""

    title = "tag"
    parameter_name = "tag"

    def find(self, queryset: Any, word: str) -> QuerySet[Any]:
        return queryset.tagged(word)  # type: ignore[no-any-return]


@admin.register(Customer)
class CustomerAdmin(TenantModelAdmin[Customer]):
    """What Shopify said, of which tags, note and the consent to e-mail can be changed here."""

    rights = {"view": Right.VIEW_CUSTOMERS, "change": Right.EDIT_CUSTOMERS}
    form = CustomerForm
    readonly_fields = SHOWN
    personal = "customer"
    empty_text = "Customers appear here as soon as Shopify sends the first one."
    next_step = SEE_CONNECTION
    list_display = ("person", "consent", "country", "orders", "spent", "last_order")
    # By spend, not by last order: a customer without orders would come first (NULL).
    ordering = ("-total_spent",)
    sortable_by = ("spent", "last_order")
    list_filter = (
        ConsentFilter,
        CountryFilter,
        TagFilter,
        ("last_order_at", DayRangeFilter.of("day of last order")),
    )
    search_fields = ("email_search", "first_name_search", "last_name_search")
    search_help_text = "E-mail or name begins with"
    list_before_template = "customers/list_before.html"
    change_form_outer_before_template = "customers/above.html"
    change_form_outer_after_template = "customers/below.html"
    fieldsets = (
        (
            None,
            {"fields": (("full_name", "place"), ("email", "language"), ("phone", "state"))},
        ),
        ("Consent", {"fields": (("email_word", "sms_word"),)}),
        ("Tags and note", {"fields": ("tags", "note")}),
        IN_SHOPIFY,
    )  # fmt: skip
    # For who may change it: the same, with fields in place of three words.
    edit_fieldsets = (
        *fieldsets[:1],
        ("Consent", {"fields": (("email_word", "sms_word"), ("consent_change", "consent_reason"))}),
        ("Tags and note", {"fields": ("tag_list", "note")}),
        IN_SHOPIFY,
    )

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        may_edit = self.has_change_permission(request, obj)
        return self.edit_fieldsets if may_edit else self.fieldsets

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """Through the one action, which writes the audit trail too."""
        edit_customer(
            actor=get_actor(request), tenant=get_store(request), customer_id=obj.pk, **form.wanted()
        )

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the action has."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return with_store(super().get_queryset(request), get_store(request))

    def panels(self, request: HttpRequest, obj: Customer) -> list[Panel]:
        store = get_store(request)
        added = (panel(store, obj) for panel in CUSTOMER_PANELS)
        return [*added, consent_history(obj), addresses_panel(obj)]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        customer: Customer | None = kwargs.get("obj")
        if customer is not None:
            context["cards"] = totals_cards(customer, get_store(request).currency)
            context["timeline"] = show_timeline(
                customer, asked=request.GET, holds=lambda right: holds(request, right)
            )
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Customer", header=True)  # type: ignore[untyped-decorator]
    def person(self, customer: Customer) -> tuple[str, str, str]:
        """Name, address and initials."""
        email = customer.email or ""
        first = customer.name or email or str(customer)
        initials = "".join(word[0] for word in first.split()[:2])
        return first, email if customer.name else "", initials

    @admin.display(description="Name")
    def full_name(self, customer: Customer) -> str:
        """First and last name."""
        return customer.name or NOTHING

    @admin.display(description="E-mail consent")
    def consent(self, customer: Customer) -> SafeString | str:
        """The state of the consent to e-mail."""
        return state_label(customer.email_consent, CONSENT_KINDS)

    @admin.display(description="E-mail")
    def email_word(self, customer: Customer) -> SafeString | str:
        """The consent to e-mail, since when and at what level."""
        return consent_word(customer, Channel.EMAIL)

    @admin.display(description="SMS")
    def sms_word(self, customer: Customer) -> SafeString | str:
        """The consent to SMS, since when and at what level."""
        return consent_word(customer, Channel.SMS)

    @admin.display(description="Orders")
    def orders(self, customer: Customer) -> str:
        """How many counted orders."""
        return f"{customer.orders_count:,}"

    @admin.display(description="Spent", ordering="total_spent")
    def spent(self, customer: Customer) -> str:
        """The sum of the counted orders in the store's currency."""
        return money(customer.total_spent, customer.store_currency)  # type: ignore[attr-defined]

    @admin.display(description="Last order", ordering="last_order_at")
    def last_order(self, customer: Customer) -> str:
        """The day of the last counted order."""
        return day(customer.last_order_at)

    @admin.display(description="Place")
    def place(self, customer: Customer) -> str:
        """City, region and country as far as they are known."""
        return place_of(customer.country, customer.region, customer.city)

    @admin.display(description="Tags")
    def tags(self, customer: Customer) -> SafeString | str:
        """The tags that the customer carries now."""
        carried = CustomerTag.objects.filter(customer=customer, present=True).order_by("tag_key")
        labels = [(label(row.tag),) for row in carried[:MOST_TAGS]]
        return format_html_join(" ", "{}", labels) or NOTHING

    @admin.display(description="Page")
    def shopify_page(self, customer: Customer) -> SafeString:
        """The customer's page in Shopify's own admin."""
        if customer.shopify_id < 0:
            return format_html("{}", "Imported: Shopify does not know them")
        domain = customer.store_domain  # type: ignore[attr-defined]
        url = f"https://{domain}/admin/customers/{customer.shopify_id}"
        return link_out(url, f"Customer {customer.shopify_id}")
