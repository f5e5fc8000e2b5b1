"""Members of segments on the large store: whole refreshes, and touched customers, over bare SQL."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

from bench.figures import REPETITIONS, Figure, in_turn, middle
from bench.large import LARGE_SHOP
from bench.machinery import ROOT

Done = Callable[[], object]
TOUCHED, SEGMENTS = 500, 100
# Of a large part of the store, of a small one, and one that reads lines.
WHOLE = (
    "number_of_orders >= 1",
    "amount_spent > 500",
    "products_purchased MATCHES (date >= 2025-12-01, count >= 2)",
)
PUBLISHED = ROOT.parent / "shared" / "shopify" / "segment_queries.txt"
BARE_INSERT = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT %s, %s, found.id, now() FROM ({found}) AS found(id) ORDER BY found.id
"""
BARE_SCAN = """
    SELECT (SELECT count(*) FROM ({found}) AS found(id)), (
        SELECT count(*) FROM segments_segmentmember
        WHERE tenant_id = %s AND segment_id = %s AND valid_to IS NULL
    )
"""


def measurements() -> int:
    """How many single ones there are."""
    return 4 * REPETITIONS * len(WHOLE) + SEGMENTS


class Undone(Exception):
    """Ends a transaction whose rows are not to stay."""


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back."""
    from django.db import transaction

    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


class Kept:
    """The large store, and segments of it."""

    def __init__(self) -> None:
        from segments.definitions import clock_of
        from tenants.models import Tenant

        self.tenant = Tenant.objects.get(shop_domain=LARGE_SHOP)
        self.clock = clock_of(tenant=self.tenant)
        self.remove_all()

    def remove_all(self) -> None:
        """What an earlier run left."""
        from xeno.lib.upsert import run

        for table in ("segmentmember", "segmentstate", "datachange", "segment"):
            run(f"DELETE FROM segments_{table} WHERE tenant_id = %s", [self.tenant.pk])

    def make(self, query: str, name: str = "") -> Any:
        """A segment, not refreshed yet; its definition."""
        from segments.actions import SegmentData, create_segment
        from segments.definitions import read_definition
        from tenants.audit import Actor

        data = SegmentData(name=(name or query)[:255], query=query)
        made = create_segment(actor=Actor(), tenant=self.tenant, data=data, imported=True)
        return read_definition(made.pk, query, (query,))

    def execute(self, sql: str, definition: Any, *, before: bool) -> None:
        """A bare statement around the segment's own query."""
        from django.db import connection

        from segments.refreshing import sql_of

        found, params = sql_of(definition, self.clock)
        mine = [self.tenant.pk, definition.id]
        with connection.cursor() as cursor:
            values = [*mine, *params] if before else [*params, *mine]
            cursor.execute(sql.format(found=found), values)
            if cursor.description:
                cursor.fetchall()

    def refresh(self, definition: Any) -> Any:
        """The product's own way."""
        from segments.refreshing import refresh_segment

        return refresh_segment(tenant=self.tenant, definition=definition)


