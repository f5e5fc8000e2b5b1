"""Answers that are kept in Redis until the store's numbers move; without Redis they are made.

The key carries the store, the version of its rollups with its time (a restored backup begins an
older count anew), and what else an answer depends on. Kept is what the API says, in JSON, and
never a name: whoever may see customers reads them anew.
"""

import json
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

from orders.rollups.models import Unit
from orders.rollups.state import Freshness, find_freshness
from tenants.models import Tenant

SECONDS = 3_600
SHAPE = 1  # of what is kept: another one must not find it


def kept(
    *, tenant: Tenant, what: str, make: Callable[[], Any], unit: Unit = Unit.DAY
) -> tuple[Any, Freshness]:
    """What `make` gives, made once for each version of the store's numbers; and how fresh those
    of the unit are.

    The version is read before: what is recounted meanwhile is kept under the older one at worst.
    """
    freshness = find_freshness(tenant=tenant, unit=unit)
    if freshness.counted_at is None:
        return make(), freshness
    version = f"{freshness.version}-{freshness.counted_at.timestamp()}"
    of_store = f"{tenant.pk}:{version}:{tenant.timezone}:{tenant.currency}"
    key = f"tenant:{of_store}:numbers:{SHAPE}:{what}"
    found = cache.get(key)
    if isinstance(found, str):
        return json.loads(found), freshness
    made = make()
    cache.set(key, json.dumps(made), timeout=SECONDS)
    return made, freshness
