"""The page of a store's predictions: how far they can be trusted, and what is expected of whom."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format

from customers.models import Customer
from orders.models import Prediction
from orders.predicting.models import ChurnBand, Refusal
from orders.predicting.needs import NEEDS
from orders.predicting.report import Band, Report, make_report
from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import NOTHING, Panel, label, link, money
from xeno.dashboard.home.cards import NO_FIGURE, Card
from xeno.dashboard.home.charts import BEFORE, NOW, Chart, bars, drawn

TOP = 20
# Of the bands, as colours say it; of one order nobody can say.
KINDS = {ChurnBand.LOW: "success", ChurnBand.MEDIUM: "warning", ChurnBand.HIGH: "danger"}
COUNTED = {
    Refusal.CUSTOMERS: "customers with an order",
    Refusal.REPEATS: "customers who ordered on two days or more",
    Refusal.DAYS: "days since the first order",
}


def predictions_page(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What `admin/predictions.html` shows to who sees analytics."""
    report = make_report(tenant=store, top=TOP)
    fitted = report.state == "fitted"
    return {
        "title": "Predictions",
        "report": report,
        "fitted_on": date_format(report.fit.fitted_on) if report.fit.fitted_on else "",
        "needs": [] if fitted else needs_of(report),
        "cards": cards_of(report, store) if fitted else [],
        "bands": bands_panel(report, store) if fitted else None,
        "chart": tried_chart(report) if fitted and report.fit.quality else None,
        "best": best_panel(request, report, store) if fitted else None,
        "names": holds(request, Right.VIEW_CUSTOMERS),
    }


def needs_of(report: Report) -> list[tuple[int, int, str, bool]]:
    """What the store has, what it needs, of what, and whether that is enough."""
    fit = report.fit
    has = {
        Refusal.CUSTOMERS: fit.customers,
        Refusal.REPEATS: fit.repeating,
        Refusal.DAYS: fit.days,
    }
    return [(has[of], least, COUNTED[of], has[of] >= least) for of, least in NEEDS.items()]


def cards_of(report: Report, store: Tenant) -> list[Card]:
    """What is expected of all customers together, and how good the fit is."""
    soon = sum(band.orders_90 for band in report.bands)
    year = sum(band.orders_365 for band in report.bands)
    return [
        Card("Orders, next 90 days", f"{soon:,.0f}", note="Expected of those who ever ordered"),
        Card("Orders, next 365 days", f"{year:,.0f}", note="Newcomers would come on top"),
        value_card(value_of(report.bands), report.fit.currency or store.currency),
        Card("Fit", report.verdict.capitalize(), note=tried_words(report)),
    ]


def value_of(bands: Sequence[Band]) -> Decimal | None:
    """The value of a year's orders; None where spending follows no pattern."""
    values = [band.value_365 for band in bands if band.value_365 is not None]
    return sum(values, Decimal()) if values else None


def value_card(value: Decimal | None, currency: str) -> Card:
    """An amount with its currency beside it."""
    title = "Value, next 365 days"
    if value is None:
        return Card(title, NO_FIGURE, note="What customers spend follows no pattern")
    figure, _, unit = money(value, currency).rpartition(" ")
    return Card(title, figure, unit, note="Of these orders, before costs")


def tried_words(report: Report) -> str:
    """How an earlier fit did, against what came."""
    tried = report.fit.quality
    if not tried:
        return "Too short a history to try it on its own past"
    expected, actual = tried["expected_orders"], tried["actual_orders"]
    return (
        f"Of the last {tried['days']} days it would have expected {expected:,.0f} orders;"
        f" {actual:,.0f} came"
    )


def bands_panel(report: Report, store: Tenant) -> Panel:
    """Customers by how likely they are lost, with what is expected of them together."""
    currency = report.fit.currency or store.currency
    return Panel(
        "By the risk that they are lost",
        ("Risk", "Customers", "Orders, next 90 days", "Orders, next 365 days", "Value, a year"),
        [
            (
                label(band.churn.label, KINDS.get(band.churn, "")),
                f"{band.customers:,}",
                f"{band.orders_90:,.0f}",
                f"{band.orders_365:,.0f}",
                money(band.value_365, currency),
            )
            for band in report.bands
        ],
        Right.VIEW_ANALYTICS,
        "Unknown are those with a single order: it says nothing of whether they come back.",
    )


def tried_chart(report: Report) -> Chart:
    """Orders of one customer in the days that it was tried on, expected beside actual."""
    tried: Any = report.fit.quality
    buckets = tried["buckets"]
    names = [repeats_in_words(bucket["repeats"]) for bucket in buckets]
    expected = [bucket["expected"] for bucket in buckets]
    actual = [bucket["actual"] for bucket in buckets]
    whole = [True] * len(buckets)
    told = ", ".join(
        f"{name}: {one:.2f} expected, {other:.2f} came"
        for name, one, other in zip(names, expected, actual, strict=True)
    )
    # Every bucket has its name, and its two bars stand closer to each other than to the next.
    # `grouped`: unfold draws one over the other.
    beside = {
        "grouped": True, "categoryPercentage": 0.5, "barPercentage": 0.9, "maxBarThickness": 28,
        "maxTicksXLimit": len(buckets),
    }  # fmt: skip
    came = bars("Came", actual, whole) | {"backgroundColor": BEFORE, "borderColor": BEFORE}
    return Chart(
        f"Orders of one customer in the last {tried['days']} days",
        "bar",
        drawn(
            names,
            bars("Expected", expected, whole) | {"backgroundColor": NOW} | beside,
            came | beside,
        ),
        told,
    )


def repeats_in_words(repeats: int) -> str:
    """How often customers had come back before."""
    if repeats == 0:
        return "Never back"
    return "7 times and more" if repeats == 7 else f"{repeats}×"


def best_panel(request: HttpRequest, report: Report, store: Tenant) -> Panel | None:
    """Of whom most is expected in a year, for who may see customers; that is noted."""
    if not holds(request, Right.VIEW_CUSTOMERS):
        return None
    people = Customer.objects.in_bulk([each.customer_id for each in report.top])
    if people:
        kind = Customer._meta.label_lower
        actor = get_actor(request)
        save_reading(actor=actor, action="customer.listed", object_type=kind, seen=list(people))
    currency = report.fit.currency or store.currency
    return Panel(
        "Of whom most is expected",
        ("Customer", "Still a customer", "Next order by", "Orders, a year", "Value, a year"),
        [
            best_row(each, people[each.customer_id], currency)
            for each in report.top
            if each.customer_id in people
        ],
        Right.VIEW_CUSTOMERS,
    )


def best_row(found: Prediction, customer: Customer, currency: str) -> tuple[object, ...]:
    """One of the best customers."""
    return (
        link(reverse("admin:customers_customer_change", args=[customer.pk]), customer),
        NOTHING if found.alive is None else f"{found.alive:.0%} likely",
        date_format(found.next_order_on) if found.next_order_on else NOTHING,
        f"{found.orders_365:.1f}",
        money(found.value_365, currency),
    )
