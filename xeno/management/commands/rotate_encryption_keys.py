"""`manage.py rotate_encryption_keys`: all that is encrypted, under the first key."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.key_rotation import rotate_keys
from webhooks.privacy.models import ErasureReceipt
from xeno.lib.errors import Mistake

MOST_NAMED = 20


class Command(BaseCommand):
    """Harmless at any time, and again after it was cut off; ends with 1 while an old key is needed.

    First put the new key before the old ones in ENCRYPTION_KEYS and restart every process; then
    run this; then drop the old ones, those under which somebody was erased into RECEIPT_KEYS.
    """

    help = "Encrypt every token and secret anew with the first of ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is left")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rotated = 0 if options["check"] else rotate_keys().rotated
            # Once more: a process with the old order of keys may write while we go through.
            found = rotate_keys(write=False)
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        if not options["check"]:
            self.stdout.write(f"{rotated:,} of {found.seen:,} values were encrypted anew.")
        if found.unreadable:
            named = ", ".join(found.unreadable[:MOST_NAMED])
            raise CommandError(
                f"None of the {len(settings.ENCRYPTION_KEYS)} keys opens"
                f" {len(found.unreadable):,} values: {named}. Add the key that made them, or have"
                " the stores connected and the second factors set up anew."
            )
        if found.left:
            raise CommandError(
                f"{found.left:,} of {found.seen:,} values need an older key yet. Restart every"
                " process with the new key first in ENCRYPTION_KEYS, and run this again."
            )
        self.stdout.write(
            f"All {found.seen:,} values are under the first key: the others can be dropped, once no"
            " backup is left that you would restore."
        )
        if len(settings.ENCRYPTION_KEYS) > 1 and ErasureReceipt.objects.exists():
            self.stdout.write(
                "Move them to RECEIPT_KEYS: stores or customers were erased, and only the key of"
                " that time knows them when Shopify asks again, or when a backup is restored."
            )
