"""`manage.py import_segments`: the segments of a text, in a store."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from segments.exchange.importing import Imported, Outcome, import_text
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from xeno.lib.errors import Mistake


class Command(TenantCommand):
    """Each segment is made as a whole, or said to be refused with its reasons."""

    help = "Make the segments of a file that export_segments wrote, or somebody by hand."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the text")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Import, and say what became of each."""
        try:
            text = Path(options["file"]).read_text()
            done = import_text(actor=Actor(), tenant=tenant, text=text, dry_run=options["dry_run"])
        except (OSError, UnicodeDecodeError, Mistake) as error:
            raise CommandError(str(error)) from error
        tried = " Tried only:" if options["dry_run"] else ""
        self.stdout.write(f"{tenant.shop_domain}: {len(done)} segments.{tried}")
        for each in done:
            self.stdout.write(said(each))


def said(each: Imported) -> str:
    """One line, and one for each problem."""
    if each.outcome != Outcome.REFUSED:
        return f"{each.name}: {'made' if each.outcome == Outcome.CREATED else 'there already'}."
    problems = "".join(f"\n    {problem.detail}" for problem in each.problems)
    return f"{each.asked_name} (line {each.line}): refused.{problems}"
