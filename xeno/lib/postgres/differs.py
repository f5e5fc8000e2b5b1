"""The exact complement of `=`: the `differs` lookup, true of null as well."""

from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class Differs(Lookup[Any]):
    """`column IS DISTINCT FROM value`: one comparison, as leakproof as `=` of the same types."""

    lookup_name = "differs"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, column_params = self.process_lhs(compiler, connection)
        value, value_params = self.process_rhs(compiler, connection)
        return f"{column} IS DISTINCT FROM {value}", [*column_params, *value_params]
