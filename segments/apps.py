"""The segments app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Registers the app with Django."""

    name = "segments"
