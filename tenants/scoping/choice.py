"""Which store a user works in: the one that they name, or the only one they have."""

import re
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import SHOP_DOMAIN, Membership, Tenant, User
from xeno.lib.errors import Mistake

# Deciphering them would cost more than the query, and no view needs them.
SECRETS = ("access_token", "refresh_token")


class StoreNotFound(Mistake):
    """A store that is not there, or not theirs: the answer does not tell which."""

    code = "store_not_found"
    status = 404
    message = "You have no such store."


class StoreRequired(Mistake):
    """They have several stores and named none."""

    code = "store_required"
    status = 400
    message = "You have several stores. Name one in the header X-Store, by its id or shop domain."


class NoStore(Mistake):
    """They have no store yet."""

    code = "no_store"
    status = 409
    message = "You have no store yet. Install the app in one, or ask to be invited."


def named(wanted: str | None, prefix: str = "") -> Q:
    """The condition for a store by its id or shop domain; none for no name."""
    if not wanted:
        return Q()
    if wanted.isascii() and wanted.isdecimal() and len(wanted) <= 18:
        return Q(**{f"{prefix}pk": int(wanted)})
    if re.fullmatch(SHOP_DOMAIN, wanted.lower()):
        return Q(**{f"{prefix}shop_domain": wanted.lower()})
    return Q(pk__in=())  # what cannot be a store's name is not looked up


def memberships_of(user_id: int, wanted: str | None) -> QuerySet[Membership]:
    """Memberships with user and store, of all stores or of the one that is named."""
    found = Membership.objects.filter(named(wanted, "tenant__"), user_id=user_id)
    return found.select_related("user", "tenant").defer(*(f"tenant__{s}" for s in SECRETS))


def find_user(
    user_id: int, sign_in_id: UUID, wanted: str | None
) -> tuple[User | None, list[Membership]]:
    """The user of a live sign-in and, by the same query, the stores in question (at most two)."""
    alive = memberships_of(user_id, wanted).filter(user__sign_ins=sign_in_id)
    found = list(alive[:2])
    if found:
        return found[0].user, found
    return User.objects.filter(pk=user_id, sign_ins=sign_in_id).first(), []


def get_store(user: User, found: Sequence[Membership], wanted: str | None) -> Tenant:
    """The one store; raises the mistake when there is none or no single one."""
    stores = [membership.tenant for membership in found]
    if not stores and user.is_superuser:
        stores = list(Tenant.objects.filter(named(wanted)).defer(*SECRETS)[:2])
    if not stores:
        raise StoreNotFound if wanted else NoStore
    if len(stores) > 1:
        raise StoreRequired
    return stores[0]
