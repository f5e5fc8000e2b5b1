"""The base of serializers that write tenant-owned rows."""

from copy import copy
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import Model, UniqueConstraint
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import ModelSerializer
from rest_framework.settings import api_settings

from xeno.lib.postgres.scope import get_tenant_id

M = TypeVar("M", bound=Model)


class TenantSerializer(ModelSerializer[M]):
    """Also checks what is unique within the store.

    The tenant is no field of the form, so DRF alone would leave such a constraint to the
    database, and a duplicate would be a 500.
    """

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model: type[Any] = self.Meta.model
        row: Any = copy(self.instance) if isinstance(self.instance, Model) else model()
        row.tenant_id = get_tenant_id()
        for name, value in attrs.items():
            if not model._meta.get_field(name).many_to_many:
                setattr(row, name, value)
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and "tenant" in constraint.fields:
                check_unique(constraint, row)
        return attrs


def check_unique(constraint: Any, row: Any) -> None:
    """Raise when another row of the store holds the same; on the field, when it is one."""
    try:
        constraint.validate(type(row), row)
    except Invalid:
        fields = [name for name in constraint.fields if name != "tenant"]
        field = fields[0] if len(fields) == 1 else api_settings.NON_FIELD_ERRORS_KEY
        words = f"There is one with this {' and '.join(fields).replace('_', ' ')} already."
        raise ValidationError({field: [ErrorDetail(words, "unique")]}) from None
