"""Every buyer scored by the store's models, and written in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from orders.predicting import buying as model_of_buying
from orders.predicting import spending as model_of_spending
from orders.predicting.buying import Buying
from orders.predicting.models import ChurnBand
from orders.predicting.reading import WEEK, Buyers, read_buyers
from orders.predicting.spending import Spending
from tenants.models import Tenant
from xeno.lib.money import DECIMALS, THOUSANDTHS
from xeno.lib.upsert import arrays, run, unnest

if TYPE_CHECKING:
    from numpy import ndarray

HORIZONS = (30, 90, 365)  # days
# Above the first an order is likelier than the loss of the customer by two to one, and below
# the second the other way round.
SAFE, LOST = 2 / 3, 1 / 3
FURTHEST = 365  # days to a next order: a later day would be no plan
MOST_VALUE = 10**9  # of money; who is expected to spend more breaks no column
COLUMNS = {
    "customer_id": "bigint",
    "orders_30": "float8",
    "orders_90": "float8",
    "orders_365": "float8",
    "value_30": "bigint",
    "value_90": "bigint",
    "value_365": "bigint",
    "alive": "float8",
    "churn": "text",
    "next_order_on": "date",
}
SCORED = [name for name in COLUMNS if name != "customer_id"]
# A customer who went in the meantime is left out, one who stays is held while the row comes.
WRITE = f"""
    INSERT INTO orders_prediction (tenant_id, predicted_on, {", ".join(COLUMNS)})
    SELECT %s, %s, {", ".join(f"new.{name}" for name in COLUMNS)} FROM {unnest(COLUMNS)}
    JOIN customers_customer c ON c.tenant_id = %s AND c.id = new.customer_id
    ORDER BY new.customer_id
    FOR KEY SHARE OF c
    ON CONFLICT (tenant_id, customer_id) DO UPDATE SET predicted_on = EXCLUDED.predicted_on,
        {", ".join(f"{name} = EXCLUDED.{name}" for name in SCORED)}
"""


def write_predictions(*, tenant: Tenant, buying: Buying, money: Spending | None, on: date) -> None:
    """Score the open store's buyers as of its day `on`; each chunk is a transaction of its own."""
    for buyers in read_buyers(tenant=tenant, on=on):
        columns = score(buyers, buying=buying, money=money, on=on, currency=tenant.currency)
        sent = arrays(COLUMNS, zip(*columns, strict=True))
        run(WRITE, [tenant.pk, on, *sent, tenant.pk])


def score(
    buyers: Buyers, *, buying: Buying, money: Spending | None, on: date, currency: str
) -> list[list[Any]]:
    """The columns of `COLUMNS` of these buyers."""
    of = buyers.histories
    again = of.repeats > 0
    orders = [model_of_buying.expected(buying, of, days / WEEK) for days in HORIZONS]
    values: list[list[Any]] = [[None] * len(again)] * len(HORIZONS)
    if money is not None:
        each = model_of_spending.expected_value(money, buyers.paid, buyers.spent)
        values = [stored(number * each, currency) for number in orders]
    alive = model_of_buying.alive(buying, of)
    waits = model_of_buying.even_chance(buying, of) * WEEK
    return [
        buyers.ids.tolist(),
        *(number.tolist() for number in orders),
        *values,
        [chance if known else None for chance, known in zip(alive.tolist(), again, strict=True)],
        list(bands(alive, again)),
        [
            str(on + timedelta(days=max(1, round(wait)))) if known and wait <= FURTHEST else None
            for wait, known in zip(waits.tolist(), again, strict=True)
        ],
    ]


def stored(amounts: ndarray, currency: str) -> list[int]:
    """Amounts as the column holds them, rounded to what the currency has."""
    import numpy as np

    decimals = DECIMALS.get(currency, 2)
    whole = np.rint(np.minimum(amounts, MOST_VALUE) * 10**decimals).astype(np.int64)
    found: list[int] = (whole * (THOUSANDTHS // 10**decimals)).tolist()
    return found


def bands(alive: ndarray, again: ndarray) -> Iterator[str]:
    """How likely each is lost; of one purchase alone nobody can say."""
    for chance, known in zip(alive.tolist(), again, strict=True):
        if not known:
            yield ChurnBand.UNKNOWN.value
        elif chance >= SAFE:
            yield ChurnBand.LOW.value
        else:
            yield ChurnBand.MEDIUM.value if chance >= LOST else ChurnBand.HIGH.value
