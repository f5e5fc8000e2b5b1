"""The audit trail: called by whatever acts, explicitly."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from tenants.models import ApiKey, AuditEntry, User
from tenants.scoping.visit import get_visit


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where: a user, an API key, or with neither the install itself."""

    user: User | None = None
    key: ApiKey | None = None
    address: str | None = None


def get_actor(request: Any) -> Actor:
    """Who sends this request, of the API or of the admin."""
    visit = get_visit(request)
    return Actor(visit.user, visit.key, request.META.get("REMOTE_ADDR") or None)


def save_audit(
    *,
    actor: Actor,
    action: str,
    target: models.Model | None = None,
    fields: Iterable[str] = (),
    seen: Iterable[int] = (),
    object_type: str = "",
) -> AuditEntry:
    """Note within the open scope that `actor` did `action` (such as `customer.changed`).

    Names of `fields` and our ids of the rows `seen`, never values.
    """
    entry: AuditEntry = AuditEntry.objects.create(
        actor=actor.user,
        key=actor.key,
        action=action,
        object_type=target._meta.label_lower if target else object_type,
        object_id=str(target.pk or "") if target else "",
        fields=sorted(fields),
        seen=list(seen),
        address=actor.address,
    )
    return entry
