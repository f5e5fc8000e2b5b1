"""Tables on the customer's page that apps above this one add in their AppConfig.ready()."""

from collections.abc import Callable

from customers.models import Customer
from tenants.models import Tenant
from tenants.scoping.display import Panel

CustomerPanel = Callable[[Tenant, Customer], Panel]

CUSTOMER_PANELS: list[CustomerPanel] = []


def add_customer_panel(panel: CustomerPanel) -> None:
    """Show the panel on every customer's page; adding it twice shows it once."""
    if panel not in CUSTOMER_PANELS:
        CUSTOMER_PANELS.append(panel)
