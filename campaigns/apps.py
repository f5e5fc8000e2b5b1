"""The campaigns app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Lets the middleware know the links that messages lead to."""

    name = "campaigns"

    def ready(self) -> None:
        from campaigns.tracking.links import find_store_id, prefixes
        from tenants.scoping.public_links import add_public_links

        for prefix in prefixes():
            add_public_links(prefix, find_store_id)
