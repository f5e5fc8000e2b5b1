"""`manage.py restore FILE`: a backup comes back, and those who were erased since do not."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from campaigns.sending import starting
from tenants.models import Tenant
from tenants.scoping.choice import SECRETS
from webhooks.privacy import receipts
from webhooks.privacy.restoring import erase_again
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope
from xeno.management.dumping import load_backup


class Command(BaseCommand):
    """Stop web, worker and beat before."""

    help = (
        "Put a backup into the database, bring its tables up to date, pause the campaigns that"
        " were on their way, and erase again whom the ledger or the replaced database says to"
        " have been erased."
    )
    requires_system_checks: list[str] = []  # the database may be empty

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and where it is known who was erased."""
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="throw the database's present tables away"
        )
        parser.add_argument(
            "--ledger", type=Path, default=None,
            help="the ledger of erasures, when it is not this install's XENO_HOME/erasures.jsonl",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        """Remember who was erased, restore, migrate, hold campaigns, erase again."""
        ledger = options["ledger"] or receipts.ledger_path()
        if options["ledger"] and not ledger.exists():
            raise CommandError(f"There is no ledger {ledger}.")
        known = receipts.read_ledger(ledger)
        try:
            known |= receipts.read_receipts()
        except DatabaseError:
            self.stdout.write("The present database has no receipts; the ledger alone counts.")
        try:
            load_backup(options["file"], replace=options["replace"])
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        call_command("migrate", verbosity=0)
        held = hold_campaigns()
        stores, customers = erase_again(known=known)
        self.stdout.write(
            f"Restored. Receipts known: {len(known)}; erased again: {stores} stores,"
            f" {customers} customers. Campaigns paused until somebody resumes them: {held}."
        )


def hold_campaigns() -> int:
    """Let no campaign of the backup go on by itself, in any store; how many were on their way."""
    held = 0
    for tenant in list(Tenant.objects.order_by("pk").defer(*SECRETS)):
        with tenant_scope(tenant.pk):
            held += starting.hold_restored()
    return held
