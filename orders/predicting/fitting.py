"""Maximum likelihood by gradient, over parameters that are all positive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

M = TypeVar("M")

# Of each parameter's logarithm; an optimum at an edge is none.
LOWEST, HIGHEST = -11.0, 14.0
EDGE = 1e-3


@dataclass(frozen=True)
class Fitted(Generic[M]):
    """A model with how likely it makes the data; without `converged` it is worth nothing."""

    model: M
    log_likelihood: float
    converged: bool


def maximise(
    measure: Callable[[Any], tuple[float, Any]],
    *,
    starts: Sequence[Sequence[float]],
    size: float,
    make: Callable[..., M],
) -> Fitted[M]:
    """The best of some climbs. `measure` gives the log-likelihood and its gradient; `size` is
    of how many, so that tolerances mean the same for few and for many."""
    import numpy as np
    from scipy.optimize import minimize

    def descend(logs: Any) -> tuple[float, Any]:
        values = np.exp(logs)
        height, slopes = measure(values)
        return -height / size, -slopes * values / size

    climbs = [
        minimize(
            descend,
            np.clip(np.log(start), LOWEST, HIGHEST),
            jac=True,
            method="L-BFGS-B",
            bounds=[(LOWEST, HIGHEST)] * len(start),
            options={"maxiter": 1_000, "ftol": 1e-13, "gtol": 1e-8},
        )
        for start in starts
    ]
    best = min(climbs, key=lambda climb: float(climb.fun))
    inside = bool(np.all((best.x > LOWEST + EDGE) & (best.x < HIGHEST - EDGE)))
    flat = float(np.max(np.abs(best.jac))) < 1e-4
    values = [float(value) for value in np.exp(best.x)]
    return Fitted(make(*values), -float(best.fun) * size, inside and flat)
