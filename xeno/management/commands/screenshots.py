"""`manage.py screenshots`: pictures of the demo store's pages on the running server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xeno.demo.picturing import SHOTS, SIZES, take_pictures
from xeno.demo.posting import check_answers
from xeno.demo.showing import show_something
from xeno.demo.store import check_allowed
from xeno.lib.errors import Mistake
from xeno.management.progress import Progress


class Command(BaseCommand):
    """Signs in as the demo store's owner; a segment and a campaign are made where none is."""

    help = "Take pictures of the demo store's pages (development only) on the running server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the running server, and the folder."""
        parser.add_argument(
            "--url", default=settings.PUBLIC_URL, help="the server (default: %(default)s)"
        )
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR / "docs" / "screenshots",
            help="where the pictures go (default: docs/screenshots)",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        """Take them, and say how many and how large."""
        progress = Progress(self.stdout)
        try:
            check_allowed()
            check_answers(options["url"])
            show_something()
            with progress("Taking pictures", len(SHOTS) * len(SIZES)) as on_taken:
                taken = take_pictures(
                    url=options["url"], folder=options["folder"], on_taken=on_taken
                )
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        size = sum(path.stat().st_size for path in taken) / 1_000_000
        self.stdout.write(f"{len(taken)} pictures, {size:.1f} MB, in {options['folder']}")
