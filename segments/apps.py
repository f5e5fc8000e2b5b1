"""The segments app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Makes the language's attributes known, and how each of them is read; follows edits, and
    says on a customer's page in which segments they are, and above the list which there are."""

    name = "segments"

    def ready(self) -> None:
        """Fill the two tables; apps above add to them."""
        from customers.editing import FOLLOWERS
        from customers.panels import add_customer_panel
        from customers.timeline import add_timeline_source
        from segments import following
        from segments.compiling import table  # noqa: F401
        from segments.language import attributes  # noqa: F401
        from segments.panels import segments_panel
        from segments.tabs import SegmentTabs
        from segments.timeline import MOVES
        from tenants.scoping.tabs import add_tabs

        FOLLOWERS.append(following)
        add_timeline_source(MOVES)
        add_customer_panel(segments_panel)
        add_tabs("customers.Customer", SegmentTabs)
