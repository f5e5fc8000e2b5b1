"""`manage.py recount_numbers`: the rollups that numbers are read from, counted anew."""

from typing import Any

from orders.rollups import keeping, state
from orders.rollups.models import StaleStretch
from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from xeno.management.progress import Progress


class Command(TenantCommand):
    """Harmless at any time: it writes only what differs, day by day."""

    help = "Count every day, week and month of the store's orders anew."

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Recount, and say how much that was."""
        state.ask_for_rebuild(tenant=tenant)
        stretches = StaleStretch.objects.count()
        with Progress(self.stdout)("Recounting", stretches) as advance:
            left = stretches
            while keeping.step(tenant=tenant, patient=False):
                before, left = left, StaleStretch.objects.count()
                advance(max(before - left, 0))
        self.stdout.write(f"{tenant.shop_domain}: {stretches:,} days, weeks and months counted.")
