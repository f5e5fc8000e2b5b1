"""The system checks fire on a model that has lost a wall."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from tenants.models import AuditEntry
from tenants.scoping.checks import check_walls, missing_walls
from tenants.scoping.constraints import SameTenant, TenantPolicy
from tenants.scoping.owned import OwnedForeignKey, TenantKey, TenantManager, TenantOwned

WHOLE = TenantOwned.Meta.constraints


def walls_missing(**attributes):
    """The ids of what the check says about a model with these attributes."""
    meta = attributes.pop("Meta", {"constraints": WHOLE})
    bases = attributes.pop("bases", (TenantOwned,))
    extends = (TenantOwned.Meta,) if TenantOwned in bases else ()
    with isolate_apps("tenants"):
        inner = type("Meta", extends, {"app_label": "tenants", **meta})
        model = type("Thing", bases, {"__module__": __name__, "Meta": inner, **attributes})
        return [error.id for error in missing_walls(model)]


def audit_key(**options):
    return OwnedForeignKey(AuditEntry, **options)


def plain_key(**options):
    return models.ForeignKey(AuditEntry, models.DO_NOTHING, related_name="+", **options)


SAME_TENANT = SameTenant(field="entry", name="thing_and_entry_same_tenant")


def test_the_projects_own_models_have_every_wall():
    assert check_walls(None) == []


def test_a_model_with_every_wall_passes():
    assert walls_missing() == []
    assert walls_missing(entry=audit_key(), Meta={"constraints": [*WHOLE, SAME_TENANT]}) == []


def test_e001_a_model_without_a_policy():
    assert walls_missing(Meta={"constraints": [WHOLE[1]]}) == ["tenants.E001"]


@pytest.mark.parametrize(
    "key",
    [
        models.UniqueConstraint(fields=["id", "tenant"], name="turned"),
        models.UniqueConstraint(fields=["tenant"], name="short"),
        models.UniqueConstraint(fields=["tenant", "id"], condition=models.Q(id=1), name="partial"),
        models.UniqueConstraint(
            fields=["tenant", "id"], name="late", deferrable=models.Deferrable.DEFERRED
        ),
        models.Index(fields=["tenant", "id"], name="no_constraint"),
    ],
    ids=lambda key: key.name,
)
def test_e002_a_model_without_the_key_that_composite_keys_point_to(key):
    kind = "indexes" if isinstance(key, models.Index) else "constraints"
    meta = {"constraints": [TenantPolicy(name="policy")], kind: [TenantPolicy(name="policy"), key]}
    if kind == "indexes":
        meta["indexes"] = [key]

    assert walls_missing(Meta=meta) == ["tenants.E002"]


def test_e003_a_model_with_a_manager_without_the_wall():
    lax = {"objects": TenantManager(), "everything": models.Manager()}

    assert walls_missing(objects=models.Manager()) == ["tenants.E003"]
    assert walls_missing(**lax) == ["tenants.E003"]
    assert walls_missing(**lax, Meta={"constraints": WHOLE, "base_manager_name": "everything"}) == [
        "tenants.E003"
    ]


@pytest.mark.parametrize(
    "key",
    [
        audit_key(),
        plain_key(),
        models.OneToOneField(AuditEntry, models.DO_NOTHING, related_name="+"),
    ],
    ids=["no composite key", "plain", "one to one"],
)
def test_e004_a_model_whose_key_can_point_to_another_stores_row(key):
    assert walls_missing(entry=key) == ["tenants.E004"]


def test_e004_a_plain_foreign_key_beside_the_composite_one():
    meta = {"constraints": [*WHOLE, SAME_TENANT]}

    assert walls_missing(entry=plain_key(), Meta=meta) == ["tenants.E004"]
    assert walls_missing(entry=plain_key(db_constraint=False), Meta=meta) == []


@pytest.mark.parametrize(("null", "missing"), [(False, []), (True, ["tenants.E006"])])
def test_e006_only_a_key_that_is_never_null_proves_the_tenant(null, missing):
    meta = {"constraints": [*WHOLE, SAME_TENANT]}

    assert walls_missing(tenant=TenantKey(db_constraint=False)) == ["tenants.E006"]
    proven = walls_missing(
        tenant=TenantKey(db_constraint=False), entry=audit_key(null=null), Meta=meta
    )
    assert proven == missing


def test_e005_a_shared_model_that_points_to_a_stores_rows():
    assert walls_missing(bases=(models.Model,), Meta={}, entry=plain_key()) == ["tenants.E005"]


def test_e005_a_many_to_many_makes_a_table_without_a_tenant():
    with isolate_apps("tenants") as registry:

        class Thing(TenantOwned):
            entries = models.ManyToManyField(AuditEntry, related_name="+")

            class Meta(TenantOwned.Meta):
                app_label = "tenants"

        [through] = [m for m in registry.get_models(include_auto_created=True) if m is not Thing]

        assert {error.id for error in missing_walls(through)} == {"tenants.E005"}
