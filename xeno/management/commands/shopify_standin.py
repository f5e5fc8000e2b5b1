"""`manage.py shopify_standin`: play Shopify on this machine; `make run` starts it."""

import signal
from argparse import ArgumentParser
from contextlib import closing, suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xeno.demo.shopify.living import LivingShopify
from xeno.demo.store import check_allowed
from xeno.lib.errors import Mistake


class Command(BaseCommand):
    """Serves until a signal. Any shop can be connected: each has a story of its own."""

    help = "Play Shopify on this machine (development only); SHOPIFY_FAKE_URL leads to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port."""
        parser.add_argument("--port", type=int, default=settings.PORT + 1)

    def handle(self, *_: Any, **options: Any) -> None:
        """Serve."""
        try:
            check_allowed()
            standin = LivingShopify(
                secret=settings.SHOPIFY_API_SECRET,
                port=options["port"],
                file=settings.XENO_HOME / "standin.json",
                app=settings.PUBLIC_URL,
            )
        except (Mistake, OSError) as error:
            raise CommandError(str(error)) from error
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.stdout.write(f"Shopify's stand-in answers at {standin.url}")
        self.stdout.flush()
        with closing(standin), suppress(KeyboardInterrupt):
            standin.live()
