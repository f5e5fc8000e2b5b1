"""Prefix search that stays an index range under row-level security: the `prefix` lookup."""

from typing import Any

from django.db.models import GeneratedField, Lookup, TextField


@TextField.register_lookup
@GeneratedField.register_lookup
class Prefix(Lookup[str]):
    """`column ^@ lower(term)` for a lower-cased column of collation "C".

    `^@` is leakproof and, on that collation, a range of the index; Django's own `startswith`
    emits LIKE, which is neither. `%` and `_` mean themselves.
    """

    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, column_params = self.process_lhs(compiler, connection)
        term, term_params = self.process_rhs(compiler, connection)
        return f"{column} ^@ lower({term})", [*column_params, *term_params]
