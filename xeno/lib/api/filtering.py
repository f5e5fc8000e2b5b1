"""Filters of lists: strict about what they are given, and of types that keep indexes working.

A filter that is silently ignored returns the whole list, so an unknown name, a name given twice
and an empty value are errors. Under row-level security only operators between equal types use
an index: amounts are compared as stored integers, moments as moments.
"""

from datetime import UTC
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from xeno.lib.api.pagination import KeysetPagination

POLLING = "For clients that poll. Go back a minute: what was in flight may be dated earlier."

LARGEST_INT = 2**31 - 1
LARGEST_ID = 2**63 - 1


# What Django puts in place of bytes that are not UTF-8, such as those of a lone surrogate.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class StrictFilterBackend(filters.DjangoFilterBackend):  # type: ignore[misc]  # no types
    """django-filter, which refuses what it would otherwise ignore."""

    def filter_queryset(
        self, request: Request, queryset: "QuerySet[Any]", view: Any
    ) -> "QuerySet[Any]":
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        check_parameters(request, known | set(KeysetPagination.parameters))
        if known.isdisjoint(request.query_params):
            return queryset  # building the form of every filter costs a millisecond
        return super().filter_queryset(request, queryset, view)  # type: ignore[no-any-return]


def check_parameters(request: Request, known: set[str]) -> None:
    """Raise for parameters that are unknown, given twice, empty or not UTF-8."""
    mistakes = {}
    for name, values in request.query_params.lists():
        if name not in known:
            mistakes[name] = [ErrorDetail("There is no such filter.", "unknown_parameter")]
        elif len(values) > 1:
            mistakes[name] = [ErrorDetail("Give this filter once.", "repeated_parameter")]
        elif not values[0].strip():
            mistakes[name] = [ErrorDetail("Give a value or leave the filter out.", "blank")]
        elif REPLACEMENT in values[0]:
            mistakes[name] = [ErrorDetail("Write text in UTF-8.", "invalid")]
    if mistakes:
        raise ValidationError(mistakes)


class CodeFilter(filters.CharFilter):  # type: ignore[misc]
    """Exactly this code, of the given pattern: `gb` for `GB` is a mistake, not an empty list."""

    def __init__(self, *args: Any, pattern: str, example: str, **kwargs: Any) -> None:
        check = RegexValidator(rf"\A{pattern}\Z", f"Write it like {example}.", code="invalid")
        super().__init__(*args, validators=[check], **kwargs)


class WholeNumberField(forms.IntegerField):
    """Digits only: Django's own takes `1.0` and every alphabet's digits."""

    def to_python(self, value: Any) -> int | None:
        if value and not (value.isascii() and value.isdecimal()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class TypedFilter(filters.Filter):  # type: ignore[misc]
    """A filter that the API's description shows as `shape`, with its label."""

    shape: ClassVar[dict[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # On each filter: on the class it would hide the labels.
        extend_schema_field({**self.shape, "description": kwargs.get("label", "")})(self)


class CountFilter(TypedFilter):
    """A number of things."""

    shape = {"type": "integer"}
    field_class = WholeNumberField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_value=LARGEST_INT, **kwargs)


class IdFilter(TypedFilter):
    """One of our ids."""

    shape = {"type": "string"}
    field_class = WholeNumberField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_value=LARGEST_ID, **kwargs)


class AmountFilter(TypedFilter):
    """An amount of money, such as 12.50; text, because no client holds it exactly as a number."""

    shape = {"type": "string", "format": "decimal"}
    field_class = forms.DecimalField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # 15 digits before the point are fewer than 64 bits of thousandths can hold.
        super().__init__(*args, max_digits=18, decimal_places=3, **kwargs)


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    """A moment in UTC: PostgreSQL takes no offset of 16 hours or more, Python any below 24."""

    def to_python(self, value: Any) -> Any:
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:  # beyond the years 1 and 9999
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    """A day or a moment in ISO 8601; without an offset it is the store's own time."""

    field_class = MomentField


class YesNoFilter(TypedFilter, filters.TypedChoiceFilter):  # type: ignore[misc]
    """`true` or `false`; django-filter's own ignores every other word."""

    shape = {"type": "boolean"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = (("true", "true"), ("false", "false"))
        super().__init__(*args, choices=choices, coerce="true".__eq__, **kwargs)


def read_parameter(request: Request, name: str, field: forms.Field, default: Any = None) -> Any:
    """What a parameter of no list says, read by a form's field; 400 for what it cannot read."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return field.clean(text)
    except forms.ValidationError as error:
        details = [ErrorDetail(words, error.code or "invalid") for words in error.messages]
        raise ValidationError({name: details}) from None
