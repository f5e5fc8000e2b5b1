"""`manage.py demo`: the demo store, posted to the running server as signed webhooks."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xeno.demo.building import Summary, build_demo
from xeno.demo.payloads.shapes import CURRENCY, SHOP_DOMAIN, ZONE
from xeno.demo.posting import check_answers, send_to
from xeno.demo.store import LOGINS, NAME, PASSWORD, check_allowed, password_works
from xeno.lib.errors import Mistake
from xeno.lib.money import format_money
from xeno.management.progress import Progress


class Command(BaseCommand):
    """Safe to run again: it adds what is new since the last time."""

    help = f"Build the demo store {SHOP_DOMAIN} (development only) on the running server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the running server."""
        parser.add_argument(
            "--url", default=settings.PUBLIC_URL, help="the server (default: %(default)s)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Build it, and print what is there and who may log in."""
        today = datetime.now(ZONE).date()
        try:
            check_allowed()
            check_answers(options["url"])  # before anything is made
            summary = build_demo(
                today=today, send=send_to(options["url"]), progress=Progress(self.stdout)
            )
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        self._print_store(summary)
        self._print_ways_in(options["url"].rstrip("/"))

    def _print_store(self, summary: Summary) -> None:
        revenue = f"{CURRENCY} {format_money(summary.revenue, CURRENCY)}"
        self.stdout.write(f"{NAME} ({SHOP_DOMAIN}), {summary.posted} new webhooks:")
        self.stdout.write(f"  customers       {summary.customers}")
        self.stdout.write(f"  counted orders  {summary.orders}")
        self.stdout.write(f"  revenue         {revenue}")
        if summary.set_aside:
            self.stderr.write(f"{summary.set_aside} webhooks were set aside: see `doctor`.")

    def _print_ways_in(self, url: str) -> None:
        self.stdout.write("Log in:")
        self.stdout.write(f"  staff      {url}/admin/")
        self.stdout.write(f"  API        {url}/docs")
        for login in LOGINS:
            self.stdout.write(f"  {login.role.value:<9}  {login.email}")
        shown = PASSWORD if password_works() else "as it was changed since"
        self.stdout.write(f"  password   {shown}")
