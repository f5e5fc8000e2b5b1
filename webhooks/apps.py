"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Registers the app with Django, and itself with the apps below: a store's history comes as
    soon as it is connected, what staff edit goes to Shopify, numbers wait for the inbox, and a
    customer's page leads to their data and their erasure."""

    name = "webhooks"

    def ready(self) -> None:
        from customers.editing import FOLLOWERS
        from customers.panels import add_customer_panel
        from orders.rollups.keeping import FIRST
        from tenants.scoping.page_links import add_page_link
        from tenants.shopify.installing import AFTER_INSTALL
        from webhooks.backfill.beginning import begin_sync
        from webhooks.files import offering
        from webhooks.outbox import queueing
        from webhooks.outbox.display import edits_panel
        from webhooks.privacy import links
        from webhooks.processing import has_pending

        AFTER_INSTALL.extend((begin_sync, queueing.resume))
        FOLLOWERS.append(queueing)
        FIRST.append(has_pending)
        add_customer_panel(edits_panel)
        add_page_link(links.PLACE, links.data_of)
        add_page_link(links.PLACE, links.erasure_of)
        offering.offer()
