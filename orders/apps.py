"""The orders app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Adds the last orders to the customer's page and to the customer's JSON."""

    name = "orders"

    def ready(self) -> None:
        from customers.panels import add_customer_panel
        from customers.parts import add_customer_part
        from orders.customer_part import LAST_ORDERS
        from orders.panels import last_orders

        add_customer_panel(last_orders)
        add_customer_part(LAST_ORDERS)
