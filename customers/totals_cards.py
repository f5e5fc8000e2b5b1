"""A customer's totals as figures above their page, each with whose figure it is."""

from django.utils.timezone import localdate

from customers.models import Customer, TotalsSource
from tenants.scoping.display import Card, day, money
from xeno.lib.money import DECIMALS


def totals_cards(customer: Customer, currency: str) -> list[Card]:
    """Orders, what was spent, the average, and the last order."""
    orders, spent = customer.orders_count, customer.total_spent
    average = round(spent / orders, DECIMALS.get(currency, 2)) if orders else None
    return [
        Card("Orders", f"{orders:,}", whose(customer.orders_count_source)),
        Card("Spent", money(spent, currency), whose(customer.total_spent_source)),
        Card("Average order", money(average, currency), "What was spent by orders"),
        Card("Last order", day(customer.last_order_at), since(customer)),
    ]  # fmt: skip


def whose(source: str) -> str:
    """Whose figure a total is."""
    return str(TotalsSource(source).label)


def since(customer: Customer) -> str:
    """How many days of the store the last order is ago, and when the first one was."""
    first, last = customer.first_order_at, customer.last_order_at
    if last is None or first is None:
        return "None is held here"
    days = (localdate() - localdate(last)).days
    if days > 0:
        ago = f"{days:,} day{'' if days == 1 else 's'} ago"
    else:
        ago = "Today" if days == 0 else "Still to come"  # a payload may carry any date
    return ago if first == last else f"{ago}; the first on {day(first)}"
