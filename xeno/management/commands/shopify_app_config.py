"""`manage.py shopify_app_config`: the app's settings at Shopify, as a file."""

from typing import Any

from django.core.management.base import BaseCommand

from webhooks.subscriptions import app_config


class Command(BaseCommand):
    """Prints; redirect it to shopify.app.toml."""

    help = "Print shopify.app.toml: scopes, addresses and webhooks of this install."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(app_config(), ending="")
