"""Which right an API request needs, and whether its user holds it."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.roles import Right
from tenants.scoping.visit import get_tenant
from xeno.lib.errors import Mistake

# DRF's own actions by the kind of right that they need; any other action is a kind of its own.
KINDS = {
    "list": "read",
    "retrieve": "read",
    "create": "write",
    "update": "write",
    "partial_update": "write",
    "destroy": "write",
}
# What DRF calls the action of a method that the view does not have; OPTIONS tells nothing here.
NO_SUCH_METHOD = (None, "metadata")


class RightMissing(Mistake):
    """A member may not do this in this store."""

    code = "right_missing"
    status = 403

    def __init__(self, right: Right) -> None:
        super().__init__(f"You need the right “{right.label}” ({right.value}) in this store.")


class HoldsRight(BasePermission):
    """The user holds, in the request's store, the right that the view declares for the action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False  # DRF answers 401
        if getattr(view, "action", "") in NO_SUCH_METHOD:
            return True  # DRF answers 405
        right = get_right(view)
        if not holds(request, right):
            raise RightMissing(right)
        return True


def holds(request: Request, right: Right) -> bool:
    """Whether the user holds the right in the request's store; raises when there is no store."""
    return request.user.has_perm(f"tenants.{right.value}", get_tenant(request))


def get_right(view: Any) -> Right:
    """The right that the view's action needs; a view that declares none serves nobody."""
    action = getattr(view, "action", "")
    kind = KINDS.get(action, action)
    right = getattr(view, "rights", {}).get(kind)
    if not isinstance(right, Right):
        raise ImproperlyConfigured(f"{type(view).__name__} declares no right for {kind!r}.")
    return right
