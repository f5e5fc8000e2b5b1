"""Orders, products and checkouts in the admin: read-only, as Shopify last told."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.models import Customer
from orders import dates
from orders.models import Checkout, LineItem, Order, Product, Refund
from orders.panels import STATE_KINDS
from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, get_store
from tenants.scoping.display import (
    NOTHING,
    Panel,
    label,
    link,
    link_out,
    moment,
    money,
    state_label,
    with_store,
)
from tenants.scoping.filtering import ChoiceFilter, DayRangeFilter
from tenants.scoping.next_steps import SEE_CONNECTION

MOST_LINES = 250


def words(*values: str) -> list[tuple[str, str]]:
    """Choices out of Shopify's own words."""
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class PaymentFilter(ChoiceFilter):
    """By state of payment."""

    title = "payment"
    parameter_name = "financial_status"
    column = "financial_status"
    options = words(
        "paid", "pending", "authorized", "partially_paid", "partially_refunded", "refunded",
        "voided", "expired",
    )  # fmt: skip


class FulfilmentFilter(ChoiceFilter):
    """By state of delivery."""

    title = "fulfilment"
    parameter_name = "fulfillment_status"
    column = "fulfillment_status"
    options = words("fulfilled", "partial", "restocked")


class OddDateFilter(ChoiceFilter):
    """Those whose date cannot be true."""

    title = "date"
    parameter_name = "date"
    options = [("odd", "Odd: far ahead or long ago")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(dates.odd()) if self.value() == "odd" else queryset


def customer_link(customer: Customer | None, email: str | None) -> SafeString | str:
    """The buyer, with a link when they are a customer and not a guest."""
    if customer is None:
        return f"{email} (guest)" if email else "Guest"
    return link(reverse("admin:customers_customer_change", args=[customer.pk]), customer)


@admin.register(Order)
class OrderAdmin(TenantModelAdmin[Order]):
    """Read-only: an order is changed in Shopify."""

    rights = {"view": Right.VIEW_ORDERS}
    personal = "order"
    empty_text = "Orders appear here as soon as Shopify sends the first one."
    next_step = SEE_CONNECTION
    list_display = ("number", "buyer", "placed", "total", "payment", "fulfilment")
    list_select_related = ("customer",)
    ordering = ("-processed_at",)
    sortable_by = ("placed", "total")
    list_filter = (
        PaymentFilter,
        FulfilmentFilter,
        ("processed_at", DayRangeFilter.of("day of order")),
        OddDateFilter,
    )
    linked_by = ("customer",)
    search_fields = ("name_search",)
    search_help_text = "Order number begins with"
    labels = {"name": "Order"}
    fieldsets = (
        (
            None,
            {"fields": (("name", "placed"), ("buyer", "payment"), ("email", "fulfilment"))},
        ),
        ("Amounts", {"fields": (("total", "original"), ("counting", "refunded"))}),
        ("Where it came from", {"fields": (("source", "codes"), "landing_site")}),
        (
            "In Shopify",
            {
                "fields": (
                    ("shopify_page", "created_at"), ("synced_at", "updated_at"), "cancelled_at",
                )
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return with_store(super().get_queryset(request), get_store(request))

    def panels(self, request: HttpRequest, obj: Order) -> list[Panel]:
        return [lines_of(obj), refunds_of(obj)]

    @admin.display(description="Order")
    def number(self, order: Order) -> str:
        """What the shop calls it, such as #1001."""
        return order.name

    @admin.display(description="Customer")
    def buyer(self, order: Order) -> SafeString | str:
        """Who bought."""
        return customer_link(order.customer, order.email)

    @admin.display(description="Placed", ordering="processed_at")
    def placed(self, order: Order) -> SafeString | str:
        """When, in the store's time zone; a date that cannot be true is marked."""
        at = moment(order.processed_at)
        return format_html("{} {}", at, label("odd date", "warning")) if order.oddly_dated else at

    @admin.display(description="Amount", ordering="current_amount")
    def total(self, order: Order) -> str:
        """What is left after edits and refunds."""
        return money(order.current_amount, order.currency)

    @admin.display(description="As ordered")
    def original(self, order: Order) -> str:
        """Shopify's total_price."""
        return money(order.amount, order.currency)

    @admin.display(description="Refunded")
    def refunded(self, order: Order) -> str:
        """What went back."""
        return money(order.refunded_amount, order.currency)

    @admin.display(description="Payment")
    def payment(self, order: Order) -> SafeString | str:
        """The state of payment."""
        return state_label(order.financial_status, STATE_KINDS)

    @admin.display(description="Fulfilment")
    def fulfilment(self, order: Order) -> SafeString | str:
        """The state of delivery."""
        return state_label(order.fulfillment_status, STATE_KINDS)

    @admin.display(description="In the totals")
    def counting(self, order: Order) -> str:
        """Whether the order counts, and if not, why not."""
        if order.counted:
            return "Counted"
        reasons = (
            (order.test, "a test"),
            (order.cancelled_at, "cancelled"),
            (order.financial_status, str(order.financial_status)),
        )
        return f"Not counted: {next(text for true, text in reasons if true)}"

    @admin.display(description="Discount codes")
    def codes(self, order: Order) -> str:
        """The codes that the buyer used."""
        return ", ".join(map(str, order.discount_codes or ())) or NOTHING

    @admin.display(description="Page")
    def shopify_page(self, order: Order) -> SafeString:
        """The order's page in Shopify's own admin."""
        domain = order.store_domain  # type: ignore[attr-defined]
        url = f"https://{domain}/admin/orders/{order.shopify_id}"
        return link_out(url, f"Order {order.shopify_id}")


def lines_of(order: Order) -> Panel:
    """What was bought."""
    lines = list(LineItem.objects.filter(order=order).order_by("pk")[:MOST_LINES])
    return Panel(
        title="Lines",
        headers=("Product", "SKU", "Quantity", "Price", "Discount"),
        rows=[line_row(line, order.currency) for line in lines],
        right=Right.VIEW_ORDERS,
        note=f"The first {MOST_LINES}." if len(lines) == MOST_LINES else "",
    )


def line_row(line: LineItem, currency: str) -> Sequence[object]:
    """One line; a quantity that was edited or refunded shows both figures."""
    quantity = f"{line.current_quantity:,}"
    if line.current_quantity != line.quantity:
        quantity = f"{quantity} of {line.quantity:,}"
    return (
        line.title or NOTHING,
        line.sku or NOTHING,
        quantity,
        money(line.price, currency),
        money(line.discount, currency) if line.discount else NOTHING,
    )


def refunds_of(order: Order) -> Panel:
    """What went back."""
    refunds = Refund.objects.filter(order=order).order_by("refunded_at", "pk")
    return Panel(
        title="Refunds",
        headers=("When", "Amount", "Note", "Shopify's id"),
        rows=[
            (
                moment(refund.refunded_at),
                money(refund.amount, order.currency),
                refund.note or NOTHING,
                str(refund.shopify_id),
            )
            for refund in refunds[:MOST_LINES]
        ],
        right=Right.VIEW_ORDERS,
    )


class ProductStatusFilter(ChoiceFilter):
    """By state of the product."""

    title = "status"
    parameter_name = "status"
    column = "status"
    options = words("active", "draft", "archived")


@admin.register(Product)
class ProductAdmin(TenantModelAdmin[Product]):
    """Read-only: a product is changed in Shopify."""

    rights = {"view": Right.VIEW_ORDERS}
    empty_text = "Products appear here as soon as Shopify sends the first one."
    next_step = SEE_CONNECTION
    list_display = ("title", "vendor", "product_type", "state", "synced_at")
    ordering = ("-synced_at",)
    sortable_by = ("synced_at",)
    list_filter = (ProductStatusFilter,)
    search_fields = ("title_search",)
    search_help_text = "Title begins with"
    fieldsets = (
        (None, {"fields": ("title", ("vendor", "product_type"), ("state", "tag_list"))}),
        (
            "In Shopify",
            {"fields": (("shopify_page", "created_at"), ("synced_at", "updated_at"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return with_store(super().get_queryset(request), get_store(request))

    def find(self, queryset: QuerySet[Product], term: str) -> QuerySet[Product]:
        return queryset.filter(title_search__prefix=term)

    @admin.display(description="Status")
    def state(self, product: Product) -> SafeString | str:
        """Active, draft or archived."""
        return state_label(product.status, {"active": "success", "draft": "warning"})

    @admin.display(description="Tags")
    def tag_list(self, product: Product) -> str:
        """The product's tags."""
        return ", ".join(map(str, product.tags or ())) or NOTHING

    @admin.display(description="Page")
    def shopify_page(self, product: Product) -> SafeString:
        """The product's page in Shopify's own admin."""
        domain = product.store_domain  # type: ignore[attr-defined]
        url = f"https://{domain}/admin/products/{product.shopify_id}"
        return link_out(url, f"Product {product.shopify_id}")


class AbandonedFilter(ChoiceFilter):
    """Abandoned, or become an order."""

    title = "outcome"
    parameter_name = "outcome"
    options = [("abandoned", "Abandoned"), ("completed", "Completed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.options):
            return queryset
        return queryset.filter(completed_at__isnull=self.value() == "abandoned")


@admin.register(Checkout)
class CheckoutAdmin(TenantModelAdmin[Checkout]):
    """Read-only: what was begun and perhaps not finished."""

    rights = {"view": Right.VIEW_ORDERS}
    personal = "checkout"
    empty_text = "Checkouts appear here as soon as a buyer begins one."
    next_step = SEE_CONNECTION
    list_display = ("when", "buyer", "total", "outcome")
    list_select_related = ("customer",)
    ordering = ("-pk",)
    list_filter = (AbandonedFilter,)
    linked_by = ("customer",)
    fieldsets = (
        (None, {"fields": (("buyer", "total"), ("email", "outcome"), "recovery")}),
        (
            "In Shopify",
            {"fields": (("shopify_id", "created_at"), ("completed_at", "updated_at"))},
        ),
    )

    @admin.display(description="Begun")
    def when(self, checkout: Checkout) -> str:
        """When it began, in the store's time zone."""
        return moment(checkout.created_at)

    @admin.display(description="Customer")
    def buyer(self, checkout: Checkout) -> SafeString | str:
        """Who was about to buy."""
        return customer_link(checkout.customer, checkout.email)

    @admin.display(description="Amount")
    def total(self, checkout: Checkout) -> str:
        """What was in the cart."""
        return money(checkout.amount, checkout.currency)

    @admin.display(description="Outcome")
    def outcome(self, checkout: Checkout) -> SafeString | str:
        """Abandoned, or become an order."""
        state = "completed" if checkout.completed_at else "abandoned"
        return state_label(state, {"completed": "success", "abandoned": "warning"})

    @admin.display(description="Recovery link")
    def recovery(self, checkout: Checkout) -> SafeString | str:
        """The buyer's way back; shown as text, for opening it would act as the buyer."""
        return format_html('<code class="xeno-code">{}</code>', checkout.recovery_url or NOTHING)
