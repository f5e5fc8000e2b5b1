"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Registers the app with Django; a store's history comes as soon as it is connected."""

    name = "webhooks"

    def ready(self) -> None:
        from tenants.shopify.installing import AFTER_INSTALL
        from webhooks.backfill.beginning import begin_sync

        AFTER_INSTALL.append(begin_sync)
