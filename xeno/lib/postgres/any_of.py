"""Many ids in one parameter: the `any_of` lookup.

Django's `in` makes a parameter of every id, and preparing 500 of them costs more than the query.
"""

from typing import Any

from django.db.models import BigIntegerField, Lookup


@BigIntegerField.register_lookup
class AnyOf(Lookup[Any]):
    """`column = ANY('{1,2,3}')` for any collection of integers."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        numbers = ",".join(str(int(number)) for number in self.rhs)
        return f"{column} = ANY(%s::bigint[])", [*params, f"{{{numbers}}}"]
