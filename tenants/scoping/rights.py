"""Which right a request needs, and which rights whoever sends it holds: asked once for each."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.models import Tenant, User
from tenants.roles import Right
from tenants.scoping.visit import get_tenant, get_visit
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

# Guardian's own tables and answer (a test compares them), in one statement instead of two and
# without building two querysets, which would be the most expensive part of a list.
HELD = """SELECT codename
  FROM auth_permission
 WHERE id IN (
       SELECT permission_id
         FROM tenants_tenantgrouppermission AS held
         JOIN tenants_user_groups AS joined ON joined.group_id = held.group_id
        WHERE held.content_object_id = %(tenant)s AND joined.user_id = %(user)s
       UNION ALL
       SELECT permission_id
         FROM tenants_tenantuserpermission
        WHERE content_object_id = %(tenant)s AND user_id = %(user)s)
"""


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
        for right in get_rights(view):
            if not holds(request, right):
                raise RightMissing(right)
        return True


def holds(request: Any, right: Right) -> bool:
    """Whether the caller holds the right in the request's store; raises when there is no store."""
    return right.value in rights_of(request)


def rights_of(request: Any) -> frozenset[str]:
    """What the caller, a user or an API key, may do in the API request's store."""
    visit, tenant = get_visit(request), get_tenant(request)
    if visit.key is not None:
        return frozenset(visit.key.rights if visit.key.tenant_id == tenant.pk else ())
    if visit.user is None:
        return frozenset()
    # On Django's own request, so that DRF's copies of it share the answer.
    return rights_kept_by(getattr(request, "_request", request), visit.user, tenant)


def rights_kept_by(request: Any, user: User, tenant: Tenant) -> frozenset[str]:
    """What the user may do in the store, as it was when this request first asked."""
    whose = user.pk, tenant.pk
    kept: tuple[Any, frozenset[str]] | None = getattr(request, "_rights", None)
    if kept is None or kept[0] != whose:
        kept = request._rights = whose, find_rights(user, tenant)
    return kept[1]


def find_rights(user: User, tenant: Tenant) -> frozenset[str]:
    """What the user may do in the store; a superuser everything, without a query."""
    if not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Right.values)
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"user": user.pk, "tenant": tenant.pk})
        return frozenset(codename for (codename,) in cursor.fetchall())


def get_rights(view: Any) -> tuple[Right, ...]:
    """Every right that the view's action needs."""
    action = getattr(view, "action", "")
    further = getattr(view, "further_rights", {})
    return (get_right(view), *further.get(KINDS.get(action, action), ()))


def get_right(view: Any) -> Right:
    """The first right that the view's action needs; a view that declares none serves nobody."""
    action = getattr(view, "action", "")
    kind = KINDS.get(action, action)
    right = getattr(view, "rights", {}).get(kind)
    if not isinstance(right, Right):
        raise ImproperlyConfigured(f"{type(view).__name__} declares no right for {kind!r}.")
    return right
