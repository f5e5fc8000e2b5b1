"""The audit trail: called by whatever acts, explicitly."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from tenants.models import ApiKey, AuditEntry, User
from tenants.scoping.visit import get_visit
from xeno.lib.api.requests import client_address
from xeno.lib.postgres.scope import get_tenant_id


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where: a user, an API key, or with neither the install itself."""

    user: User | None = None
    key: ApiKey | None = None
    address: str | None = None


def get_actor(request: Any) -> Actor:
    """Who sends this request, of the API or of the admin."""
    visit = get_visit(request)
    return Actor(visit.user, visit.key, client_address(request))


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


# Without the ORM: it stands in every request that reads, and would cost three times as much.
READING = """INSERT INTO tenants_auditentry
       (tenant_id, actor_id, key_id, action, object_type, object_id, fields, seen, address)
VALUES (%s, %s, %s, %s, %s, %s, '[]', %s, %s)
"""


def save_reading(
    *, actor: Actor, action: str, object_type: str, seen: Sequence[int], object_id: str = ""
) -> None:
    """Note within the open scope that `actor` was shown these rows, in one entry.

    `object_id` is for a page of one row, so that the row's history tells of it.
    """
    values: list[Any] = [
        get_tenant_id(),
        actor.user and actor.user.pk,
        actor.key and actor.key.pk,
        action,
        object_type,
        object_id,
        json.dumps(list(seen)),
        actor.address,
    ]
    with connection.cursor() as cursor:
        cursor.execute(READING, values)
