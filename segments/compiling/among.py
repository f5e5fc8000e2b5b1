"""Being one of the customers whom a grouped query gives, as a join can ask it."""

from typing import Any

from django.db.models import BooleanField, F, QuerySet, Subquery


class Among(Subquery):
    """`EXISTS (SELECT FROM (<customers>) AS among(id) WHERE among.id = <this customer>)`.

    The query groups once, over everybody, and is joined: Django's own Exists would correlate
    it, 10 to 15 times as slow, and NOT IN is slow and wrong with a null. Under OR PostgreSQL
    may still push the customer into it.
    """

    template = "EXISTS(SELECT 1 FROM (%(subquery)s) AS among(id) WHERE among.id = %(customer)s)"

    def __init__(self, customers: QuerySet[Any]) -> None:
        super().__init__(customers, output_field=BooleanField())
        self.customer: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self.query, self.customer]

    def set_source_expressions(self, exprs: Any) -> None:
        self.query, self.customer = exprs

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **extra_context: Any
    ) -> tuple[str, Any]:
        customer, none = compiler.compile(self.customer)
        extra = {**extra_context, "customer": customer}
        sql, params = super().as_sql(compiler, connection, template, **extra)  # type: ignore[call-arg]
        return sql, (*params, *none)
