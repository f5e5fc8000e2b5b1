"""`manage.py verify_store`: compare a store with Shopify, mend what is off, and say what it was."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.reconciliation import ledger
from webhooks.reconciliation.models import Finding, LedgerLine
from webhooks.reconciliation.starting import find_last_reconciliation, start_reconciliation
from xeno.lib.errors import Mistake
from xeno.management.commands import sync_store

MOST_PRINTED = 20


class Command(sync_store.Command):
    """Ends with 1 when something was off that could not be mended."""

    help = "Compare a store with Shopify, mend what is off, print the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        super(sync_store.Command, self).add_arguments(parser)
        parser.add_argument("--whole", action="store_true", help="everything, not only changes")
        parser.add_argument("--last", action="store_true", help="print the last ledger, do nothing")

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Reconcile, unless only the last one is asked for; print the ledger."""
        if options["last"]:
            sync = find_last_reconciliation()
            if sync is None:
                raise CommandError("The store has not been reconciled yet: run it without --last.")
        else:
            sync = self.reconcile(tenant, whole=options["whole"])
        self.tell(tenant, sync)
        if not ledger.is_settled(sync):
            raise CommandError("Not everything could be mended. Try it with --whole.")

    def reconcile(self, tenant: Tenant, *, whole: bool) -> Sync:
        """One reconciliation, from its start to its end."""
        try:
            if running.find_running() is not None:
                raise running.SyncRunning
            sync = start_reconciliation(tenant=tenant, whole=whole)
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        self.follow(tenant, sync)
        sync.refresh_from_db()
        if sync.state != Sync.State.DONE:
            raise CommandError(f"It ended as {sync.state}: {sync.trouble or 'cancelled'}.")
        return sync

    def tell(self, tenant: Tenant, sync: Sync) -> None:
        """The ledger, and the first things that were off."""
        since = f"since {sync.since:%Y-%m-%d %H:%M} UTC" if sync.since else "as a whole"
        self.stdout.write(f"{tenant.shop_domain}, compared {since}:")
        for line in ledger.lines_of(sync):
            self.stdout.write(f"  {line.get_kind_display()}: {told(line)}")
        for finding in Finding.objects.filter(sync=sync).order_by("mended", "pk")[:MOST_PRINTED]:
            fields = ", ".join(finding.fields)
            state = "" if finding.mended else ", not mended"
            self.stdout.write(f"    {finding}{': ' + fields if fields else ''}{state}")


def told(line: LedgerLine) -> str:
    """One line in words."""
    counts = {
        "missing": line.missing,
        "late": line.late,
        "different": line.different,
        "gone in Shopify": line.extra,
        "not mended": line.unmended,
    }
    words = [f"{number:,} {name}" for name, number in counts.items() if number]
    text = ", ".join(words) or "in step"
    if line.here is not None and line.there is not None:
        text += f"; {line.here:,} here, {line.there:,} in Shopify"
    return text
