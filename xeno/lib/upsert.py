"""Set-based writes: many rows in one statement, applied only where they are newer."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import connection

Row = Sequence[Any]


class Written(NamedTuple):
    """A row that a statement inserted or changed."""

    id: int
    shopify_id: int
    inserted: bool
    read: tuple[Any, ...] = ()


def arrays(columns: Mapping[str, str], rows: Iterable[Row]) -> list[str]:
    """The rows turned into one array a column, for unnest."""
    turned = [array(column) for column in zip(*rows, strict=True)]
    return turned or ["{}" for _ in columns]


def array(values: Sequence[Any]) -> str:
    """PostgreSQL's text of an array of integers, booleans, texts or moments.

    Up to the escapes it is JSON's, which is written in C: psycopg's own way, value by value,
    costs more than parsing the payloads.
    """
    text = msgspec.json.encode(values).decode()
    inner = ",".join(map(element, values)) if "\\" in text else text[1:-1]
    return "{" + inner + "}"


def element(value: Any) -> str:
    """One value of an array in which something must be escaped."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return msgspec.json.encode(value).decode()


def unnest(columns: Mapping[str, str], alias: str = "new") -> str:
    """`unnest(%s::bigint[], …) AS new(shopify_id, …)`, one parameter a column."""
    casts = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return f"unnest({casts}) AS {alias}({', '.join(columns)})"


def run(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement within the open scope; its returned rows, if it returns any."""
    with connection.bound_cursor() as cursor:  # type: ignore[attr-defined]  # our own backend
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def run_at_once(
    sql: str, params: Sequence[Any] | Mapping[str, Any], *, awaited: bool = True
) -> list[tuple[Any, ...]]:
    """The same in one message to the server and back, where it is a transaction of its own.

    What is not `awaited` a crash of the server may undo, until something that is has been
    committed after it.
    """
    at_once: Callable[..., list[tuple[Any, ...]]] = connection.run_at_once  # type: ignore[attr-defined]
    return at_once(sql, params, awaited=awaited)


def open_small(*, awaited: bool = True) -> None:
    """Have the open transaction plan its statements once a connection, for keys alone, and (not
    `awaited`) its commit not wait for the disk."""
    connection.open_small(awaited=awaited)  # type: ignore[attr-defined]


def read_binary(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one SELECT, sent in binary: bytes as they are, not as twice as many digits."""
    with connection.bound_cursor(binary=True) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def upsert(
    *,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Row],
    tenant_id: int,
    version: Sequence[str],
    at_insert: Mapping[str, str] | None = None,
    versioned_by: Collection[str] = ("updated_at", "triggered_at"),
    filling: bool = False,
    reading: Sequence[str] = (),
) -> list[Written]:
    """Insert or refresh rows by `(tenant_id, shopify_id)`; gives those that were written, each
    with the columns of `reading` as they are now.

    A null keeps what is known. A row is refreshed only when its version, the expressions of
    `version` over `{row}`, is not below the stored one. `at_insert` gives SQL values for other
    columns of a new row. With `filling`, an older word still fills what is null, but for the
    columns of the version itself.
    """
    fixed = at_insert or {}
    values = [f"new.{name}" for name in columns]
    stored, arriving = (
        ", ".join(part.format(row=row) for part in version) for row in ("old", "excluded")
    )
    newer = f"({stored}) <= ({arriving})"
    told = [name for name in columns if name != "shopify_id" and name not in versioned_by]
    changes = [f"{name} = {word_sql(name, newer if filling else '')}" for name in told]
    changes += [
        f"{name} = CASE WHEN {newer} THEN excluded.{name} ELSE old.{name} END"
        for name in versioned_by
    ]
    fills = [f"(old.{name} IS NULL AND excluded.{name} IS NOT NULL)" for name in told]
    sql = (
        f"INSERT INTO {table} AS old ({', '.join(['tenant_id', *columns, *fixed])})"
        f" SELECT {', '.join(['%s', *values, *fixed.values()])} FROM {unnest(columns)}"
        " ON CONFLICT (tenant_id, shopify_id) DO UPDATE SET"
        f" {', '.join([*changes, 'synced_at = statement_timestamp()'])}"
        f" WHERE {' OR '.join([newer, *(fills if filling else ())])}"
        f" RETURNING {', '.join(['id', 'shopify_id', 'xmax = 0', *reading])}"
    )
    found = run(sql, [tenant_id, *arrays(columns, rows)])
    return [Written(pk, shopify_id, new, tuple(read)) for pk, shopify_id, new, *read in found]


def word_sql(name: str, newer: str) -> str:
    """Which of two words stands in a column: the newer one that tells anything."""
    refreshed = f"COALESCE(excluded.{name}, old.{name})"
    if not newer:
        return refreshed
    return f"CASE WHEN {newer} THEN {refreshed} ELSE COALESCE(old.{name}, excluded.{name}) END"


def newest(
    items: Iterable[Any], key: Callable[[Any], Any], version: Callable[[Any], Any]
) -> list[Any]:
    """One item for each key, the one of the highest version, in the order of the keys.

    What the newest does not tell (None) is taken from the next older one that does.
    """
    found: dict[Any, Any] = {}
    for item in sorted(items, key=version):
        older = found.get(key(item))
        found[key(item)] = item if older is None else over(older, item)
    return [found[each] for each in sorted(found)]


def over(older: Any, newer: Any) -> Any:
    """The newer dataclass, with the older one's word where the newer has none."""
    told = {
        field.name: value
        for field in dataclasses.fields(newer)
        if getattr(newer, field.name) is None and (value := getattr(older, field.name)) is not None
    }
    return dataclasses.replace(newer, **told) if told else newer
