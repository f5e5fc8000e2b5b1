"""`manage.py backup FILE`: everything that the database holds, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xeno.lib.errors import Mistake
from xeno.management.dumping import save_backup


class Command(BaseCommand):
    """Harmless while the install is running: the file shows one moment of it."""

    help = "Write the whole database into a file: it holds every customer, so keep it encrypted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to."""
        parser.add_argument("file", type=Path, help="such as /backups/xeno-2026-11-22.dump")

    def handle(self, *_: Any, **options: Any) -> None:
        """Write it, and say how large it is."""
        try:
            save_backup(options["file"])
        except (Mistake, OSError) as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size
        self.stdout.write(f"{options['file']}: {size:,} bytes. Keep it encrypted.")
