"""The campaigns app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Lets the middleware know the links that messages lead to, the segments what people did with
    messages, the timeline both; says on a customer's page what they got; begins campaigns on a
    segment's page;
    keeps the segments that campaigns need."""

    name = "campaigns"

    def ready(self) -> None:
        from campaigns import holding
        from campaigns.panels import messages_panel
        from campaigns.segment_link import PLACE, campaign_to
        from campaigns.segment_sources import add_sources
        from campaigns.timeline import CLICKS, MESSAGES, OPENS, RETURNS
        from campaigns.tracking.links import find_store_id, prefixes
        from customers.panels import add_customer_panel
        from customers.timeline import add_timeline_source
        from segments.holders import HOLDERS
        from tenants.scoping.page_links import add_page_link
        from tenants.scoping.public_links import add_public_links

        add_customer_panel(messages_panel)
        HOLDERS.append(holding)
        for prefix in prefixes():
            add_public_links(prefix, find_store_id)
        add_page_link(PLACE, campaign_to)
        add_sources()
        for source in (MESSAGES, OPENS, CLICKS, RETURNS):
            add_timeline_source(source)
