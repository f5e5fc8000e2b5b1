"""Named reads of customers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from tenants.scoping.owned import TenantManager, TenantQuerySet


class CustomerQuerySet(TenantQuerySet[Any]):
    """What one asks of a store's customers."""

    def search(self, term: str) -> CustomerQuerySet:
        """Those whose e-mail, first or last name begins with the term, in any case.

        Two words are a first and a last name.
        """
        first, _, last = term.strip().partition(" ")
        if last:
            return self.filter(
                first_name_search__prefix=first, last_name_search__prefix=last.strip()
            )
        return self.filter(
            Q(email_search__prefix=first)
            | Q(first_name_search__prefix=first)
            | Q(last_name_search__prefix=first)
        )

    def tagged(self, tag: str) -> CustomerQuerySet:
        """Those who carry the tag now, in any case."""
        from customers.models import CustomerTag

        carrying = CustomerTag.objects.filter(tag_key=tag.strip().lower(), present=True)
        return self.filter(pk__in=carrying.values("customer_id"))


CustomerManager = TenantManager.from_queryset(CustomerQuerySet)
