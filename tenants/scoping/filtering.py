"""Filters of the admin's lists. None of them reads the table to find out what it can offer."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

if TYPE_CHECKING:  # unfold has no types
    from django.contrib.admin import FieldListFilter as RangeDateFilter
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, TextFilter

__all__ = ["ChoiceFilter", "DayRangeFilter", "WordFilter"]


class ChoiceFilter(DropdownFilter):
    """One of a fixed list of values of one column."""

    column: ClassVar[str]
    options: ClassVar[Sequence[tuple[str, Any]]]

    @classmethod
    def of(cls, column: str, options: Sequence[tuple[str, Any]]) -> type["ChoiceFilter"]:
        """The filter of a column that is called as it is."""
        named = {"title": column, "parameter_name": column, "column": column, "options": options}
        return type("ChoiceFilter", (cls,), named)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(value, str(text)) for value, text in self.options]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # A value that is no option filters nothing, as if it had not been given.
        if self.value() not in dict(self.options):
            return queryset
        return queryset.filter(**{self.column: self.value()})


class WordFilter(TextFilter):
    """What somebody typed; the subclass says what it means. Empty means everything."""

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        """The rows that the word means."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        word = (self.value() or "").replace("\0", "").strip()
        return self.find(queryset, word) if word else queryset


class DayRangeFilter(RangeDateFilter):
    """Whole days, first and last included, in the store's time zone (the active one)."""

    field_path: str
    used_parameters: dict[str, Any]
    asked: ClassVar[str] = "day"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.asked

    @classmethod
    def of(cls, asked: str) -> type["DayRangeFilter"]:
        """The same filter with its own title, such as "day of order"."""
        return type("DayRangeFilter", (cls,), {"asked": asked})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("from"), self._day("to")
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": midnight(first)})
        if last and last < date.max:
            after = midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field_path}__lt": after})
        return queryset

    def _day(self, end: str) -> date | None:
        return read_day(self.used_parameters.get(f"{self.field_path}_{end}"))


def read_day(typed: str | None) -> date | None:
    """The day that somebody typed; None where it is none."""
    try:
        found: date | None = forms.DateField(required=False).clean(typed)
    except ValidationError:
        return None
    return found


def midnight(day: date) -> datetime:
    """When the day begins in the active time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def lookup_names(list_filter: Sequence[Any]) -> set[str]:
    """The query parameters that the filters of an admin class read."""
    names: set[str] = set()
    for item in list_filter:
        if isinstance(item, tuple):
            names |= {f"{item[0]}_from", f"{item[0]}_to"}
        elif issubclass(item, admin.SimpleListFilter):
            names.add(str(item.parameter_name))
    return names
