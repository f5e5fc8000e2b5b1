"""The panel "Prediction" on a customer's page, in plain words."""

from collections.abc import Iterator

from django.utils.formats import date_format

from customers.models import Customer
from orders.predicting.models import ChurnBand, Prediction, PredictionFit
from orders.predicting.report import find_fit, trouble_of, verdict_of
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Card, Panel, money

LOST: dict[str, str] = {
    ChurnBand.LOW: "a low risk that they are lost",
    ChurnBand.MEDIUM: "some risk that they are lost",
    ChurnBand.HIGH: "a high risk that they are lost",
}
RISKS: dict[str, str] = {
    ChurnBand.LOW: "Low risk of losing them",
    ChurnBand.MEDIUM: "Some risk of losing them",
    ChurnBand.HIGH: "High risk of losing them",
    ChurnBand.UNKNOWN: "",
}
POOR = "The store's fit is poor: held against what came, it was far off. Take this as a guess."
NO_ORDER = "Nothing is predicted: there is no order that counts, or it came after the last fit."


def prediction_panel(tenant: Tenant, customer: Customer) -> Panel:
    """What is expected of the customer, or why nothing is."""
    fit = find_fit(tenant=tenant)
    found = Prediction.objects.filter(customer=customer).first()
    return Panel(
        title="Prediction",
        headers=("", "Next 30 days", "Next 90 days", "Next 365 days"),
        rows=[] if found is None else list(rows_of(found, fit)),
        right=Right.VIEW_ANALYTICS,
        note=trouble_of(fit) or NO_ORDER if found is None else words_of(found, fit),
        cards=list(cards_of(found, fit)),
    )


def cards_of(found: Prediction | None, fit: PredictionFit) -> Iterator[Card]:
    """The year to come, whether they are still a customer, and the next order."""
    guess = "A guess: the store's fit is poor" if verdict_of(fit.quality) == "poor" else ""
    if found is None:
        yield Card("Expected in a year", NOTHING, "Nothing is predicted; why stands below")
        return
    orders = f"{found.orders_365:.1f} orders"
    value = found.value_365
    yield Card("Expected in a year", orders if value is None else money(value, fit.currency),
               guess or ("" if value is None else orders))  # fmt: skip
    if found.alive is None:
        yield Card("Still a customer", "Unknown", "One order says nothing of it")
    else:
        yield Card("Still a customer", f"{found.alive:.0%}", guess or RISKS[found.churn])
    by = found.next_order_on
    yield Card("Next order", date_format(by) if by else "Not within a year",
               guess or ("By then as likely as not" if by else ""))  # fmt: skip


def rows_of(found: Prediction, fit: PredictionFit) -> Iterator[tuple[str, ...]]:
    """Orders and their value by how far ahead."""
    orders = (found.orders_30, found.orders_90, found.orders_365)
    values = (found.value_30, found.value_90, found.value_365)
    yield ("Expected orders", *(f"{number:.1f}" if number >= 0.05 else "0" for number in orders))
    yield (
        "Expected value",
        *(NOTHING if value is None else money(value, fit.currency) for value in values),
    )


def words_of(found: Prediction, fit: PredictionFit) -> str:
    """Whether they are still a customer, when the next order is due, and a warning."""
    since = f"As of {date_format(found.predicted_on)}."
    if verdict_of(fit.quality) == "poor":
        since = f"{since} {POOR}"
    if found.alive is None:
        return (
            "Whether they will come back is unknown: one order says nothing of it."
            f" The figures are those of customers like them. {since}"
        )
    alive = f"Still a customer: {found.alive:.0%} likely, {LOST[found.churn]}."
    if found.next_order_on is None:
        return f"{alive} The next order is not to be expected within a year. {since}"
    by = date_format(found.next_order_on)
    return f"{alive} By {by} another order is as likely as not. {since}"
