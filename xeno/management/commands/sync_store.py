"""`manage.py sync_store`: fetch a store's whole history from Shopify, here and now."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from webhooks.backfill import running
from webhooks.backfill.models import SyncPart
from xeno.lib.errors import Mistake
from xeno.management.following import PATIENCE_SECONDS, Follower


class Command(TenantCommand):
    """Harmless at any time: what is newer here stays. Ctrl-C leaves the rest to the workers."""

    help = "Fetch the store's products, customers, orders and checkouts from Shopify."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--cancel", action="store_true", help="end the running sync")
        add_patience(parser)

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Start a sync, or go on with the running one, until it has ended."""
        try:
            if options["cancel"]:
                running.cancel_sync(tenant=tenant)
                self.stdout.write(f"{tenant.shop_domain}: cancelled; what it brought stays.")
                return
            sync = running.find_running() or running.start_sync(tenant=tenant)
        except Mistake as mistake:
            raise CommandError(f"{tenant.shop_domain}: {mistake}") from mistake
        Follower(self.stdout, patience=options["patience"]).follow(tenant, sync)
        told = SyncPart.objects.filter(sync=sync).order_by("pk")
        brought = ", ".join(f"{part.applied} {part.get_kind_display().lower()}" for part in told)
        self.stdout.write(f"{tenant.shop_domain}: {brought}.")


def add_patience(parser: CommandParser) -> None:
    """Take how long a Shopify that cannot be asked is waited for."""
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help="how long to wait for a Shopify that cannot be reached (default: %(default)s)",
    )
