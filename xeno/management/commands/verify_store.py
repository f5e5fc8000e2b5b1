"""`manage.py verify_store`: compare a store with Shopify, mend what is off, and say what it was."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from webhooks.backfill.models import Sync
from webhooks.reconciliation import ledger
from webhooks.reconciliation.models import Finding, LedgerLine
from webhooks.reconciliation.starting import find_last_reconciliation, start_reconciliation
from xeno.lib.errors import Mistake
from xeno.management.commands.sync_store import add_patience
from xeno.management.following import Follower

MOST_PRINTED = 20


class Command(TenantCommand):
    """Ends with 1 when something was off that could not be mended."""

    help = "Compare a store with Shopify, mend what is off, print the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--whole", action="store_true", help="everything, not only changes")
        parser.add_argument("--last", action="store_true", help="print the last ledger, do nothing")
        add_patience(parser)

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Reconcile, unless only the last one is asked for; print the ledger."""
        if options["last"]:
            sync = find_last_reconciliation()
            if sync is None:
                raise CommandError(
                    f"{tenant.shop_domain} was not reconciled yet: leave --last out."
                )
        else:
            sync = start(tenant, whole=options["whole"])
            Follower(self.stdout, patience=options["patience"]).follow(tenant, sync)
        self.tell(tenant, sync)
        if not ledger.is_settled(sync):
            raise CommandError("Not everything could be mended. Try it with --whole.")

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


def start(tenant: Tenant, *, whole: bool) -> Sync:
    """A new reconciliation; CommandError where a sync is under way."""
    try:
        return start_reconciliation(tenant=tenant, whole=whole)
    except Mistake as mistake:
        raise CommandError(f"{tenant.shop_domain}: {mistake}") from mistake


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
