"""`manage.py recompute_totals`: the totals of all customers of a store, from their orders."""

from typing import Any

from customers.models import Customer
from orders.totals import recompute_every_total
from segments.changes import note_everybody
from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from xeno.management.progress import Progress


class Command(TenantCommand):
    """Harmless at any time: it writes only what differs."""

    help = "Recompute every customer's totals from the orders that are held here."

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Recompute, and say how many were different."""
        with Progress(self.stdout)("Recomputing", Customer.objects.count()) as advance:
            changed = recompute_every_total(tenant=tenant, on_progress=advance)
        note_everybody(tenant=tenant, kinds=["totals"])
        self.stdout.write(f"{tenant.shop_domain}: the totals of {changed} customers changed.")
