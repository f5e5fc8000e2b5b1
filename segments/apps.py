"""The segments app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Makes the language's attributes known, and how each of them is read."""

    name = "segments"

    def ready(self) -> None:
        """Fill the two tables; apps above add to them."""
        from segments.compiling import table  # noqa: F401
        from segments.language import attributes  # noqa: F401
