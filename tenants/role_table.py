"""Existing stores follow the table in `roles.py` when a new version brings another one."""

from django.db import transaction

from tenants import actions, team
from tenants.audit import Actor, save_audit
from tenants.giving import lock_team
from tenants.members import members_of
from tenants.models import Tenant, TenantGroupPermission
from tenants.roles import ROLE_RIGHTS
from tenants.scoping.everywhere import for_every_tenant


def follow_role_table() -> int:
    """Give every store's roles and members what the table says now; gives the number of stores.

    Costs one query for a store whose roles say it already.
    """
    return for_every_tenant(follow_in_store, reason="roles follow the table")


@transaction.atomic
def follow_in_store(tenant: Tenant) -> None:
    """Make the open store's rights what the table says, and end what is beyond them."""
    if held_by_roles(tenant) == wanted_for_roles(tenant):
        return
    lock_team(tenant)
    actions.save_role_rights(tenant=tenant)
    for membership in members_of(tenant):
        actions.save_rights(membership=membership)
        team.end_what_is_beyond(actor=Actor(), membership=membership)
    save_audit(actor=Actor(), action="roles.changed", target=tenant)


def held_by_roles(tenant: Tenant) -> set[tuple[str, str]]:
    """What guardian's rows say: the name of a role's group, and a right that it holds."""
    rows = TenantGroupPermission.objects.filter(content_object=tenant)
    return set(rows.values_list("group__name", "permission__codename"))


def wanted_for_roles(tenant: Tenant) -> set[tuple[str, str]]:
    """The same, as the table says it."""
    return {
        (actions.role_group_name(tenant, role), right.value)
        for role, rights in ROLE_RIGHTS.items()
        for right in rights
    }
