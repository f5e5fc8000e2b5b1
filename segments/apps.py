"""The segments app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Makes the language's attributes known, and how each of them is read; follows edits."""

    name = "segments"

    def ready(self) -> None:
        """Fill the two tables; apps above add to them."""
        from customers.editing import FOLLOWERS
        from segments import following
        from segments.compiling import table  # noqa: F401
        from segments.language import attributes  # noqa: F401

        FOLLOWERS.append(following)
