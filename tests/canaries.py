"""Two stores full of canaries, committed, and the eye that knows them wherever they turn up.

Every text of a store's rows holds a word, every number and id lies in a range, that no other
store's row has and that nothing else says.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import psycopg
from django.db import connection, models
from django.utils import timezone

from tenants import actions
from tenants.models import ApiKey, AuditEntry, Invitation, Membership, Tenant, User
from tenants.roles import Role
from tests import emptying
from tests.rows import INSTEAD, make_row, owned_models
from webhooks.models import Delivery, State
from xeno.lib.postgres.scope import tenant_scope

PERSONS_OWN = ("Export",)  # seen by who ordered them alone
TEXTS = (models.TextField, models.CharField)


@dataclass(frozen=True)
class Side:
    """The words and numbers of one store."""

    name: str
    numbers: int
    counted: Iterator[int] = field(default_factory=lambda: count(1), compare=False)

    def word(self, kind: str = "row") -> str:
        """A text that occurs once: of a `row`, or of the `shop`, which an operator may see."""
        return f"{kind}of{self.name}{next(self.counted):05}"

    def number(self) -> int:
        """A number that occurs once."""
        return self.numbers + next(self.counted)

    def value(self, column: models.Field) -> Any:
        """What this side writes into a column; None where a canary has no room."""
        if column.choices:
            return column.choices[0][0]
        if isinstance(column, TEXTS):
            return self.word() if (column.max_length or 99) > 20 else None
        if isinstance(column, models.JSONField):
            return [self.word()]
        return self.number() if isinstance(column, models.BigIntegerField) else None

    @property
    def id_pattern(self) -> str:
        """The side's numbers, also as an amount with its commas."""
        thousands = f"{self.numbers:,}".split(",")
        return ",?".join((*thousands[:2], r"\d{3}", r"\d{3}"))

    def traces(self, text: str, *, shop_too: bool = True) -> set[str]:
        """What of this side a text gives away; without the shop's words and ids, of its rows."""
        rows, all_of_it = rf"rowof{self.name}\d*", rf"\w+of{self.name}\d*|{self.id_pattern}"
        return set(re.findall(all_of_it if shop_too else rows, text, re.IGNORECASE))


ANA, CY = Side("zanaz", 73_110_000_000), Side("zcyz", 64_220_000_000)
NOWHERE = 9_000_000  # added to an id of ours: as long, and nobody's


@dataclass(frozen=True)
class Asked:
    """What a stranger puts into a request: somebody's ids, or ones that are nobody's."""

    ids: dict[type[models.Model], int]
    email: str
    domain: str

    def hide(self, text: str) -> str:
        """The text without what was asked for, which an answer may repeat."""
        told = [self.email, self.domain, *map(str, sorted(set(self.ids.values())))]
        return re.sub("|".join(map(re.escape, told)), "ASKED", text)


@dataclass(frozen=True)
class Shop:
    """A store, its owner, and a row of each table."""

    side: Side
    tenant: Tenant
    owner: User
    rows: dict[type[models.Model], models.Model]

    @property
    def asked(self) -> Asked:
        """Everything of this store that one could ask for."""
        ids = {model: row.pk for model, row in self.rows.items()}
        return Asked(ids, self.owner.email, self.tenant.shop_domain)

    @property
    def absent(self) -> Asked:
        """Requests of the same form that are for nothing."""
        ids = {model: pk + NOWHERE for model, pk in self.asked.ids.items()}
        return Asked(ids, f"x{self.owner.email[1:]}", f"x{self.tenant.shop_domain[1:]}")


@dataclass(frozen=True)
class Shops:
    """Ana's store, Cy's store, who runs the install, and a login that sees every row."""

    ana: Shop
    cy: Shop
    operator: User
    owner: psycopg.Connection

    def fingerprint(self, side: Side = ANA) -> dict[str, str]:
        """A hash of each table's rows that are, or tell of, Ana's, by the migrator's eye."""
        part = (
            "SELECT '{0}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{0}\" t"
            " WHERE t::text ~ '{1}'"
        )
        pattern = f"{side.numbers // 1_000_000}[0-9]{{6}}|of{side.name}"
        parts = (part.format(table, pattern) for table in tables(self.owner))
        return dict(self.owner.execute(" UNION ALL ".join(parts)).fetchall())


def tables(owner: psycopg.Connection) -> list[str]:
    """Every table of the install."""
    found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in found]


