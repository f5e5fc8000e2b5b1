"""Cohorts: of the customers whose first order lies in one week or month, who came back later."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.numbers.figures import as_money
from orders.numbers.periods import Interval, Period, begin_of
from orders.numbers.series import PeriodTooLong
from tenants.models import Tenant
from xeno.lib.upsert import run

CELLS = """
    SELECT cohort, period, customers, orders, revenue FROM orders_cohortcell
    WHERE tenant_id = %s AND unit = %s AND cohort >= %s AND cohort <= %s
        AND period >= %s AND period <= %s
    ORDER BY cohort, period
"""
MOST_COHORTS = 120


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cohort did so many weeks or months after its first."""

    age: int  # 0: the week or month of the first order
    customers: int
    orders: int
    revenue: Decimal  # in the store's currency
    retention: float  # customers, of all of the cohort


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first order lies in one week or month."""

    begins: date
    customers: int
    cells: list[Cell]  # by age; an age in which nobody ordered is there too, up to the last


def find_cohorts(*, tenant: Tenant, period: Period, unit: Interval) -> list[Cohort]:
    """The cohorts that begin in the period's weeks or months, as they were at its end.

    Whole weeks and months: the first and the last one are not cut off. Raises PeriodTooLong.
    """
    first, last = begin_of(period.first, unit), begin_of(period.last, unit)
    if unit == Interval.DAY or ages_between(first, last, unit) >= MOST_COHORTS:
        raise PeriodTooLong(
            f"Ask for at most {MOST_COHORTS} cohorts, by week or by month.", field="interval"
        )
    rows = run(CELLS, [tenant.pk, unit.value, first, last, first, last])
    found = defaultdict[date, dict[int, tuple[int, int, int]]](dict)
    for cohort, at, customers, orders, revenue in rows:
        found[cohort][ages_between(cohort, at, unit)] = (customers, orders, revenue)
    return [
        cohort_of(begins, cells, ages_between(begins, last, unit))
        for begins, cells in sorted(found.items())
    ]


def cohort_of(begins: date, cells: dict[int, tuple[int, int, int]], oldest: int) -> Cohort:
    """One cohort with a cell for each age."""
    # Everybody of a cohort ordered in its first week or month.
    size = cells.get(0, (0, 0, 0))[0]
    shown = []
    for age in range(oldest + 1):
        customers, orders, revenue = cells.get(age, (0, 0, 0))
        retention = customers / size if size else 0.0
        shown.append(Cell(age, customers, orders, as_money(revenue), retention))
    return Cohort(begins, size, shown)


def ages_between(cohort: date, at: date, unit: Interval) -> int:
    """How many weeks or months lie between two of their first days."""
    if unit == Interval.WEEK:
        return (at - cohort).days // 7
    return (at.year - cohort.year) * 12 + at.month - cohort.month
