"""How good a fit is: one to the past alone, held against what came afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orders.predicting import buying, spending
from orders.predicting.buying import Buying
from orders.predicting.reading import WEEK, Buyers
from orders.predicting.spending import Spending

if TYPE_CHECKING:
    from numpy import ndarray

LAST_BUCKET = 7  # of customers by how often they had come back, this often and more


def compare(buyers: Buyers, *, model: Buying, money: Spending | None, days: int) -> dict[str, Any]:
    """Expected beside actual over the days after, of all and by how often they had come back.

    `error` is the expected total over the actual one, less 1; `mean_error` how many orders the
    expectation of a customer is off by, on average.
    """
    import numpy as np

    expected = buying.expected(model, buyers.histories, days / WEEK)
    bucket = np.minimum(buyers.repeats, LAST_BUCKET).astype(int)
    found = {
        "days": days,
        "customers": int(buyers.ids.size),
        "actual_orders": float(buyers.later.sum()),
        "expected_orders": rounded(expected.sum()),
        "error": ratio(expected.sum(), buyers.later.sum()),
        "mean_error": rounded(np.abs(expected - buyers.later).mean()),
        "correlation": correlation(expected, buyers.later),
        "buckets": [
            {
                "repeats": int(number),
                "customers": int((bucket == number).sum()),
                "actual": rounded(buyers.later[bucket == number].mean()),
                "expected": rounded(expected[bucket == number].mean()),
            }
            for number in np.unique(bucket)
        ],
    }
    if money is not None:
        value = expected * spending.expected_value(money, buyers.paid, buyers.spent)
        found |= {
            "actual_value": rounded(buyers.later_spent.sum()),
            "expected_value": rounded(value.sum()),
            "value_error": ratio(value.sum(), buyers.later_spent.sum()),
        }
    return found


def ratio(expected: float, actual: float) -> float | None:
    """How far the one is from the other, as a part of it; None where nothing came."""
    return rounded(expected / actual - 1) if actual > 0 else None


def correlation(one: ndarray, other: ndarray) -> float | None:
    """Pearson's; None where one of them never varies."""
    import numpy as np

    if one.size < 2 or not one.std() or not other.std():
        return None
    return rounded(np.corrcoef(one, other)[0, 1])


def rounded(value: float) -> float:
    """A number for people and for JSON."""
    return round(float(value), 4)
