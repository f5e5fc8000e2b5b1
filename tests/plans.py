"""What PostgreSQL makes of a query: its access path, and the operators that it uses."""

import re
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet

from tenants.scoping.constraints import CURRENT_TENANT

# Nodes of a parsed query that call functions which the walk below cannot name.
UNNAMED = ("COERCEVIAIO", "ARRAYCOERCEEXPR", "MINMAXEXPR")


def sql_of(queryset: QuerySet) -> str:
    """The statement with its values in it, as the scope that is open makes it."""
    return connection.ops.compose_sql(*queryset.query.sql_with_params())


def with_id(sql: str, tenant_id: int) -> str:
    """The statement with the tenant's id where the policy's own words stand: as an owner asks."""
    return sql.replace(CURRENT_TENANT, str(tenant_id))


def explain(login: psycopg.Connection, sql: str, tenant_id: int | None = None) -> dict[str, Any]:
    """The plan for this login, in the tenant's scope; indexes wherever one can be used."""
    with login.transaction():
        login.execute("SET LOCAL enable_seqscan = off")
        if tenant_id is not None:
            login.execute(f"SET LOCAL xeno.tenant_id = '{tenant_id}'")
        return login.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()[0][0]["Plan"]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The plan and everything beneath it."""
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def access_path(plan: dict[str, Any]) -> list[tuple[str, ...]]:
    """How each table is read: kind of scan, index, and the columns that the index searches."""
    return [
        (node["Node Type"], node["Index Name"], *sorted(columns(node.get("Index Cond", ""))))
        for node in nodes(plan)
        if "Index Name" in node
    ]


def columns(condition: str) -> set[str]:
    """The columns of a condition; not the policy's own, which the manager's filter has too."""
    without_strings = re.sub(r"'[^']*'(::\w+)*", "", condition)
    words = set(re.findall(r"(?<![:\w])[a-z_]+(?!\w|\()", without_strings))
    return words - {"current_setting", "true", "tenant_id"}


def leaky_functions(owner: psycopg.Connection, sql: str, *, in_having: bool = True) -> set[str]:
    """Functions that are given a column and are not leakproof: no index serves them under a policy.

    Read from the parsed query of a temporary view, so by their exact parameter types. HAVING can
    be left out: it stands above every index, whatever it asks.
    """
    with owner.transaction(force_rollback=True):
        owner.execute(f"CREATE TEMP VIEW looked_at AS {sql}")
        [tree] = owner.execute(
            "SELECT ev_action::text FROM pg_rewrite WHERE ev_class = 'looked_at'::regclass"
        ).fetchone()
        if not in_having:
            tree = without_having(tree)
        operators, functions = called(tree)
        found = owner.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE NOT proleakproof AND"
            " (p.oid = ANY(%s) OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY(%s)))",
            (functions, operators),
        ).fetchall()
    return {name for (name,) in found} | {name for name in UNNAMED if "{" + name in tree}


def called(tree: str) -> tuple[list[int], list[int]]:
    """The ids of operators and of functions that a column is given to."""
    given = [node for node in braced(tree) if "{VAR " in node]
    compared = r"\A\{(?:\w*OPEXPR|DISTINCTEXPR|NULLIFEXPR) :opno (\d+)"
    operators = [int(n) for node in given for n in re.findall(compared, node)]
    for node in given:
        for listed in re.findall(r"\A\{ROWCOMPAREEXPR .*?:opnos \(o ([\d ]+)\)", node):
            operators += map(int, listed.split())
    return operators, [
        int(n) for node in given for n in re.findall(r"\A\{FUNCEXPR :funcid (\d+)", node)
    ]


def without_having(tree: str) -> str:
    """The parsed query without the conditions on its groups."""
    found = [node for node in braced(tree) if f":havingQual {node}" in tree]
    for node in sorted(found, key=len, reverse=True):
        tree = tree.replace(f":havingQual {node}", ":havingQual <>")
    return tree


def braced(tree: str) -> list[str]:
    """Every `{…}` of the text, whole."""
    open_at, found = [], []
    for match in re.finditer(r"(?<!\\)[{}]", tree):
        if match[0] == "{":
            open_at.append(match.start())
        else:
            found.append(tree[open_at.pop() : match.end()])
    return found
