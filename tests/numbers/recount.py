"""Rollups and figures from the rows of orders in plain Python: what SQL is held against."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from orders.models import LineItem, Order
from orders.rollups.models import BuyersDay, CohortCell, ProductDay, ReturnDay, SalesDay


def local_day(at, store):
    return at.astimezone(store.zone).date()


def monday(day):
    return day - timedelta(days=day.weekday())


def counted_orders():
    return list(Order.objects.filter(counted=True).order_by("processed_at", "pk"))


def by_customer(orders, store):
    """Each customer's days, in order, with how many orders each has."""
    found = defaultdict(Counter)
    for order in orders:
        if order.customer_id:
            found[order.customer_id][local_day(order.processed_at, store)] += 1
    return {customer: sorted(days.items()) for customer, days in found.items()}


def expected(store):
    """All rollups, as `held` gives them."""
    orders = counted_orders()
    history = by_customer(orders, store)
    firsts = {customer: days[0][0] for customer, days in history.items()}
    return {
        "sales": sales(orders, firsts, store),
        "buyers": buyers(history),
        "returns": returns(history),
        "products": products(store),
        "week": cohorts(orders, firsts, store, monday),
        "month": cohorts(orders, firsts, store, lambda day: day.replace(day=1)),
    }


def sales(orders, firsts, store):
    found = defaultdict(lambda: [0, 0, 0, 0])
    for order in orders:
        day = local_day(order.processed_at, store)
        row, amount = found[day, order.currency], order.current_amount
        row[0], row[1] = row[0] + 1, row[1] + amount
        if order.customer_id and firsts[order.customer_id] == day:
            row[2], row[3] = row[2] + 1, row[3] + amount
    return {key: tuple(row) for key, row in found.items()}


def buyers(history):
    found = defaultdict(lambda: [0, 0, 0])
    for days in history.values():
        for place, (day, orders) in enumerate(days):
            found[day][0] += 1
            found[day][1] += place == 0
            found[day][2] += place == 0 and orders > 1
    return {day: tuple(row) for day, row in found.items()}


def returns(history):
    found = defaultdict(lambda: [0, 0])
    for days in history.values():
        for (before, orders), (day, _) in pairwise(days):
            found[day, before][0] += 1
            found[day, before][1] += orders == 1 and before == days[0][0]
    return {key: tuple(row) for key, row in found.items()}


def products(store):
    found = defaultdict(lambda: [set(), 0, 0])
    lines = LineItem.objects.filter(order__counted=True).exclude(product_shopify_id=None)
    for line in lines.select_related("order"):
        day = local_day(line.order.processed_at, store)
        row = found[day, line.product_shopify_id, line.order.currency]
        row[0].add(line.order_id)
        row[1] += line.current_quantity
        row[2] += line.price * line.current_quantity
        if line.quantity:
            row[2] -= line.discount * line.current_quantity / line.quantity
    return {key: (len(ids), pieces, money) for key, (ids, pieces, money) in found.items()}


def cohorts(orders, firsts, store, begin):
    found = defaultdict(lambda: [set(), 0, 0])
    for order in orders:
        if order.customer_id:
            day = local_day(order.processed_at, store)
            row = found[begin(firsts[order.customer_id]), begin(day)]
            row[0].add(order.customer_id)
            row[1] += 1
            row[2] += order.current_amount if order.currency == store.currency else 0
    return {key: (len(who), times, money) for key, (who, times, money) in found.items()}


def rows(model, key, *values, **which):
    found = {}
    for row in model.objects.filter(**which).values_list(*key, *values):
        found[row[0] if len(key) == 1 else row[: len(key)]] = row[len(key) :]
    return found


def held():
    """All rollups as they are stored."""
    cells = ("cohort", "period"), "customers", "orders", "revenue"
    return {
        "sales": rows(
            SalesDay, ("day", "currency"), "orders", "revenue", "new_orders", "new_revenue"
        ),
        "buyers": rows(BuyersDay, ("day",), "buyers", "newcomers", "newcomers_again"),
        "returns": rows(ReturnDay, ("day", "previous"), "customers", "second"),
        "products": rows(
            ProductDay, ("day", "product_shopify_id", "currency"), "orders", "quantity", "revenue"
        ),
        "week": rows(CohortCell, *cells, unit="week"),
        "month": rows(CohortCell, *cells, unit="month"),
    }


def figures(store, period):
    """Customers, new ones and those with two orders or more, of one period."""
    orders = [o for o in counted_orders() if o.customer_id]
    until = [o for o in orders if local_day(o.processed_at, store) <= period.last]
    times = Counter(o.customer_id for o in until)
    within = {o.customer_id for o in until if local_day(o.processed_at, store) >= period.first}
    earlier = {o.customer_id for o in until if local_day(o.processed_at, store) < period.first}
    return len(within), len(within - earlier), sum(times[who] > 1 for who in within)
