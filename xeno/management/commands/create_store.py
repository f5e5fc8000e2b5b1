"""`manage.py create_store`: a store and its owner."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xeno.lib.errors import Mistake
from xeno.management.opening import has_account, open_store


class Command(BaseCommand):
    """For stores that are connected by hand; Shopify's own consent page makes them by itself."""

    help = "Make a store and its owner. The owner may have an account already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take no password as an argument: every process of the machine can read those."""
        parser.add_argument("shop_domain", help="such as your-shop.myshopify.com")
        parser.add_argument("--name", required=True, help="what people call the store")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read a new owner's password from standard input, one line",
        )
        parser.add_argument("--currency", required=True, help="ISO 4217, such as GBP")
        parser.add_argument("--timezone", required=True, help="such as Europe/London")

    def handle(self, *_: Any, **options: Any) -> None:
        """Make both, or say what is wrong and make neither."""
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        had_account = has_account(options["owner_email"])
        try:
            store = open_store(
                shop_domain=options["shop_domain"],
                name=options["name"],
                currency=options["currency"],
                timezone=options["timezone"],
                owner_email=options["owner_email"],
                password=password,
            )
        except Mistake as mistake:
            raise CommandError(str(mistake)) from mistake
        self.stdout.write(
            f"Made {store.name} ({store.shop_domain}). {options['owner_email']} owns it."
        )
        if had_account:
            self.stdout.write("The owner had an account already and keeps its password.")
        self._print_next()

    def _print_next(self) -> None:
        url = settings.PUBLIC_URL
        self.stdout.write("What comes next:")
        self.stdout.write(f"  1. Log in at {url}/admin/ or with POST {url}/auth/login.")
        self.stdout.write(f"  2. Have Shopify send its webhooks to {url}/webhook/shopify, signed")
        self.stdout.write("     with the secret in SHOPIFY_API_SECRET.")
        self.stdout.write("  3. See with `python manage.py doctor` that they arrive.")
