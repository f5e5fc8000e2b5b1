"""The audit trail: called by whatever acts, explicitly."""

from collections.abc import Iterable

from django.db import models

from tenants.models import AuditEntry, User


def save_audit(
    *,
    actor: User | None,
    action: str,
    target: models.Model,
    fields: Iterable[str] = (),
    address: str | None = None,
) -> AuditEntry:
    """Note within the open scope that `actor` did `action` to `target`; names of fields only."""
    entry: AuditEntry = AuditEntry.objects.create(
        actor=actor,
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk or ""),
        fields=sorted(fields),
        address=address,
    )
    return entry
