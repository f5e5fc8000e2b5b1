"""The orders app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Adds orders to the customer's page, to the customer's JSON and to the timeline."""

    name = "orders"

    def ready(self) -> None:
        from customers.panels import add_customer_panel
        from customers.parts import add_customer_part
        from customers.timeline import add_timeline_source
        from orders.customer_part import LAST_ORDERS
        from orders.panels import last_orders
        from orders.predicting.panel import prediction_panel
        from orders.score_panel import score_panel
        from orders.timeline import CHECKOUTS, ORDERS, REFUNDS

        for panel in (prediction_panel, score_panel, last_orders):
            add_customer_panel(panel)
        add_customer_part(LAST_ORDERS)
        add_timeline_source(ORDERS)
        add_timeline_source(REFUNDS)
        add_timeline_source(CHECKOUTS)
