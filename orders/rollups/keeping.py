"""Keeping a store's rollups in step, turn by turn: what waits is rows, and Redis only wakes.

Days come first, in the order in which they became stale, and are there within seconds. Cohorts
are recounted by whole weeks and months, so at most once in a while. The state's row is locked by
whoever recounts: a killed worker's lock goes with its session, and what it committed stays done.
"""

import time
from collections.abc import Callable
from datetime import date

from django.db import transaction

from orders.rollups import cohorts, days, state, taking_up
from orders.rollups.models import Unit
from orders.rollups.state import COHORTS_AFTER, WAITED
from tenants.models import Tenant
from xeno.lib.upsert import array, run

TURN_SECONDS = 0.5  # then the next task goes on: a quiet store never waits for a large one's end
MOST_DAYS = 16  # in one statement

OLDEST_DAYS = f"""
    SELECT begins FROM orders_stalestretch WHERE tenant_id = %s AND unit = 'day'
    ORDER BY stale_since, begins DESC LIMIT {MOST_DAYS}
"""
OLDEST_OF_COHORTS = f"""
    SELECT unit, begins FROM orders_stalestretch
    WHERE tenant_id = %(tenant)s AND unit IN ('week', 'month') AND {WAITED}
    ORDER BY stale_since, begins DESC LIMIT 1
"""
DONE = """
    DELETE FROM orders_stalestretch
    WHERE tenant_id = %s AND unit = %s AND begins = ANY(%s::date[])
"""

# Each says whether the open store has work that comes first; apps above add theirs.
FIRST: list[Callable[[], bool]] = []


def gives_way() -> bool:
    """Whether a turn should not be followed by the next one at once."""
    return any(has_work() for has_work in FIRST)


def keep(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Bring the store's rollups in step for one turn; True when something is left for the next.

    Where somebody else is at it, this does nothing.
    """
    end = time.monotonic() + seconds
    while more := step(tenant=tenant):
        if time.monotonic() > end:
            break
    return more


@transaction.atomic
def step(*, tenant: Tenant, patient: bool = True) -> bool:
    """The next piece of work, in a transaction of its own; False when there is none.

    An impatient one recounts cohorts however short ago that was done.
    """
    if not state.is_due(tenant=tenant, patient=patient):
        return False
    # Read under the lock: the zone and currency that the rows are to be true of.
    if not state.take(tenant=tenant):
        return False
    taking_up.take_up(tenant=tenant)
    found = [begins for (begins,) in run(OLDEST_DAYS, [tenant.pk])]
    if found:
        days.recount_days(tenant=tenant, days=found)
        done(tenant, Unit.DAY, found)
    else:
        recount_oldest_of_cohorts(tenant, COHORTS_AFTER if patient else 0)
    state.settle(tenant=tenant)
    return True


def recount_oldest_of_cohorts(tenant: Tenant, wait: int) -> None:
    """The week or month that has waited longest."""
    for unit, begins in run(OLDEST_OF_COHORTS, {"tenant": tenant.pk, "wait": wait}):
        cohorts.recount_period(tenant=tenant, unit=Unit(unit), begins=begins)
        done(tenant, Unit(unit), [begins])


def done(tenant: Tenant, unit: Unit, begins: list[date]) -> None:
    """These are in step."""
    run(DONE, [tenant.pk, unit.value, array(begins)])


def keep_whole(*, tenant: Tenant) -> None:
    """Bring everything in step at once, however long it takes: for tests and commands."""
    while step(tenant=tenant, patient=False):
        pass
