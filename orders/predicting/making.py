"""A store's predictions: its models fitted, tried on its own past, and every buyer scored.

Customers whom no order leads to have no row. What a fit needs at least is in `needs.py`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from orders.predicting import quality
from orders.predicting.buying import Buying, fit_buying, grouped
from orders.predicting.models import Refusal
from orders.predicting.needs import NEEDS
from orders.predicting.reading import WEEK, Buyers, Sample, read_buyers, sample_of
from orders.predicting.scoring import write_predictions
from orders.predicting.spending import Purses, Spending, fit_spending
from tenants.models import Tenant
from xeno.lib.upsert import run

MOST_FITTED = 200_000  # customers; by then a parameter moves by less than a hundredth
MOST_TRIED = 180  # days that an earlier fit is held against
MANY_DELETED = 5_000
FORGET = """
    DELETE FROM orders_prediction WHERE ctid IN (
        SELECT ctid FROM orders_prediction
        WHERE tenant_id = %(tenant)s AND (%(all)s OR predicted_on <> %(on)s) LIMIT %(many)s
    ) RETURNING 1
"""

BANDS = """
    SELECT churn, count(*), sum(orders_90), sum(orders_365), sum(value_365)::bigint
    FROM orders_prediction WHERE tenant_id = %s GROUP BY churn ORDER BY min(alive) DESC NULLS LAST
"""


def predict(*, tenant: Tenant, on: date) -> dict[str, Any]:
    """Fit the store's models to all up to its day `on` and score every buyer; gives what
    `PredictionFit` holds of it. Where too little is known nothing is predicted, and it says why.
    """
    sample = sample_of(read_buyers(tenant=tenant, on=on), MOST_FITTED)
    found: dict[str, Any] = {
        "fitted_on": on,
        "customers": sample.customers,
        "repeating": sample.repeating,
        "days": round(sample.weeks * WEEK),
        "currency": tenant.currency,
        **dict.fromkeys(("refusal", "parameters", "log_likelihood", "quality", "bands")),
    }
    refusal = Refusal.HISTORY if not tenant.history_complete else lacking(sample)
    if refusal is None:
        buying, money, likelihood = fit(sample.buyers)
        if buying is not None:
            write_predictions(tenant=tenant, buying=buying, money=money, on=on)
            parameters = {**asdict(buying), **(asdict(money) if money else {})}
            found |= {
                "parameters": parameters,
                "log_likelihood": likelihood * sample.customers / sample.buyers.ids.size,
                "quality": try_on_the_past(tenant=tenant, on=on, days=found["days"]),
            }
        refusal = None if buying else Refusal.NO_FIT
    found["refusal"] = refusal
    forget(tenant=tenant, on=on, everything=refusal is not None)
    if refusal is None:
        found["bands"] = sum_up(tenant)
    return found


def lacking(sample: Sample) -> Refusal | None:
    """What the buyers have too little of."""
    has = {
        Refusal.CUSTOMERS: sample.customers,
        Refusal.REPEATS: sample.repeating,
        Refusal.DAYS: round(sample.weeks * WEEK),
    }
    return next((reason for reason, least in NEEDS.items() if has[reason] < least), None)


def fit(buyers: Buyers) -> tuple[Buying | None, Spending | None, float]:
    """When they buy, what they spend, and the log-likelihood of the former; None: no such model.

    Without a mean of spending (q up to 1) no value can be expected.
    """
    found = fit_buying(grouped(buyers.repeats, buyers.last, buyers.age))
    paying = (buyers.paid > 0) & (buyers.spent > 0)
    money = None
    if (paying & (buyers.paid > 1)).sum() >= NEEDS[Refusal.REPEATS]:
        number, spent = buyers.paid[paying], buyers.spent[paying]
        spending = fit_spending(Purses(number, spent / number))
        money = spending.model if spending.converged and spending.model.q > 1 else None
    return (found.model if found.converged else None), money, found.log_likelihood


def try_on_the_past(*, tenant: Tenant, on: date, days: int) -> dict[str, Any] | None:
    """What a fit to all but the last days would have expected of them; None where it is refused.

    These are the last third of the history, and half a year at most.
    """
    ahead = min(MOST_TRIED, days // 3)
    until = on - timedelta(days=ahead)
    sample = sample_of(read_buyers(tenant=tenant, on=on, until=until), MOST_FITTED)
    if not sample.customers or lacking(sample) not in (None, Refusal.DAYS):
        return None
    buying, money, _ = fit(sample.buyers)
    if buying is None:
        return None
    return quality.compare(sample.buyers, model=buying, money=money, days=ahead)


def sum_up(tenant: Tenant) -> list[dict[str, Any]]:
    """Each churn band of the store: its customers, and what is expected of them together."""
    return [
        dict(zip(("churn", "customers", "orders_90", "orders_365", "value_365"), row, strict=True))
        for row in run(BANDS, [tenant.pk])
    ]


def forget(*, tenant: Tenant, on: date, everything: bool) -> None:
    """Delete what is not of this fit, some at a time: of who has no order any more, or of all."""
    params = {"tenant": tenant.pk, "on": on, "all": everything, "many": MANY_DELETED}
    while len(run(FORGET, params)) == MANY_DELETED:
        pass
