"""The base of viewsets over tenant-owned rows: the right is declared, the store is checked."""

import re
from collections.abc import Mapping
from typing import ClassVar, TypeVar

from django.db.models import Model
from django.http import Http404
from rest_framework.generics import get_object_or_404
from rest_framework.viewsets import GenericViewSet, ModelViewSet, ReadOnlyModelViewSet

from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.visit import get_tenant

M = TypeVar("M", bound=Model)

ROW_ID = re.compile(r"[1-9][0-9]{0,18}")


class OfTenant(GenericViewSet[M]):
    """A viewset that is a declaration: queryset, serializer, filters, orderings, rights."""

    rights: ClassVar[Mapping[str, Right]] = {}
    orderings: ClassVar[Mapping[str, str]] = {"id": "id"}
    ordering: ClassVar[str] = "id"
    lookup_value_regex = "[^/]+"
    http_method_names = ("get", "post", "put", "patch", "delete", "head")

    @property
    def tenant(self) -> Tenant:
        """The store that the request is for."""
        return get_tenant(self.request)

    def get_object(self) -> M:
        """The row by our id, of this store; every other id gets the same 404."""
        row_id = self.kwargs[self.lookup_field]
        # The pattern keeps out what int() takes too: signs, spaces, every alphabet's digits.
        if not ROW_ID.fullmatch(row_id):
            raise Http404
        row: M = get_object_or_404(self.get_queryset(), pk=row_id)
        self.check_object_permissions(self.request, row)
        return row


class TenantViewSet(OfTenant[M], ModelViewSet[M]):
    """List, read, create, change and delete: rights for `read` and `write`."""


class TenantReadViewSet(OfTenant[M], ReadOnlyModelViewSet[M]):
    """List and read: a right for `read`."""
