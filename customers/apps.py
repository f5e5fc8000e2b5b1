"""The customers app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the app with Django."""

    name = "customers"