def fill(side: Side, user: User) -> dict[type[models.Model], models.Model]:
    """A row of each tenant-owned model in the open store, each pointing at the others."""
    rows: dict[type[models.Model], models.Model] = {}
    for model in owned_models():
        given = {"actor": user} if model is AuditEntry else {}
        if model.__name__ in PERSONS_OWN:
            given["user"] = user
        for column in model._meta.concrete_fields:
            if column.related_model in rows:
                given[column.name] = rows[column.related_model]
            elif not (column.generated or column.primary_key or column.is_relation):
                given[column.name] = side.value(column)
        if model is ApiKey:
            given["rights"] = ["view_orders"]  # no other words stand there
        if model is Delivery:
            given |= delivery_of(side, state=State.PARKED)
        given |= shaped(side, model._meta.label_lower)
        given |= INSTEAD.get(model._meta.label_lower, {})
        rows[model] = make_row(model, **{k: v for k, v in given.items() if v is not None})
    return rows


def shaped(side: Side, label: str) -> dict[str, Any]:
    """What has a form of its own, which its readers and the API's description go by."""
    if label == "segments.segmentjob":
        told = {"asked_name": side.word(), "outcome": "refused", "name": side.word(), "line": 1}
        problem = {"code": "unknown", "detail": side.word(), "attr": None}
        return {"report": [told | {"segment": None, "problems": [problem], "rewritten": []}]}
    if label == "campaigns.sender":
        return {name: f"{side.word()}@example.com" for name in ("email", "reply_to")}
    if label == "webhooks.import":
        return {"headers": [side.word()], "mapping": [""]}
    # A store can only name a provider that there is; this one's mail stays here.
    return {"provider": "mailbox"} if label == "campaigns.sendingsettings" else {}


def delivery_of(side: Side, *, state: State, body: bytes | None = None) -> dict[str, Any]:
    """The columns of a webhook that tells canaries."""
    told = {"id": side.number(), "email": f"{side.word()}@example.com", "note": side.word()}
    body = body or json.dumps(told).encode()
    return {"topic": "customers/create", "state": state, "body": body, "body_hash": b"x" * 32}


def add_news(shop: Shop) -> None:
    """Webhooks in the open store's inbox: one that will be applied, one that is no JSON, one
    of the wrong shape, one that nobody handles."""
    side = shop.side
    for body in (None, f"{{{side.word()}".encode(), f'{{"id": "{side.word()}"}}'.encode()):
        told = delivery_of(side, state=State.PENDING, body=body)
        make_row(Delivery, webhook_id=side.word(), **told)
    told = delivery_of(side, state=State.PENDING)
    make_row(Delivery, webhook_id=side.word(), **{**told, "topic": side.word()})


def open_shop(side: Side, owner: psycopg.Connection) -> Shop:
    """A full store; whatever it makes, has an id in the side's range."""
    with counting_from(owner, side.numbers):
        user = User.objects.create_user(f"{side.word('shop')}@example.com", "x" * 20)
        user.name = side.word("shop")
        user.save()
        word = side.word("shop")
        tenant = actions.create_store(
            shop_domain=f"{word}.myshopify.com", name=word, currency="GBP",
            timezone="Europe/London", owner=user,
        )  # fmt: skip
        tenant.access_token, tenant.refresh_token = side.word(), side.word()
        tenant.scopes, tenant.plan = side.word("shop"), side.word("shop")
        tenant.save()
        with tenant_scope(tenant.pk):
            rows = fill(side, user)
            make_row(AuditEntry, actor=user, object_type="customers.customer",
                     object_id=str(rows[owned("Customer")].pk), fields=[side.word()],
                     action=side.word())  # fmt: skip
        rows |= {Tenant: tenant, User: user, Membership: Membership.objects.get(user=user)}
        rows[Invitation] = Invitation.objects.create(
            tenant=tenant, email=f"{side.word()}@example.com", role=Role.AUTHOR, invited_by=user,
            expires_at=timezone.now() + timedelta(days=7),
        )  # fmt: skip
    return Shop(side, tenant, user, rows)


def owned(name: str) -> type[models.Model]:
    """The tenant-owned model of this name."""
    return next(model for model in owned_models() if model.__name__ == name)


@contextmanager
def counting_from(owner: psycopg.Connection, number: int) -> Iterator[None]:
    """Every id that the block makes is above the number; later ones go on where they were."""
    sequences = owner.execute(
        "SELECT quote_ident(sequencename), last_value FROM pg_sequences"
        " WHERE schemaname = 'public' AND max_value > %s",
        (number,),
    ).fetchall()
    try:
        for name, _ in sequences:
            owner.execute("SELECT setval(%s, %s)", (name, number))
        yield
    finally:
        for name, last in sequences:
            owner.execute("SELECT setval(%s, %s, %s)", (name, last or 1, last is not None))


@contextmanager
def full_shops(owner: psycopg.Connection) -> Iterator[Shops]:
    """Both stores, committed; at the end no table holds a row that was not there before."""
    try:
        operator = User.objects.create_superuser("operator@example.com", "x" * 20)
        yield Shops(open_shop(ANA, owner), open_shop(CY, owner), operator, owner)
    finally:
        connection.close()
        if not emptying.empty():
            names = (name for name in tables(owner) if name not in emptying.LASTING)
            owner.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in names))
