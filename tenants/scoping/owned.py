"""The base of every model whose rows belong to one tenant."""

from functools import cache
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models.expressions import Expression

from tenants.scoping.constraints import CURRENT_TENANT, TenantPolicy
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import get_tenant_id

M = TypeVar("M", bound=models.Model, covariant=True)


class ForeignTenant(Mistake):
    """A row of one tenant was about to be written within another's scope."""

    code = "foreign_tenant"
    status = 500
    message = "This row belongs to another store than the one that is open."


class CurrentTenant(Expression):
    """The scope's tenant, read when the query is executed, not when it is built."""

    output_field = models.BigIntegerField()

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "CurrentTenant":
        """The same everywhere: nothing of it depends on the query around it."""
        return self

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [get_tenant_id()]


class PolicyTenant(CurrentTenant):
    """The same tenant in the very words of the tables' policies.

    Beside an id PostgreSQL would check once that both are equal, and as a condition of the join
    that check makes every semi-join through an index look dear. Only our backend sets the tenant.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)  # without a scope it raises here too
        return (CURRENT_TENANT, []) if hasattr(connection, "for_tenant") else (sql, params)


class TenantQuerySet(models.QuerySet[M]):
    """The base of the querysets of tenant-owned models."""


class TenantManager(models.Manager[M]):
    """Gives the rows of the scope's tenant only; executed without a scope it raises NoTenant."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(tenant_id=CurrentTenant())

    def by_policy(self) -> models.QuerySet[M]:
        """The same rows, for statements of several tables whose plan must be the owner's."""
        kind = self._queryset_class  # type: ignore[attr-defined]  # not in the stubs
        return rows_by_policy(kind, self.model, self._db).all()


@cache
def rows_by_policy(
    kind: type[models.QuerySet[Any]], model: type[models.Model], using: str | None
) -> models.QuerySet[Any]:
    """A model's rows, built once: it is a third of building a segment's question of a few tables.

    Never evaluated itself; the tenant is read when what is made of it is executed.
    """
    return kind(model, using=using).filter(tenant_id=PolicyTenant())


class TenantKey(models.ForeignKey[Any, Any]):
    """The tenant of a row: stamped from the scope at insert, verified at every save."""

    def __init__(self, **kwargs: Any) -> None:
        # No reverse name: a query from the global Tenant table cannot join into this one.
        fixed = {"to": "tenants.Tenant", "on_delete": models.PROTECT, "related_name": "+"}
        super().__init__(**{**kwargs, **fixed, "db_index": False, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("to", "on_delete", "related_name", "db_index", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        tenant_id = get_tenant_id()
        stamped = getattr(model_instance, self.attname)
        if stamped is None:
            setattr(model_instance, self.attname, tenant_id)
        elif stamped != tenant_id:
            raise ForeignTenant
        return tenant_id

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        # Also for update(tenant=…) and bulk_update, which no pre_save sees: rows do not move.
        prepared = super().get_db_prep_save(value, connection)
        if isinstance(prepared, int) and prepared != get_tenant_id():
            raise ForeignTenant
        return prepared


class OwnedForeignKey(models.ForeignKey[Any, Any]):
    """A key to another tenant-owned row, kept by a composite `SameTenant` constraint beside it."""

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        # DO_NOTHING: the database refuses; what goes with a row is deleted by its action.
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **{**kwargs, "db_constraint": False, "db_index": False})


class TenantOwned(models.Model):
    """A table behind the walls. A subclass's Meta extends this Meta and its constraints."""

    tenant_owned = True

    tenant = TenantKey()

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"
        constraints = [
            TenantPolicy(name="%(app_label)s_%(class)s_tenant_policy"),
            models.UniqueConstraint(
                fields=["tenant", "id"], name="%(app_label)s_%(class)s_tenant_id_key"
            ),
        ]
