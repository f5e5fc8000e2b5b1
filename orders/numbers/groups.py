"""The RFM table: how many customers have which scores, with their orders and money.

Made when the scores are (`orders.rfm`: at the store's midnight, and when asked for), so that
scores, counts and money are of one moment.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.models import RfmGroup
from orders.numbers.figures import as_money
from tenants.models import Tenant
from xeno.lib.upsert import run

# Nobody without an order has scores: 0.
FORGET = """
    DELETE FROM orders_rfmcell WHERE tenant_id = %(tenant)s
"""
COUNT = """
    INSERT INTO orders_rfmcell (tenant_id, recency, frequency, monetary, rfm_group, customers,
        orders, spent, scored_on)
    SELECT %(tenant)s, COALESCE(s.recency, 0), COALESCE(s.frequency, 0), COALESCE(s.monetary, 0),
        s.rfm_group, count(*), sum(c.orders_count)::bigint, sum(c.total_spent)::bigint, %(on)s
    FROM orders_customerscore s
    JOIN customers_customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
    WHERE s.tenant_id = %(tenant)s
    GROUP BY s.recency, s.frequency, s.monetary, s.rfm_group
"""
CELLS = """
    SELECT recency, frequency, monetary, rfm_group, customers, orders, spent, scored_on
    FROM orders_rfmcell WHERE tenant_id = %s
    ORDER BY recency DESC, frequency DESC, monetary DESC, rfm_group
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """Customers of the same three scores, 1 to 5, or of the same group."""

    customers: int
    orders: int
    spent: Decimal  # all that they ever spent, in the store's currency


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers of the same three scores."""

    recency: int
    frequency: int
    monetary: int
    scored: Scored


@dataclass(frozen=True, slots=True)
class Table:
    """All customers with orders by their scores, and every customer by group."""

    scored_on: date | None  # None: not scored yet
    cells: list[Cell]
    groups: dict[RfmGroup, Scored]  # Shopify's own word where it told one


NOBODY = Scored(0, 0, Decimal(0))


def recount_groups(*, tenant: Tenant, on: date) -> None:
    """Count who has which scores, within the transaction that scored them."""
    params = {"tenant": tenant.pk, "on": on}
    run(FORGET, params)
    run(COUNT, params)


def find_groups(*, tenant: Tenant) -> Table:
    """The table as of the last scoring, in one query."""
    cells = dict[tuple[int, int, int], Scored]()
    groups = dict.fromkeys(RfmGroup, NOBODY)
    scored_on = None
    for *scores, group, customers, orders, spent, on in run(CELLS, [tenant.pk]):
        these, scored_on = Scored(customers, orders, as_money(spent)), on
        groups[RfmGroup(group)] = plus(groups[RfmGroup(group)], these)
        if all(scores):
            key = (scores[0], scores[1], scores[2])
            cells[key] = plus(cells.get(key, NOBODY), these)
    return Table(scored_on, [Cell(*key, scored) for key, scored in cells.items()], groups)


def plus(one: Scored, other: Scored) -> Scored:
    """Both together."""
    return Scored(
        one.customers + other.customers, one.orders + other.orders, one.spent + other.spent
    )
