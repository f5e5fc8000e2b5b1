"""SQL compilers that refuse a tenant-owned table without a scope and fence UPDATE and DELETE.

The manager filters what goes through it. This closes what does not: `instance.delete()`,
joins that start at a global model, `_base_manager`, historical models in migrations.
"""

from typing import Any

from django.core.exceptions import FullResultSet
from django.db.models.sql import compiler
from django.db.models.sql.query import Query

from xeno.lib.postgres.scope import get_tenant_id, tenant_owned_tables

Sql = tuple[str, Any]


def check_scope(query: Query) -> None:
    """Raise NoTenant when the query reads or writes a tenant-owned table outside a scope."""
    owned = tenant_owned_tables()
    tables = {join.table_name for join in query.alias_map.values()}
    tables.update(query.extra_tables)
    tables.add(query.get_meta().db_table if query.model else "")
    if not owned.isdisjoint(tables):
        get_tenant_id()


class SQLCompiler(compiler.SQLCompiler):
    """SELECT."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Sql:
        result = super().as_sql(*args, **kwargs)
        check_scope(self.query)
        return result


class SQLInsertCompiler(compiler.SQLInsertCompiler, SQLCompiler):
    """INSERT; the tenant key itself is stamped and verified by the field."""

    def as_sql(self) -> list[Sql]:  # type: ignore[override]  # Django's own signature
        check_scope(self.query)
        return super().as_sql()


class FencedCompiler(SQLCompiler):
    """Adds the tenant's condition to what is written: the deletion collector, for one, deletes
    and nulls without a manager."""

    fenced: Query

    def compile(self, node: Any) -> Any:
        table = self.fenced.base_table
        if node is not self.fenced.where or table not in tenant_owned_tables():
            return super().compile(node)
        fence = f"{self.quote_name_unless_alias(str(table))}.tenant_id = %s"
        tenant_id = get_tenant_id()
        try:
            where, params = super().compile(node)
        except FullResultSet:
            return fence, [tenant_id]
        return f"{fence} AND ({where})", [tenant_id, *params]


class SQLUpdateCompiler(compiler.SQLUpdateCompiler, FencedCompiler):
    """UPDATE."""

    def as_sql(self) -> Sql:  # type: ignore[override]  # Django's own signature
        check_scope(self.query)
        self.fenced = self.query
        return super().as_sql()


class SQLDeleteCompiler(compiler.SQLDeleteCompiler, FencedCompiler):
    """DELETE."""

    def _as_sql(self, query: Query) -> Any:
        self.fenced = query
        return super()._as_sql(query)  # type: ignore[misc]  # not in the stubs


class SQLAggregateCompiler(compiler.SQLAggregateCompiler, SQLCompiler):
    """SELECT of aggregates over a subquery; the inner query is checked as it compiles."""

    def as_sql(self) -> Sql:  # type: ignore[override]  # Django's own signature
        return compiler.SQLAggregateCompiler.as_sql(self)
