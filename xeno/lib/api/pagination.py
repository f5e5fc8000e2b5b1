"""Lists in pages by position: the page at depth 500,000 costs what the first one costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

from django.core.signing import BadSignature, Signer
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import (  # type: ignore[import-untyped]
    Tuple,
    TupleGreaterThan,
    TupleLessThan,
)
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PAGE_SIZE = 50
LARGEST_PAGE = 250


class Listing(Protocol):
    """What a viewset declares about its lists."""

    orderings: Mapping[str, str]  # the name that clients use -> the column, which has an index
    ordering: str  # the default, such as "-processed_at"


class Position(NamedTuple):
    """The row beside which a page begins: after it, or (backward) before it."""

    value: Any
    id: int
    backward: bool = False


@dataclass(frozen=True)
class Ordering:
    """One column and, among its equals, our id, both in one direction; NULLs come last.

    The rows with a value and the rows without are two parts, read one after the other. Each
    is one range of the index on (tenant, column, id), in either direction: `ORDER BY column`
    keeps PostgreSQL's own place for NULLs, so that no index of NULLS LAST is needed.
    """

    name: str
    field: "Field[Any, Any]"

    @property
    def descending(self) -> bool:
        return self.name.startswith("-")

    @property
    def parts(self) -> tuple[Q, ...]:
        """Conditions that cut the list into those with a value and those without."""
        if not self.field.null:
            return (Q(),)
        return (
            Q(**{f"{self.field.name}__isnull": False}),
            Q(**{f"{self.field.name}__isnull": True}),
        )

    def find_rows(self, queryset: "QuerySet[Any]", start: Position | None, most: int) -> list[Any]:
        """At most so many rows from the position on, in the direction that it says."""
        backward = start is not None and start.backward
        descending = self.descending is not backward
        parts = self.parts[::-1] if backward else self.parts
        if start and len(parts) > 1 and (start.value is None) is not backward:
            parts = parts[1:]  # the position lies in the part that is read second
        rows: list[Any] = []
        for number, part in enumerate(parts):
            page = queryset.filter(part).order_by(*self.columns(descending=descending))
            if start and number == 0:
                page = page.filter(self.beyond(start, descending=descending))
            rows += page[: most - len(rows)]
            if len(rows) == most:
                break
        return rows

    def columns(self, *, descending: bool) -> list[str]:
        """What to sort by."""
        names = [self.field.name] if self.field.name == "id" else [self.field.name, "id"]
        return [f"-{name}" for name in names] if descending else names

    def beyond(self, start: Position, *, descending: bool) -> Any:
        """The condition "after this row": one comparison of rows, so that it is an index range."""
        if start.value is None or self.field.name == "id":
            return Q(id__lt=start.id) if descending else Q(id__gt=start.id)
        compare = TupleLessThan if descending else TupleGreaterThan
        return compare(Tuple(F(self.field.name), F("id")), (start.value, start.id))

    def position_of(self, row: Any, *, backward: bool) -> Position:
        """Where a row, a model's or one of `.values()`, stands."""
        if isinstance(row, dict):
            return Position(row[self.field.name], row["id"], backward)
        return Position(getattr(row, self.field.name), row.id, backward)


class KeysetPagination(BasePagination):
    """`{next, previous, results}`; the cursors are ours, signed, and good for one ordering.

    The list is never counted. `ordering` is one of the view's `orderings`.
    """

    parameters = ("cursor", "ordering", "page_size")

    def paginate_queryset(
        self, queryset: "QuerySet[Any]", request: Request, view: Any = None
    ) -> list[Any]:
        self.request = request
        self.ordering = find_ordering(request, view, queryset.model)
        self.start = self.read_cursor(request.query_params.get("cursor"))
        size = find_page_size(request)

        rows = self.ordering.find_rows(queryset, self.start, size + 1)
        self.more = len(rows) > size
        del rows[size:]
        if self.start and self.start.backward:
            rows.reverse()
        self.rows = rows
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.next_link(), "previous": self.previous_link(), "results": data}
        )

    def next_link(self) -> str | None:
        """Behind a page that was reached backward there is always the one it came from."""
        backward = self.start is not None and self.start.backward
        if not self.rows or not (self.more or backward):
            return None
        return self.link(self.ordering.position_of(self.rows[-1], backward=False))

    def previous_link(self) -> str | None:
        """Before a page that was reached forward there is always the one it came from."""
        forward = self.start is not None and not self.start.backward
        if not self.rows or self.start is None or not (self.more or forward):
            return None
        return self.link(self.ordering.position_of(self.rows[0], backward=True))

    def link(self, position: Position) -> str:
        """This request's own address, at another position."""
        text = None if position.value is None else str(position.value)
        cursor = self.signer().sign_object([text, position.id, position.backward])
        url = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return replace_query_param(url, "cursor", cursor)

    def read_cursor(self, cursor: str | None) -> Position | None:
        """The position that one of our links named; 400 for any other text."""
        if cursor is None:
            return None
        try:
            text, row_id, backward = self.signer().unsign_object(cursor)
        except (BadSignature, ValueError):
            raise ValidationError(
                {"cursor": ["Take the cursor from a link of the same list and ordering."]},
                "invalid_cursor",
            ) from None
        return Position(self.ordering.field.to_python(text), row_id, backward)

    def signer(self) -> Signer:
        """Signs for one table and ordering, so that a cursor fits no other."""
        model = self.ordering.field.model._meta.label
        return Signer(salt=f"cursor:{model}:{self.ordering.name}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = sorted(view.orderings)
        size = {"type": "integer", "minimum": 1, "default": PAGE_SIZE}
        choice = {
            "type": "string",
            "enum": [sign + name for name in names for sign in ("", "-")],
            "default": view.ordering,
        }
        return [
            parameter("cursor", {"type": "string"}, "Taken from a link of the same list."),
            parameter("ordering", choice, "Rows without a value come last in both directions."),
            parameter("page_size", size, f"More than {LARGEST_PAGE} gives {LARGEST_PAGE}."),
        ]


def parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """A query parameter in the API's description."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def find_ordering(request: Request, view: Listing, model: type[Model]) -> Ordering:
    """The ordering that the client asks for, or the view's own; 400 for an unknown one."""
    name = request.query_params.get("ordering", view.ordering)
    column = view.orderings.get(name.removeprefix("-"))
    if column is None:
        known = ", ".join(sorted(view.orderings))
        raise ValidationError(
            {"ordering": [f"Order by one of {known}; a minus reverses."]}, "invalid"
        )
    return Ordering(name, cast("Field[Any, Any]", model._meta.get_field(column)))


def find_page_size(request: Request) -> int:
    """How many rows the client asks for, capped; 400 for what is no such number."""
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) > 0):
        raise ValidationError({"page_size": [f"Ask for 1 to {LARGEST_PAGE} rows."]}, "invalid")
    return min(int(text), LARGEST_PAGE)
