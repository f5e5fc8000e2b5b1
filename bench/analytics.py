"""Numbers of the large store: the home page, the API without its cache, and a day counted anew."""

import json
import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

import django
import psycopg

from bench.figures import Figure, in_turn, middle
from bench.machinery import web
from bench.reads import Reader, listen

LAST = date(2026, 2, 8)  # the last whole day of the large store's orders
MOST_MS = 150  # below it a page needs no comparison
REQUESTS = 12  # of one repetition

# The same sums by hand, as the tables' owner: who and what sold in a period and in the one before.
BARE = (
    """
    SELECT sum(buyers), sum(newcomers) FROM orders_buyersday
    WHERE tenant_id = %(tenant)s AND day BETWEEN %(first)s AND %(last)s
    """,
    """
    SELECT sum(customers), sum(second) FROM orders_returnday
    WHERE tenant_id = %(tenant)s AND previous >= %(first)s AND day <= %(last)s
    """,
    """
    SELECT day, currency, sum(orders), sum(revenue) FROM orders_salesday
    WHERE tenant_id = %(tenant)s AND day BETWEEN %(first)s AND %(last)s GROUP BY day, currency
    """,
)
PRODUCTS = """
    SELECT product_shopify_id, sum(revenue) FROM orders_productday
    WHERE tenant_id = %(tenant)s AND day BETWEEN %(first)s AND %(last)s
    GROUP BY 1 ORDER BY 2 DESC LIMIT 10
"""


def days_to(last: date, days: int) -> tuple[date, date]:
    """So many days, and the first of them."""
    return last - timedelta(days=days - 1), last


class Bare:
    """The rollups summed by a plain connection."""

    def __init__(self, tenant_id: int) -> None:
        self.tenant_id = tenant_id
        self.connection = psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True)

    def milliseconds(self, days: int) -> float:
        """Of all sums of a period and of the one before it."""
        found = []
        for _ in range(REQUESTS):
            first, last = days_to(LAST, days)
            before = days_to(first - timedelta(days=1), days)
            began = time.perf_counter()
            for sql in BARE:
                self.read(sql, (first, last))
                self.read(sql, before)
            self.read(PRODUCTS, (first, last))
            found.append((time.perf_counter() - began) * 1000)
        return median(found)

    def read(self, sql: str, days: tuple[date, date]) -> None:
        """One statement's rows."""
        params = {"tenant": self.tenant_id, "first": days[0], "last": days[1]}
        self.connection.execute(sql, params).fetchall()


def home(reader: Reader, bare: Bare, days: int, on_done: Callable[[], object]) -> Figure:
    """The home page of a period over that period's bare sums."""
    first, last = days_to(LAST, days)
    path = f"/admin/?period=custom&from={first}&to={last}"

    def ours() -> float:
        seconds = listen(reader.server.port, path, reader.cookie, REQUESTS)
        return median(seconds) * 1000

    ours()
    theirs, us = in_turn(lambda: bare.milliseconds(days), ours, on_done=on_done)
    ratio = middle([u / t for u, t in zip(us, theirs, strict=True)])
    return Figure(
        f"home page of {days} days, server time",
        "the bare sums of the rollups that it shows, as owner",
        f"{middle(us):.0f} ms",
        f"{middle(theirs):.1f} ms",
        ratio,
        f"{ratio:.1f}, {middle(us):.0f} ms",
        3,
        3,
        more_is_better=False,
        slack=middle(us) <= MOST_MS,
    )


def answers(reader: Reader, on_done: Callable[[], object]) -> list[Figure]:
    """Each route of the API: made, with a period that was not asked for before; then as kept."""
    paths = {
        "overview": "compare=previous",
        "revenue": "compare=previous",
        "customer-growth": "interval=week",
        "top-customers": "limit=10",
        "top-products": "limit=10",
        "cohorts": "interval=month",
    }
    figures = []
    for name, more in paths.items():
        for days in (30, 365):
            made, kept = [], []
            for back in range(REQUESTS):
                first, last = days_to(LAST - timedelta(days=back), days)
                path = f"/analytics/{name}?from={first}&to={last}&{more}"
                made += listen(reader.server.port, path, reader.bearer, 1)
                kept += listen(reader.server.port, path, reader.bearer, 1)
            on_done()
            shown = f"{median(made) * 1000:.0f} ms, kept {median(kept) * 1000:.0f} ms"
            figures.append(
                Figure(
                    f"`/analytics/{name}` of {days} days, made",
                    "–",
                    shown,
                    "–",
                    median(made) * 1000,
                    shown,
                    None,
                    None,
                    more_is_better=False,
                )
            )
    return figures


def following(reader: Reader, on_done: Callable[[], object]) -> Figure:
    """A day of the large store counted anew, and the store's newest day is the largest."""
    from orders.rollups import days
    from orders.rollups.models import BuyersDay
    from xeno.lib.postgres.scope import tenant_scope

    found = []
    with tenant_scope(reader.tenant.pk):
        newest = list(BuyersDay.objects.order_by("-day").values_list("day", flat=True)[:6])
        for day in newest:
            began = time.perf_counter()
            days.recount_days(tenant=reader.tenant, days=[day])
            found.append((time.perf_counter() - began) * 1000)
    on_done()
    return Figure(
        "a day of the large store recounted",
        "–",
        f"{median(found):.0f} ms (slowest {max(found):.0f} ms)",
        "–",
        median(found),
        f"{median(found):.0f} ms",
        None,
        None,
        more_is_better=False,
    )


def measurements() -> int:
    """How many there are, for the bar."""
    return 2 * 2 * 5 + 12 + 1


def measure(on_done: Callable[[], object]) -> list[Figure]:
    """The rows of the table that are about numbers."""
    with web(os.environ, workers=1) as server:
        reader = Reader(server)
        bare = Bare(reader.tenant.pk)
        return [
            home(reader, bare, 30, on_done),
            home(reader, bare, 365, on_done),
            *answers(reader, on_done),
            following(reader, on_done),
        ]


def main() -> None:
    """`python -m bench.analytics`: figures as JSON; the environment names the database."""
    django.setup()

    def on_done() -> None:
        print("done", flush=True)

    for figure in measure(on_done):
        print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main()
