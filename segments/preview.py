"""How many customers a query finds, and the first few of them, within two seconds.

Past that, an estimate: the same question asked of a sample alone, and marked as such.

Few customers are counted and shown by one statement, which keeps their ids and looks through the
first of them. Many are counted alone, as PostgreSQL can with several workers at once, and shown by
asking the newest customers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from segments.compiling.compiler import matching
from segments.language.clock import Clock
from segments.language.tree import Matches, Node, clauses_of
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import get_tenant_id
from xeno.lib.upsert import run

T = TypeVar("T")
Statement = tuple[str, Sequence[Any]]
ROWS = re.compile(r"rows=(\d+)")

SECONDS = 2
SHOWN, LOOKED_THROUGH = 25, 1_000  # to put more ids in order costs more than to count them
# Customers; to keep so many ids costs more than to ask some again, which costs more where their
# orders and the like are to be read for it.
MANY, MANY_BY_EVENTS = 20_000, 50_000
NEWEST = (500, 5_000)  # customers who are asked, to show 25 of many
SAMPLES = (5_000, 500)  # customers; the smaller one where even the larger takes too long
HOW_MANY = "SELECT count(*) FROM customers_customer WHERE tenant_id = %s"
LATEST = "SELECT id FROM customers_customer WHERE tenant_id = %s ORDER BY id DESC LIMIT %s"
# By a hash of the id: neither old nor new ones are preferred.
SAMPLE = """
    SELECT id FROM customers_customer WHERE tenant_id = %s AND hashint8(id)::bigint < %s::bigint
"""
LOWEST_HASH, HASHES = -(2**31), 2**32


class PreviewTooSlow(Mistake):
    """Not even a small sample could be asked in time."""

    code = "preview_too_slow"
    status = 503
    message = "This query could not be tried in time. Try it with fewer conditions."
    retryable = True


@dataclass(frozen=True, slots=True)
class Preview:
    """What a query finds now; `sample` are our ids of 25 customers at most, the newest first,
    whom a page reads if whoever asks may see them. Of a thousand or fewer they are the newest.

    With `estimated`, the count is of a sample of `asked` customers of `of`, and within
    `error` of it in 19 cases of 20.
    """

    count: int
    sample: tuple[int, ...]
    estimated: bool = False
    asked: int = 0
    of: int = 0
    error: int = 0


def preview(
    node: Node, *, clock: Clock, path: Sequence[int] = (), seconds: float = SECONDS
) -> Preview:
    """The count and a sample, or past the time limit an estimate."""
    asked = matching(node, clock=clock, path=path).values("pk").query.sql_with_params()
    found = in_time(
        lambda plan: counted(node, asked, expected(plan), clock=clock, path=path),
        seconds,
        asking=f"EXPLAIN {asked[0]}",
        params=asked[1],
    )
    if found is not None:
        return found
    for size in SAMPLES:
        estimate = in_time(
            lambda _, size=size: estimated(node, clock=clock, path=path, size=size),  # type: ignore[misc]
            SECONDS,
        )
        if estimate is not None:
            return estimate
    raise PreviewTooSlow


def counted(
    node: Node, asked: Statement, planned: int, *, clock: Clock, path: Sequence[int]
) -> Preview:
    """How many there are, and the newest of them; `planned` is what PostgreSQL thinks there are,
    which it does not count for that."""
    if planned >= many(node):
        for size in NEWEST:
            among = [pk for (pk,) in run(LATEST, [get_tenant_id(), size])]
            newest = matching(node, clock=clock, among=among, path=path).order_by("-pk")
            ids = list(newest.values_list("pk", flat=True)[:SHOWN])
            if len(ids) == SHOWN:
                return Preview(count_of(*asked), tuple(ids))
    count, ids = count_and_ids(*asked)
    return Preview(count, tuple(ids))


def many(node: Node) -> int:
    """From how many customers on they are counted alone."""
    by_events = any(isinstance(clause.test, Matches) for clause in clauses_of(node))
    return MANY_BY_EVENTS if by_events else MANY


def expected(plan: Sequence[str]) -> int:
    """How many rows a statement gives, by the first line of its plan."""
    found = ROWS.search(plan[0])
    return int(found[1]) if found else 0


def count_of(sql: str, params: Sequence[Any]) -> int:
    """How many rows the statement gives."""
    [(count,)] = run(f"SELECT count(*) FROM ({sql}) AS chosen", params)
    return int(count)


def count_and_ids(sql: str, params: Sequence[Any]) -> tuple[int, list[int]]:
    """How many ids the statement gives, and the newest of its first ones, by one reading."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count, ARRAY(SELECT id FROM unnest(ids) AS id ORDER BY id DESC LIMIT %s)"
            " FROM (SELECT count(*) AS count, (array_agg(id))[:%s] AS ids"
            f" FROM ({sql}) AS chosen(id)) AS counted",
            [SHOWN, LOOKED_THROUGH, *params],
        )
        count, ids = cursor.fetchone()
    return count, ids


def estimated(node: Node, *, clock: Clock, path: Sequence[int], size: int) -> Preview:
    """The question asked of a sample of about so many customers; of all where there are fewer."""
    [(of,)] = run(HOW_MANY, [get_tenant_id()])
    ids = [pk for (pk,) in run(SAMPLE, [get_tenant_id(), share(size, of)])]
    sampled = matching(node, clock=clock, among=ids, path=path).values("pk")
    count, first = count_and_ids(*sampled.query.sql_with_params())
    part = count / len(ids) if ids else 0.0
    error = 1.96 * sqrt(part * (1 - part) / len(ids)) * of if ids else 0.0
    return Preview(
        round(part * of), tuple(first), estimated=True, asked=len(ids), of=of, error=round(error)
    )


def share(size: int, of: int) -> int:
    """Below which hash a customer belongs to the sample."""
    return LOWEST_HASH + (HASHES if of <= size else HASHES * size // of)


def in_time(
    work: Callable[[list[str]], T], seconds: float, *, asking: str = "", params: Any = ()
) -> T | None:
    """What it gives, or None when a statement of it took longer than that, a millisecond at least.

    It is given the answer to what is asked before, with the limit and in the same message. It only
    reads: the savepoint around it is always rolled back, and the limit with it.
    """
    with transaction.atomic():
        limit = connection.limit_transaction  # type: ignore[attr-defined]  # our backend's
        try:
            return work(limit("statement_timeout", seconds, asking=asking, params=params))
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            return None
        finally:
            transaction.set_rollback(True)
