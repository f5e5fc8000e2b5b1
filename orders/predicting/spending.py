"""What an order of a customer is worth: the Gamma-Gamma model.

P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma model of monetary value" (2013),
brucehardie.com/notes/025. What a customer spends varies about a mean of their own as
gamma(p, nu), and nu over customers as gamma(q, gamma); how often they buy tells nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from orders.predicting.fitting import Fitted, maximise

if TYPE_CHECKING:
    from numpy import ndarray


class Purses(NamedTuple):
    """What customers spent: over how many purchases, and the mean of these."""

    number: ndarray
    mean: ndarray


@dataclass(frozen=True)
class Spending:
    """The three parameters; `v` is what the paper calls gamma."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """What an order of anybody is worth, p v / (q-1); there is no mean up to q = 1."""
        return self.p * self.v / (self.q - 1)


def log_likelihood(model: Spending, of: Purses) -> tuple[float, ndarray]:
    """The log-likelihood of the means and its gradient by (p, q, v): equation (1a).

    G(px+q)/(G(px) G(q)) v^q x^(px) m^(px-1) / (v+mx)^(px+q), x purchases of mean m.
    """
    import numpy as np
    from scipy.special import digamma, gammaln

    p, q, v = model.p, model.q, model.v
    x, total = of.number, of.number * of.mean
    all_of_it = p * x + q
    log_total, log_with = np.log(total), np.log(v + total)
    terms = (
        gammaln(all_of_it) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        + p * x * log_total - np.log(of.mean) - all_of_it * log_with
    )  # fmt: skip
    rise = digamma(all_of_it)
    slopes = np.array([
        x * (rise - digamma(p * x) + log_total - log_with),
        rise - digamma(q) + np.log(v) - log_with,
        q / v - all_of_it / (v + total),
    ])  # fmt: skip
    return float(terms.sum()), slopes.sum(axis=1)


def fit_spending(of: Purses) -> Fitted[Spending]:
    """The parameters of highest likelihood, of purchases that brought something."""
    typical = float(of.mean.mean())
    return maximise(
        lambda values: log_likelihood(Spending(*values), of),
        starts=[(2.0, 3.0, typical), (6.0, 4.0, typical / 2)],
        size=float(of.mean.size),
        make=Spending,
    )


def expected_value(model: Spending, number: ndarray, total: ndarray) -> ndarray:
    """What an order of each is worth: equation (5), p (v + x m) / (p x + q - 1).

    Between everybody's mean and their own; everybody's for who bought nothing yet.
    """
    return model.p * (model.v + total) / (model.p * number + model.q - 1)
