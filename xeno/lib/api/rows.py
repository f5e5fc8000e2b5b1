"""The base of serializers that only show: fields say what the API promises, `shape` builds it.

DRF's own loop over fields costs more than everything else in a list; a list of 50 customers is
1,100 values. A test of each serializer holds the promise and the shape together.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class RowSerializer(serializers.Serializer[Any]):
    """Shows a row by a plain function; takes a row of `.values()` or a model, as `shape` says."""

    def shape(self, row: Any) -> dict[str, Any]:
        """The row as the fields promise it; moments stay datetimes."""
        raise NotImplementedError

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.shape(instance)

    @property
    def data(self) -> Any:
        """The shape itself: DRF's copy of it costs a second pass."""
        return self.to_representation(self.instance)


@extend_schema_field(OpenApiTypes.STR)
class IdField(serializers.CharField):
    """A number that names something, as text: JavaScript cannot hold 64 bits."""


@extend_schema_field({"type": "string", "format": "decimal"})
class MoneyText(serializers.CharField):
    """An exact amount as decimal text, with as many decimals as its currency has."""
