"""The base of lists of addresses: they are about people, so seeing them takes two rights."""

from typing import TypeVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from tenants.admin.confirming import ActingAdmin
from tenants.roles import Right
from tenants.scoping.admin import holds

M = TypeVar("M", bound=models.Model)


class PeopleAdmin(ActingAdmin[M]):
    """Whoever may view customers, and holds what the class declares."""

    def may(self, request: HttpRequest, verb: str) -> bool:
        return holds(request, Right.VIEW_CUSTOMERS) and super().may(request, verb)

    def wanted(self, request: HttpRequest, object_id: str, verb: str = "view") -> M | None:
        """The row of this address, for somebody who may do this with it."""
        if not self.may(request, verb):  # the right first: a refusal tells no ids
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))
