"""API keys of one store: made and shown once, presented by servers, revoked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from tenants.audit import Actor, save_audit
from tenants.giving import check_gives, lock_team
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.roles import Right
from tenants.scoping.choice import SECRETS
from xeno.lib.errors import Mistake

RAW_KEY = re.compile(r"xeno_([1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")
HINT_LENGTH = 4
# A key's last use is known to the minute: writing it down for each request would cost more.
USE_NOTED_EVERY = timedelta(minutes=1)
# A person answers for who comes in: a stolen key lets nobody in and makes no other key.
KEY_RIGHTS = tuple(right for right in Right if right != Right.MANAGE_TEAM)


class RightNotForKeys(Mistake):
    """A key was about to hold what only people may, or nothing."""

    code = "right_not_for_keys"
    message = "Choose at least one right; managing the team is for people, not for keys."

    def __init__(self) -> None:
        super().__init__(field="rights")


class ExpiryPassed(Mistake):
    """A key was about to be made that is worth nothing."""

    code = "expiry_passed"
    message = "Choose a time that is still to come, or none."

    def __init__(self) -> None:
        super().__init__(field="expires_at")


class MadeKey(NamedTuple):
    """A new key, and the text of it that is shown once and kept nowhere."""

    key: ApiKey
    raw: str


@dataclass(frozen=True)
class KeyHolder:
    """What stands for the user of a request that came with an API key."""

    key: ApiKey

    pk = id = None
    is_authenticated = is_active = True
    is_anonymous = is_staff = is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether the key holds the right (`tenants.view_orders`) in this store."""
        own = isinstance(obj, Tenant) and obj.pk == self.key.tenant_id
        return own and perm.removeprefix("tenants.") in self.key.rights

    def __str__(self) -> str:
        return f"API key {self.key.pk}"


def find_store_id(raw: str) -> int | None:
    """The id of the store that the key names; None for a text that is no API key."""
    match = RAW_KEY.fullmatch(raw)
    return int(match[1]) if match else None


def find_key(raw: str) -> ApiKey | None:
    """The live key with its store, within the scope of the store that it names; notes the use.

    None when it is unknown, revoked or expired, or its maker may not sign in or has left.
    """
    still_member = Membership.objects.filter(
        user_id=OuterRef("made_by_id"), tenant_id=OuterRef("tenant_id")
    )
    lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
    standing = Q(made_by__is_superuser=True) | Exists(still_member)
    keys = ApiKey.objects.filter(
        lasting, standing, key_hash=hash_of(raw), revoked_at=None, made_by__is_active=True
    ).select_related("tenant")
    key: ApiKey | None = keys.defer(*(f"tenant__{secret}" for secret in SECRETS)).first()
    if key:
        note_use(key)
    return key


def note_use(key: ApiKey) -> None:
    """Write down that the key was used, unless that was done a moment ago."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


@transaction.atomic
def make_key(
    *,
    actor: Actor,
    tenant: Tenant,
    name: str,
    rights: Iterable[str],
    expires_at: datetime | None = None,
) -> MadeKey:
    """A key of the store that holds these rights, each of which the actor holds too.

    Raises RightNotForKeys, RightAboveOwn or ExpiryPassed.
    """
    wanted = {str(right) for right in rights}
    if not wanted or not wanted <= set(KEY_RIGHTS):
        raise RightNotForKeys
    if expires_at and expires_at <= timezone.now():
        raise ExpiryPassed
    lock_team(tenant)
    check_gives(actor, tenant, wanted)

    raw = f"xeno_{tenant.pk}_{token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name,
        key_hash=hash_of(raw),
        hint=raw[-HINT_LENGTH:],
        rights=[right.value for right in Right if right in wanted],
        made_by=actor.user,
        expires_at=expires_at and expires_at.astimezone(UTC),
    )
    save_audit(actor=actor, action="api_key.made", target=key, fields=key.rights)
    return MadeKey(key, raw)


def revoke_key(*, actor: Actor, key: ApiKey) -> None:
    """The key opens nothing any more, from now on; a second time changes nothing."""
    revoke(actor=actor, keys=[key])


def revoke_beyond(*, actor: Actor, tenant: Tenant, user: User, held: frozenset[str]) -> None:
    """Revoke the keys that this user made and that hold more than the user now does."""
    live = ApiKey.objects.filter(made_by=user, tenant=tenant, revoked_at=None)
    revoke(actor=actor, keys=[key for key in live if not held.issuperset(key.rights)])


@transaction.atomic
def revoke(*, actor: Actor, keys: list[ApiKey]) -> None:
    """Revoke these keys of the open store by one statement, each with its own audit entry."""
    live = ApiKey.objects.filter(pk__in=[key.pk for key in keys], revoked_at=None)
    ids = set(live.select_for_update().values_list("pk", flat=True)) if keys else set()
    if ids:
        ApiKey.objects.filter(pk__in=ids).update(revoked_at=timezone.now())
    for key in keys:
        if key.pk in ids:
            save_audit(actor=actor, action="api_key.revoked", target=key)


def hash_of(raw: str) -> str:
    """What is kept of a key; 32 random bytes need no slow hash."""
    return sha256(raw.encode()).hexdigest()
