"""The customers app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Puts the words on consents into the customers' timeline."""

    name = "customers"

    def ready(self) -> None:
        from customers.consent_timeline import CONSENTS
        from customers.timeline import add_timeline_source

        add_timeline_source(CONSENTS)
