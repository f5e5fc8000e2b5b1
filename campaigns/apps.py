"""The campaigns app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the app with Django."""

    name = "campaigns"
