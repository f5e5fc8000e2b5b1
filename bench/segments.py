"""Segments on the large store: what is compiled against SQL by hand, previews, and the walls.

Each pair is measured in turn, in one process, as a request would ask: text in, figures out.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

from bench.figures import REPETITIONS, Figure, in_turn, middle
from bench.large import LARGE_SHOP
from bench.questions import BY_HAND, CURRENCY, NOW, WHO, ZONE, offered

Done = Callable[[], object]
TIMES_OF_WALLS = 3  # of each of some three hundred questions, by either login
LONG, LONGER = 3.0, 60.0  # seconds for one of them, and for one that is asked again
SMALL, MORE = 5.0, 2.0  # ms: where the base is so fast, so much more is as good as the ratio


class Store:
    """The large store, and how it is asked."""

    def __init__(self) -> None:
        from zoneinfo import ZoneInfo

        from segments.language.clock import Clock
        from tenants.models import Tenant

        self.tenant = Tenant.objects.get(shop_domain=LARGE_SHOP)
        self.clock = Clock(NOW, ZoneInfo(ZONE), CURRENCY)

    def prepare(self) -> None:
        """Scores, which the filling leaves to the product, and statistics of them."""
        from django.db import connection

        from orders.models import CustomerScore
        from orders.rfm import recompute_scores

        if not CustomerScore.objects.exists():
            recompute_scores(tenant=self.tenant, on=NOW.date())
            with connection.cursor() as cursor:
                cursor.execute("SELECT xeno_analyze()")

    def found(self, text: str) -> Any:
        """The customers whom the query finds."""
        from segments.compiling.compiler import matching
        from segments.language import parse

        return matching(parse(text), clock=self.clock)

    def previewed(self, text: str) -> int:
        """The live count of an editor, with its sample."""
        from segments.language import parse
        from segments.preview import preview

        seen = preview(parse(text), clock=self.clock, seconds=600)
        assert not seen.estimated
        return seen.count

    def by_hand(self, text: str) -> int:
        """How many there are, by the SQL of somebody's hand, by the same login."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"{WHO} {BY_HAND[text]}", {"t": self.tenant.pk})
            return int(cursor.fetchone()[0])


def milliseconds(work: Callable[[], object]) -> Callable[[], float]:
    """How long one call takes."""

    def timed() -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    return timed


def pair(
    work: str, against: str, base: list[float], ours: list[float], gate: float, aim: float
) -> Figure:
    """A row about a ratio, or where both are fast about the milliseconds more."""
    ratio = middle([o / b for o, b in zip(ours, base, strict=True)])
    more = middle(ours) - middle(base)
    return Figure(
        work,
        against,
        f"{middle(ours):.1f} ms",
        f"{middle(base):.1f} ms",
        ratio,
        f"{ratio:.2f}, {more:+.1f} ms",
        gate,
        aim,
        more_is_better=False,
        slack=middle(base) < SMALL and more <= MORE,
    )


def counts(store: Store, on_done: Done) -> list[Figure]:
    """Whom each query finds, over SQL by hand for the same question."""
    figures = []
    for text in BY_HAND:
        found = store.found(text)
        theirs, ours = store.by_hand(text), found.count()
        if theirs != ours:
            raise RuntimeError(f"{text}: {ours} are found, {theirs} by hand")
        base, us = in_turn(
            milliseconds(lambda text=text: store.by_hand(text)),  # type: ignore[misc]
            milliseconds(found.all().count),
            on_done=on_done,
        )
        work = f"segment `{text}`: {ours:,} counted"
        figures.append(pair(work, "SQL by hand", base, us, 1.15, 1.05))
    return figures


def compiling(store: Store, on_done: Done) -> list[Figure]:
    """What reading and compiling a query costs, of the processor."""
    began = time.process_time()
    for text in BY_HAND:
        for _ in range(20):
            store.found(text).query.sql_with_params()
    each = (time.process_time() - began) / (20 * len(BY_HAND)) * 1000
    work, shown = "reading and compiling a segment's text, CPU", f"{each:.2f} ms"
    return [Figure(work, "–", shown, "–", each, shown)]


def previews(store: Store, on_done: Done) -> list[Figure]:
    """The count with a sample, over the count alone."""
    figures = []
    for text in BY_HAND:
        base, us = in_turn(
            milliseconds(store.found(text).all().count),
            milliseconds(lambda text=text: store.previewed(text)),  # type: ignore[misc]
            on_done=on_done,
        )
        figures.append(pair(f"preview of `{text}`", "its count alone", base, us, 1.25, 1.1))
    return figures


def walls(store: Store, on_done: Done) -> list[Figure]:
    """Row-level security, as the application, over the same statement as the tables' owner.

    Every attribute with every operator is asked; the rows are the slowest ones by ratio.
    """
    figures = []
    for text in offered():
        figure = wall(store, text, TIMES_OF_WALLS, LONG, on_done)
        if "missed" in figure.verdict:  # once more, and longer: by chance some of so many are
            figure = wall(store, text, 2 * REPETITIONS, LONGER, lambda: None)
        figures.append(figure)
    return summed_up(figures)


def wall(store: Store, text: str, times: int, seconds: float, on_done: Done) -> Figure:
    """One question, by both logins, so many times or for so long."""
    asked = store.found(text)
    base, us = in_turn(
        milliseconds(asked.using("bare").count),
        milliseconds(asked.all().count),
        times=times,
        on_done=on_done,
        seconds=seconds,
    )
    work = f"row-level security of `{text}`"
    return pair(work, "the same statement as owner", base, us, 1.3, 1.1)


def summed_up(figures: list[Figure]) -> list[Figure]:
    """The worst of them by ratio, those that miss, and how many were asked."""
    slow = sorted(figures, key=lambda figure: -figure.value)
    counted = [figure for figure in slow if not figure.slack]
    worst = (counted or slow)[0]
    missed = [figure for figure in counted if figure.verdict == "**missed**"]
    text = f"row-level security, the worst of {len(figures)} questions: {worst.work}"
    first = Figure(**{**worst.as_dict(), "work": text})
    return [first, *(figure for figure in missed if figure is not worst)]


def measure(on_done: Done) -> Iterator[Figure]:
    """The rows of the table that are about segments, each as soon as it is there."""
    from bench.reads import Bare
    from xeno.lib.postgres.scope import tenant_scope

    store = Store()
    Bare(store.tenant.pk)  # makes the owner's connection
    with tenant_scope(store.tenant.pk):
        store.prepare()
    for part in (compiling, counts, previews, walls):
        with tenant_scope(store.tenant.pk):
            figures = part(store, on_done)
        yield from figures


def measurements() -> int:
    """How many single measurements there are, for a bar of progress."""
    return 2 * REPETITIONS * len(BY_HAND) * 2 + 2 * TIMES_OF_WALLS * len(offered())


def main() -> None:
    """`python -m bench.segments`: figures as JSON; the environment names the database."""
    django.setup()

    def on_done() -> None:
        print("done", flush=True)

    for figure in measure(on_done):
        print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main()
