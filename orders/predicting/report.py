"""Predictions for people: how good the fit is, the bands, the best, and in words what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.predicting.models import ChurnBand, Prediction, PredictionFit, Refusal
from orders.predicting.needs import NEEDS
from tenants.models import Tenant
from xeno.lib.money import THOUSANDTHS

MOST_SHOWN = 100
WAITING = "A worker predicts once a day; the first predictions of this store are still to come."
WORDS: Mapping[str, str] = {
    Refusal.HISTORY: (
        "Shopify has shown only a part of this store's orders, so nobody's first order is known."
        " Predictions begin when the whole history is here."
    ),
    Refusal.CUSTOMERS: (
        "Predictions need {least} customers with an order; this store has {customers}."
    ),
    Refusal.REPEATS: (
        "Predictions need {least} customers who ordered on two days or more;"
        " this store has {repeating}."
    ),
    Refusal.DAYS: "Predictions need {least} days since the first order; this store has {days}.",
    Refusal.NO_FIT: (
        "This store's customers follow no pattern that the model knows, and it says nothing"
        " rather than something wrong."
    ),
}


@dataclass(frozen=True, slots=True)
class Band:
    """Customers who are as likely to be lost, and what is expected of them together."""

    churn: ChurnBand
    customers: int
    orders_90: float
    orders_365: float
    value_365: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is predicted in a store; `trouble` says in words why nothing is."""

    fit: PredictionFit
    trouble: str
    verdict: str
    bands: Sequence[Band]
    top: Sequence[Prediction]

    @property
    def state(self) -> str:
        """`fitted`, `refused`, or `waiting` for the first time."""
        if self.fit.refusal:
            return "refused"
        return "fitted" if self.fit.parameters else "waiting"


def make_report(*, tenant: Tenant, top: int = 10) -> Report:
    """How the open store's predictions stand, and of whom most is expected in a year."""
    fit = find_fit(tenant=tenant)
    best = Prediction.objects.order_by("-value_365", "-orders_365", "customer")
    if not fit.values:  # nulls would come first, and equal
        best = Prediction.objects.order_by("-orders_365", "customer")
    return Report(
        fit=fit,
        trouble=trouble_of(fit),
        verdict=verdict_of(fit.quality),
        bands=[band_of(row) for row in fit.bands or ()],
        top=list(best[: min(top, MOST_SHOWN)]) if fit.parameters else [],
    )


def find_fit(*, tenant: Tenant) -> PredictionFit:
    """The store's fit; one that says nothing where there was none yet."""
    found = PredictionFit.objects.first()
    return found or PredictionFit(tenant=tenant, customers=0, repeating=0, days=0, currency="")


def trouble_of(fit: PredictionFit) -> str:
    """Why the store has no predictions, in words; empty where it has them."""
    if fit.refusal is None:
        return "" if fit.parameters else WAITING
    counted = {"customers": fit.customers, "repeating": fit.repeating, "days": fit.days}
    return WORDS[fit.refusal].format(least=NEEDS.get(Refusal(fit.refusal)), **counted)


def band_of(row: Mapping[str, Any]) -> Band:
    """A band as the fit keeps it."""
    value = row["value_365"]
    return Band(
        churn=ChurnBand(row["churn"]),
        customers=row["customers"],
        orders_90=row["orders_90"],
        orders_365=row["orders_365"],
        value_365=None if value is None else Decimal(value) / THOUSANDTHS,
    )


GOOD, FAIR = 0.15, 0.35  # how far the expected total may be from the actual one


def verdict_of(quality: Mapping[str, Any] | None) -> str:
    """`good`, `fair` or `poor`; `unknown` where it could not be tried.

    Where nothing came, of which no error is a part, it is poor if an order was expected.
    """
    if not quality:
        return "unknown"
    error = quality.get("error")
    if error is None:
        return "poor" if quality.get("expected_orders", 0) >= 1 else "unknown"
    return "good" if abs(error) <= GOOD else "fair" if abs(error) <= FAIR else "poor"
