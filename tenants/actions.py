"""Making users, stores and members: what the commands, the API and the admin call."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tenants.models import (
    Membership,
    RightException,
    Tenant,
    TenantGroupPermission,
    TenantUserPermission,
    User,
)
from tenants.roles import ROLE_RIGHTS, Role, rights_with, telling


def role_group_name(tenant: Tenant, role: Role) -> str:
    """The name of the group that holds one role's rights in one store."""
    return f"tenant:{tenant.pk}:{role.value}"


def sign_up(*, email: str, password: str, name: str = "") -> User:
    """A new user with no store; ValidationError when the password is too weak."""
    user = User(email=email.strip().lower(), name=name)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def create_store(
    *, shop_domain: str, name: str, currency: str, timezone: str, owner: User | None = None
) -> Tenant:
    """A store with its roles; ValidationError when the domain, currency or zone is none."""
    tenant = Tenant(shop_domain=shop_domain, name=name, currency=currency, timezone=timezone)
    tenant.full_clean()
    tenant.save()
    save_role_rights(tenant=tenant)
    if owner:
        save_member(tenant=tenant, user=owner, role=Role.OWNER)
    return tenant


@transaction.atomic
def save_role_rights(*, tenant: Tenant) -> None:
    """Give each role of the store exactly the rights of the table in `roles.py`."""
    permissions = right_permissions()
    names = {role: role_group_name(tenant, role) for role in Role}
    Group.objects.bulk_create([Group(name=n) for n in names.values()], ignore_conflicts=True)
    groups = {g.name: g for g in Group.objects.filter(name__in=names.values())}

    TenantGroupPermission.objects.filter(content_object=tenant).delete()
    TenantGroupPermission.objects.bulk_create(
        TenantGroupPermission(
            group=groups[names[role]], permission=permissions[right.value], content_object=tenant
        )
        for role, rights in ROLE_RIGHTS.items()
        for right in rights
    )


def right_permissions() -> dict[str, Permission]:
    """Guardian's permission of each right."""
    of_stores = Permission.objects.filter(
        content_type__app_label="tenants", content_type__model="tenant"
    )
    return {permission.codename: permission for permission in of_stores}


@transaction.atomic
def save_member(
    *, tenant: Tenant, user: User, role: Role, exceptions: Mapping[str, bool] | None = None
) -> Membership:
    """Make the user a member, or change the role that they have; rights follow at once.

    `exceptions` are all the single rights granted (True) and taken (False), None for those
    that there are; what only repeats the role is not kept.
    """
    membership, _ = Membership.objects.update_or_create(
        tenant=tenant, user=user, defaults={"role": role}
    )
    before = dict(membership.exceptions.values_list("right", "granted"))
    after = telling(role, before if exceptions is None else exceptions)
    if after != before:
        membership.exceptions.all().delete()
        RightException.objects.bulk_create(
            RightException(membership=membership, right=right, granted=given)
            for right, given in after.items()
        )
    save_rights(membership=membership)
    return membership


@transaction.atomic
def save_rights(*, membership: Membership) -> None:
    """Make guardian's rows, which are what is checked, say what role and exceptions do.

    Without an exception that is the role's group; with one, rows of the person's own.
    """
    tenant, user, role = membership.tenant, membership.user, Role(membership.role)
    exceptions = dict(membership.exceptions.values_list("right", "granted"))
    take_rights(tenant, user)
    if not exceptions:
        user.groups.add(Group.objects.get(name=role_group_name(tenant, role)))
        return
    permissions = right_permissions()
    TenantUserPermission.objects.bulk_create(
        TenantUserPermission(user=user, permission=permissions[right.value], content_object=tenant)
        for right in rights_with(role, exceptions)
    )


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Take the user out of the store with every right in it, granted ones included."""
    take_rights(membership.tenant, membership.user)
    membership.delete()


def take_rights(tenant: Tenant, user: User) -> None:
    """Delete whatever gives the user a right in the store."""
    user.groups.remove(*user.groups.filter(name__startswith=f"tenant:{tenant.pk}:"))
    user.tenantuserpermission_set.filter(content_object=tenant).delete()
