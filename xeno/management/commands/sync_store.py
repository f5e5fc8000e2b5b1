"""`manage.py sync_store`: fetch a store's whole history from Shopify, here and now."""

import time
from contextlib import ExitStack
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from webhooks.backfill import running
from webhooks.backfill.models import Sync, SyncPart
from xeno.lib.errors import Mistake
from xeno.management.progress import Progress


class Command(TenantCommand):
    """Harmless at any time: what is newer here stays. Ctrl-C leaves the rest to the workers."""

    help = "Fetch the store's products, customers, orders and checkouts from Shopify."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--cancel", action="store_true", help="end the running sync")

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Start a sync, or go on with the running one, until it has ended."""
        try:
            if options["cancel"]:
                running.cancel_sync(tenant=tenant)
                self.stdout.write("The sync is cancelled; what it brought stays.")
                return
            sync = running.find_running() or running.start_sync(tenant=tenant)
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        self.follow(tenant, sync)
        sync.refresh_from_db()
        if sync.state != Sync.State.DONE:
            raise CommandError(f"The sync ended as {sync.state}: {sync.trouble or 'cancelled'}.")
        told = SyncPart.objects.filter(sync=sync).order_by("pk")
        brought = ", ".join(f"{part.applied} {part.get_kind_display().lower()}" for part in told)
        self.stdout.write(f"{tenant.shop_domain}: {brought}.")

    def follow(self, tenant: Tenant, sync: Sync) -> None:
        """Work at it, showing a bar for each part, until it has ended."""
        shown: dict[str, int] = {}
        with ExitStack() as bars:
            opened: dict[str, Any] = {}
            while Sync.objects.filter(pk=sync.pk, state=Sync.State.RUNNING).exists():
                pause = running.advance(tenant=tenant)
                for part in SyncPart.objects.filter(sync=sync).exclude(total=None).order_by("pk"):
                    if part.kind not in opened and part.total:
                        bar = Progress(self.stdout)(part.get_kind_display(), part.total)
                        opened[part.kind] = bars.enter_context(bar)
                    if part.kind in opened:
                        opened[part.kind](part.applied - shown.get(part.kind, 0))
                        shown[part.kind] = part.applied
                # Another worker may have it, or Shopify is preparing the next part.
                time.sleep(1.0 if pause is None else min(pause, 2.0))
                running.cut_pause()
