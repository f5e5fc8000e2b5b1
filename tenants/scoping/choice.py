"""Which store a user works in: the one that they name, or the only one they have."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from tenants.models import SHOP_DOMAIN, Membership, SignIn, Tenant, TwoFactor, User
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


class TwoFactorRequired(Mistake):
    """The store lets nobody in by a password alone."""

    code = "two_factor_required"
    status = 403
    message = (
        "This store requires two-factor sign-in. Set it up at /account/two-factor,"
        " or over the API by POST /auth/two-factor."
    )


def memberships_of(user: User) -> QuerySet[Membership]:
    """All memberships of the user, with their stores."""
    found = Membership.objects.filter(user=user).select_related("tenant")
    return found.defer(*(f"tenant__{secret}" for secret in SECRETS))


class Found(NamedTuple):
    """A store in question, and since when its member has a second factor."""

    tenant: Tenant
    second_factor_at: datetime | None


class Known(NamedTuple):
    """Somebody with a live sign-in, and the stores in question (at most two)."""

    user: User
    used_at: datetime
    found: list[Found]


# Written by hand: it stands in every request, and the ORM took 1.4 ms to build it, which was more
# than a page of fifty customers.
LIVE = """
SELECT signed.password_tag, signed.last_used_at, factor.confirmed_at, {columns}
  FROM tenants_signin AS signed
  JOIN tenants_user AS person ON person.id = signed.user_id
  LEFT JOIN tenants_twofactor AS factor ON factor.user_id = person.id
  LEFT JOIN (tenants_membership AS joined
             JOIN tenants_tenant AS store ON store.id = joined.tenant_id AND {named})
    ON joined.user_id = person.id
 WHERE signed.id = %(sign_in)s AND signed.user_id = %(user)s AND signed.kind = %(kind)s
   AND signed.expires_at > statement_timestamp()
 LIMIT 2
"""
HEAD = 3  # columns before those of the user
NAMED = {
    "any": "true",
    "id": "store.id = %(wanted)s",
    "domain": "store.shop_domain = %(wanted)s",
    "none": "false",
}


# The same for whoever runs the install and may open any store.
OF_ANY: dict[str, Callable[[Any], Q]] = {
    "any": lambda _: Q(),
    "id": lambda value: Q(pk=value),
    "domain": lambda value: Q(shop_domain=value),
    "none": lambda _: Q(pk__in=()),
}


def naming(wanted: str | None) -> tuple[str, str | int | None]:
    """By what a store is named, and the value; what cannot be a name is not looked up."""
    if not wanted:
        return "any", None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) <= 18:
        return "id", int(wanted)
    if re.fullmatch(SHOP_DOMAIN, wanted.lower()):
        return "domain", wanted.lower()
    return "none", None


@cache
def live_sql(way: str) -> str:
    """The statement for this way of naming the store."""
    person = [f"person.{name}" for name in columns_of(User)]
    store = [f"store.{name}" for name in columns_of(Tenant)]
    return LIVE.format(columns=", ".join(person + store), named=NAMED[way])


@cache
def columns_of(model: type[Model]) -> tuple[str, ...]:
    """The model's columns, without those that a request never reads."""
    return tuple(f.attname for f in model._meta.concrete_fields if f.attname not in SECRETS)


def find_user(
    user_id: int, sign_in_id: UUID, wanted: str | None, kind: SignIn.Kind = SignIn.Kind.API
) -> Known | None:
    """The user of a live sign-in and, by the same query, their stores; None for any other.

    A sign-in lives while its row does, its user may sign in, and their password is the one that
    it stands for.
    """
    way, value = naming(wanted)
    asked: dict[str, Any] = {
        "sign_in": sign_in_id,
        "user": user_id,
        "kind": kind.value,
        "wanted": value,
    }
    with connection.cursor() as cursor:
        cursor.execute(live_sql(way), {**asked, "kind": kind.value})
        rows = cursor.fetchall()
    if not rows:
        return None
    tag, used_at, factor_at, *_ = rows[0]
    person, store = columns_of(User), columns_of(Tenant)
    first = HEAD + len(person)
    user = User.from_db("default", person, rows[0][HEAD:first])
    if not user.is_active or tag != user.password_tag:
        return None
    stores = [row[first:] for row in rows if row[first] is not None]
    return Known(
        user, used_at, [Found(Tenant.from_db("default", store, s), factor_at) for s in stores]
    )


def get_store(user: User, found: Sequence[Found], wanted: str | None) -> Tenant:
    """The one store; raises the mistake when there is none or no single one, or when it wants
    a second factor and the user has none."""
    stores = [membership.tenant for membership in found]
    if not stores and user.is_superuser:
        way, value = naming(wanted)
        stores = list(Tenant.objects.filter(OF_ANY[way](value)).defer(*SECRETS)[:2])
    if not stores:
        raise StoreNotFound if wanted else NoStore
    if len(stores) > 1:
        raise StoreRequired
    store: Tenant = stores[0]
    if store.require_two_factor and not has_second_factor(user, found):
        raise TwoFactorRequired
    return store


def has_second_factor(user: User, found: Sequence[Found]) -> bool:
    """Whether the user has confirmed an authenticator; an operator of no store is asked for."""
    if found:
        return found[0].second_factor_at is not None
    return TwoFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()
