"""Named reads of orders."""

from __future__ import annotations

from typing import Any

from orders import dates
from tenants.scoping.owned import TenantManager, TenantQuerySet


class OrderQuerySet(TenantQuerySet[Any]):
    """What one asks of a store's orders."""

    def search(self, term: str) -> OrderQuerySet:
        """Those whose number begins with the term; `1001` finds `#1001` as well."""
        term = term.strip()
        by_name = self.filter(name_search__prefix=term)
        return by_name | self.filter(name_search__prefix=f"#{term}")

    def oddly_dated(self) -> OrderQuerySet:
        """Those whose date cannot be true: they count, but belong to no month that there was."""
        return self.filter(dates.odd())


OrderManager = TenantManager.from_queryset(OrderQuerySet)
