"""`manage.py recompute_scores`: the RFM scores and groups of all customers of a store."""

from typing import Any

from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from webhooks.rescoring import rescore


class Command(TenantCommand):
    """Harmless at any time: it writes only what differs."""

    help = "Score every customer of the store by recency, frequency and money."

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Score, and say how many changed."""
        changed = rescore(tenant=tenant)
        self.stdout.write(f"{tenant.shop_domain}: the scores of {changed} customers changed.")