def timed(work: Callable[[], object]) -> float:
    """Its milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def ratio_of(work: str, against: str, base: list[float], ours: list[float], gate: float,
             aim: float) -> Figure:  # fmt: skip
    """A row about a ratio."""
    ratio = middle([o / b for o, b in zip(ours, base, strict=True)])
    shown = f"{middle(ours):,.0f} ms", f"{middle(base):,.0f} ms"
    return Figure(work, against, *shown, ratio, f"{ratio:.2f}", gate, aim, more_is_better=False)


def whole(kept: Kept, query: str, on_done: Done) -> list[Figure]:
    """First materialisation, then refreshes that find nothing new."""
    from xeno.lib.upsert import run

    definition = kept.make(query)

    took: dict[str, list[float]] = {"bare": [], "ours": []}

    def measured(name: str, work: Callable[[], object]) -> Callable[[], float]:
        def call() -> float:
            with undone():
                took[name].append(timed(work))
            return took[name][-1]

        return call

    base, ours = in_turn(
        measured("bare", lambda: kept.execute(BARE_INSERT, definition, before=True)),
        measured("ours", lambda: kept.refresh(definition)),
        on_done=on_done,
    )
    moved = kept.refresh(definition)
    run("SELECT xeno_analyze()", [])
    text = f"segment `{query}`, {moved.joined:,} members"
    figures = [
        ratio_of(f"{text}: first refresh", "bare ordered INSERT … SELECT", base, ours, 1.2, 1.05)
    ]
    base, ours = in_turn(
        lambda: timed(lambda: kept.execute(BARE_SCAN, definition, before=False)),
        lambda: timed(lambda: kept.refresh(definition)),
        on_done=on_done,
    )
    against = "counting who matches and who is in"
    return [*figures, ratio_of(f"{text}: refresh, nothing new", against, base, ours, 3, 2)]


def many_queries() -> list[str]:
    """The templates and the published queries, as they come, a hundred."""
    from segments.language import parse
    from segments.language.problems import SegmentSyntaxError
    from segments.templates import TEMPLATES

    found = [template.query for template in TEMPLATES.values()]
    if PUBLISHED.exists():  # beside the project, where it is developed
        lines = PUBLISHED.read_text().splitlines()
        found += [line.split(" -- ")[0] for line in lines if line.strip() and line[0] != "#"]
    sound = []
    for query in dict.fromkeys(found):
        try:
            parse(query)
        except SegmentSyntaxError:
            continue
        sound.append(query)
    return [sound[n % len(sound)] for n in range(SEGMENTS)]


# Any of the store's customers, with some five orders each; and the first ones, with a hundred
# each, of whom so many are never touched at once.
TOUCHED_ONES = {"": "hashint8(id)", " who bought the most": "id"}
FIRST_ONES = "SELECT id FROM customers_customer WHERE tenant_id = %s ORDER BY {} LIMIT %s"


def touched(kept: Kept, on_done: Done) -> list[Figure]:
    """So many touched customers against all of the segments."""
    from xeno.lib.upsert import run

    definitions = [kept.make(query) for query in many_queries()]
    for definition in definitions:
        kept.refresh(definition)
        on_done()
    run("SELECT xeno_analyze()", [])
    return [touched_row(kept, definitions, whose) for whose in TOUCHED_ONES]


def touched_row(kept: Kept, definitions: list[Any], whose: str) -> Figure:
    """Some of them; only the row of any customers has a bound."""
    from django.db import transaction

    from segments.touching import refresh_touched
    from xeno.lib.upsert import run

    found = run(FIRST_ONES.format(TOUCHED_ONES[whose]), [kept.tenant.pk, TOUCHED])
    ids = [pk for (pk,) in found]
    [(orders,)] = run(
        "SELECT count(*) FROM orders_order WHERE tenant_id = %s AND customer_id = ANY(%s)",
        [kept.tenant.pk, ids],
    )

    def once() -> None:
        with transaction.atomic():
            refresh_touched(
                tenant=kept.tenant, customer_ids=ids, definitions=definitions, clock=kept.clock
            )

    cold = timed(once)
    took = middle([timed(once) for _ in range(REPETITIONS * 2)])
    work = f"{len(ids)} touched customers{whose}, {orders:,} orders, {len(definitions)} segments"
    against = f"a process's first time: {cold:.0f} ms"
    gate, aim = (None, None) if whose else (250, 100)
    shown = f"{took:.0f} ms"
    return Figure(work, against, shown, "–", took, shown, gate, aim, more_is_better=False)


def show(figures: list[Figure]) -> None:
    """Print them: what comes later takes long."""
    for figure in figures:
        print(json.dumps(figure.as_dict()), flush=True)


def main() -> None:
    """Print the figures, one JSON a line, and a line `done` for each measurement."""
    django.setup()
    from tenants.models import Tenant
    from xeno.lib.postgres.scope import tenant_scope

    def on_done() -> None:
        print("done", flush=True)

    with tenant_scope(Tenant.objects.get(shop_domain=LARGE_SHOP).pk):
        kept = Kept()
        for query in WHOLE:
            show(whole(kept, query, on_done))
        show(touched(kept, on_done))
        kept.remove_all()


if __name__ == "__main__":
    main()
