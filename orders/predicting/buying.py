"""When customers come back: BG/NBD, "counting your customers the easy way".

P. S. Fader, B. G. S. Hardie, K. L. Lee, Marketing Science 24 (2005) 275-284. While alive a
customer buys by chance at a rate of their own, gamma(r, alpha) over customers, and after each
purchase is lost for good with a chance of their own, beta(a, b). The first purchase is where a
customer begins and is not counted. Every unit of time is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from orders.predicting.fitting import Fitted, maximise

if TYPE_CHECKING:
    from numpy import ndarray

MOST_TERMS = 20_000  # of a series that needs some hundreds
SMALL = 1e-13


class Histories(NamedTuple):
    """Customers by what they did: how often each came back, when last, and how long ago they
    began. `last` and `age` count from the first purchase; `number` is how many such there are."""

    repeats: ndarray
    last: ndarray
    age: ndarray
    number: ndarray


@dataclass(frozen=True)
class Buying:
    """The four parameters, as the paper names them."""

    r: float
    alpha: float
    a: float
    b: float


def grouped(repeats: ndarray, last: ndarray, age: ndarray) -> Histories:
    """The same customers with equal histories counted once: nothing else of them matters."""
    import numpy as np

    rows, number = np.unique(np.column_stack([repeats, last, age]), axis=0, return_counts=True)
    return Histories(rows[:, 0], rows[:, 1], rows[:, 2], number.astype(float))


def log_likelihood(model: Buying, of: Histories) -> tuple[float, ndarray]:
    """The log-likelihood of the histories and its gradient by (r, alpha, a, b).

    Equation (6) of the paper, as its authors put it for spreadsheets (brucehardie.com/notes/004):
    ln A1 + ln A2 + ln(A3 + [x > 0] A4), where the last is a log-sum-exp.
    """
    import numpy as np
    from scipy.special import digamma, gammaln

    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    x, again = of.repeats, of.repeats > 0
    log_age, log_last = np.log(alpha + of.age), np.log(alpha + of.last)
    before = np.where(again, b + x - 1, 1.0)
    # Who came back may be alive, or was lost after the last purchase; the others are alive.
    alive = -(r + x) * log_age
    lost = np.where(again, np.log(a) - np.log(before) - (r + x) * log_last, -np.inf)
    either = np.logaddexp(alive, lost)
    terms = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x) + either
    )  # fmt: skip
    p_alive = np.exp(alive - either)
    p_lost = 1 - p_alive
    both = digamma(a + b) - digamma(a + b + x)
    slopes = np.array([
        digamma(r + x) - digamma(r) + np.log(alpha) - p_alive * log_age - p_lost * log_last,
        r / alpha - (r + x) * (p_alive / (alpha + of.age) + p_lost / (alpha + of.last)),
        both + p_lost / a,
        both + digamma(b + x) - digamma(b) - p_lost / before,
    ])  # fmt: skip
    return float(terms @ of.number), slopes @ of.number


def fit_buying(of: Histories) -> Fitted[Buying]:
    """The parameters of highest likelihood; `converged` tells whether there are any."""
    typical = max(float(of.age @ of.number / of.number.sum()), SMALL)
    return maximise(
        lambda values: log_likelihood(Buying(*values), of),
        starts=[(1.0, typical / 2, 1.0, 2.0), (0.3, typical / 10, 0.5, 3.0)],
        size=float(of.number.sum()),
        make=Buying,
    )


def alive(model: Buying, of: Histories) -> ndarray:
    """The chance that each is still a customer; 1 by the model's own for who never came back.

    1 / (1 + [x > 0] a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x)): P. S. Fader, B. G. S. Hardie,
    "Computing P(alive) using the BG/NBD model" (2008), brucehardie.com/notes/021.
    """
    import numpy as np
    from scipy.special import expit

    again = of.repeats > 0
    before = np.where(again, model.b + of.repeats - 1, 1.0)
    odds_of_lost = (
        np.log(model.a) - np.log(before)
        + (model.r + of.repeats) * (np.log(model.alpha + of.age) - np.log(model.alpha + of.last))
    )  # fmt: skip
    found: ndarray = np.where(again, expit(-odds_of_lost), 1.0)
    return found


def expected(model: Buying, of: Histories, ahead: float) -> ndarray:
    """How many purchases each makes in the time ahead: equation (10).

    Its 2F1(r+x, b+x; c; z), c = a+b+x-1, z = t/(alpha+T+t), is by Euler's transformation
    (1-z)^(a-1-r-x) 2F1(a+b-1-r, a-1; c; z), whose numbers stay small for any x; and
    2F1(p, a-1; c; z) = 1 + (a-1) sum (p)_n (a)_(n-1) / ((c)_n n!) z^n takes the (a-1) out that
    the equation divides by, so that nothing happens at a = 1.
    """
    import numpy as np

    a = model.a
    c = a + model.b + of.repeats - 1
    z = ahead / (model.alpha + of.age + ahead)
    log_rest = np.log1p(-z)
    growth = -log_rest if a == 1 else -np.expm1((a - 1) * log_rest) / (a - 1)
    series = hypergeometric_rest(a + model.b - 1 - model.r, a, c, z)
    found = alive(model, of) * (c * growth - np.exp((a - 1) * log_rest) * series)
    # What rounding may make of next to nothing; nobody buys faster than who is never lost.
    most = (model.r + of.repeats) / (model.alpha + of.age) * ahead
    clipped: ndarray = np.clip(found, 0.0, most)
    return clipped


def hypergeometric_rest(p: float, a: float, c: ndarray, z: ndarray) -> ndarray:
    """c times the sum over n from 1 of (p)_n (a)_(n-1) / ((c)_n n!) z^n, 0 <= z < 1."""
    import numpy as np

    total = np.zeros_like(z)
    open_, term, cs, zs = np.arange(z.size), p * z, c, z
    for n in range(1, MOST_TERMS):
        total[open_] += term
        term = term * ((p + n) * (a + n - 1)) / ((cs + n) * (n + 1)) * zs
        # Looked at seldom: to leave out who is done costs more than a few terms.
        if n % 32 == 0:
            more = np.abs(term) > SMALL * np.abs(total[open_]) * (1 - zs)
            open_, term, cs, zs = open_[more], term[more], cs[more], zs[more]
            if not open_.size:
                break
    return total


def even_chance(model: Buying, of: Histories) -> ndarray:
    """The time until an order is as likely as not; infinite where it never is.

    Who is alive buys at a gamma(r+x, alpha+T) rate, so that the chance of an order by s is
    P(alive) (1 - ((alpha+T)/(alpha+T+s))^(r+x)).
    """
    import numpy as np

    left = 1 - 0.5 / alive(model, of)
    with np.errstate(divide="ignore", over="ignore"):
        stretch = np.expm1(-np.log(np.maximum(left, 0.0)) / (model.r + of.repeats))
        waits: ndarray = (model.alpha + of.age) * stretch
    return waits
