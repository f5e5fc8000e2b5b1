"""The campaigns app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Lets the middleware know the links that messages lead to; says on a customer's page what
    they got."""

    name = "campaigns"

    def ready(self) -> None:
        from campaigns.panels import messages_panel
        from campaigns.tracking.links import find_store_id, prefixes
        from customers.panels import add_customer_panel
        from tenants.scoping.public_links import add_public_links

        add_customer_panel(messages_panel)
        for prefix in prefixes():
            add_public_links(prefix, find_store_id)
