"""System checks that fail when a tenant-owned model has lost one of its walls."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.db import models

from tenants.scoping.constraints import SameTenant, TenantPolicy
from tenants.scoping.owned import TenantManager

HINT = "Let Meta extend TenantOwned.Meta and start constraints with *TenantOwned.Meta.constraints."


def check_walls(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each wall that a tenant-owned model lacks, and each way around one."""
    # Automatic many-to-many tables too: they have no tenant, so they may not join two rows.
    models_ = apps.get_models(include_auto_created=True)
    return [error for model in models_ for error in missing_walls(model)]


def missing_walls(model: type[models.Model]) -> Iterator[CheckMessage]:
    """The walls that this model does not declare."""
    if getattr(model, "tenant_owned", False):
        yield from missing_constraints(model)
        yield from open_keys(model)
        yield from unproven_tenant(model)
    else:
        yield from shared_keys(model)


def missing_constraints(model: type[models.Model]) -> Iterator[CheckMessage]:
    """Errors for a policy, unique key or strict manager that is not there."""
    meta = model._meta
    if not any(isinstance(c, TenantPolicy) for c in meta.constraints):
        yield Error(f"{meta.label} has no row-level policy.", hint=HINT, id="tenants.E001")
    if not any(is_tenant_id_key(c) for c in meta.constraints):
        yield Error(f"{meta.label} has no unique (tenant, id).", hint=HINT, id="tenants.E002")
    if not all(isinstance(m, TenantManager) for m in (meta.base_manager, *meta.managers)):
        yield Error(f"{meta.label} has a manager without the wall.", hint=HINT, id="tenants.E003")


def is_tenant_id_key(constraint: models.BaseConstraint) -> bool:
    """Whether a composite foreign key can point to this constraint."""
    return (
        isinstance(constraint, models.UniqueConstraint)
        and constraint.fields == ("tenant", "id")
        and constraint.condition is None
        and constraint.deferrable is None
    )


def open_keys(model: type[models.Model]) -> Iterator[CheckMessage]:
    """Errors for keys to tenant-owned rows that have no composite key beside them."""
    meta = model._meta
    guarded = {c.field for c in meta.constraints if isinstance(c, SameTenant)}
    for field in owned_keys(model):
        if field.name not in guarded or getattr(field, "db_constraint", True):
            yield Error(
                f"{meta.label}.{field.name} can point to another store's row.",
                hint="Use OwnedForeignKey and a SameTenant constraint.",
                id="tenants.E004",
            )


def unproven_tenant(model: type[models.Model]) -> Iterator[CheckMessage]:
    """An error when neither the row's own key nor that of a row it needs proves its store."""
    if not has_proven_tenant(model):
        yield Error(
            f"{model._meta.label} can name a store that does not exist.",
            hint="Give up the tenant's key only beside a SameTenant key that is never null.",
            id="tenants.E006",
        )


def has_proven_tenant(model: Any) -> bool:
    """Whether the database refuses a row of a store that does not exist."""
    if model._meta.get_field("tenant").db_constraint:
        return True
    walls = [c for c in model._meta.constraints if isinstance(c, SameTenant)]
    needed = [model._meta.get_field(wall.field) for wall in walls]
    return any(
        has_proven_tenant(field.related_model)
        for field in needed
        if not field.null and field.related_model is not model
    )


def shared_keys(model: type[models.Model]) -> Iterator[CheckMessage]:
    """Errors for keys from a table that all stores share to one store's rows."""
    for field in owned_keys(model):
        yield Error(
            f"{model._meta.label}.{field.name} is shared and points to a store's row.",
            hint="Make the model TenantOwned; name a many-to-many's table by `through`.",
            id="tenants.E005",
        )


def owned_keys(model: type[models.Model]) -> Iterator[Any]:
    """The model's own columns that point to a tenant-owned model."""
    for field in model._meta.concrete_fields:
        if getattr(field.related_model, "tenant_owned", False):
            yield field
