"""A test database's inbox and what became of it, seen without the application's own queries."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection
from django.db.models import NOT_PROVIDED

from tenants.models import Tenant
from tests.faults.processes import Database
from xeno.lib.postgres.scope import tenant_scope

COLUMNS = "tenant_id, webhook_id, topic, triggered_at, body, body_hash"


def put(
    database: Database,
    payloads: Iterable[Mapping[str, Any] | bytes],
    *,
    prefix: str = "w",
    topic: str = "orders/create",
    tenant_id: int = 0,
) -> None:
    """Write webhooks down as the web process does, without one."""
    bodies = [
        payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        for payload in payloads
    ]
    with (
        psycopg.connect(database.url(database.admin)) as admin,
        admin.cursor().copy(f"COPY webhooks_delivery ({COLUMNS}) FROM STDIN") as copy,
    ):
        for number, body in enumerate(bodies):
            webhook_id, tenant = f"{prefix}{number}", tenant_id or database.tenant_id
            copy.write_row((tenant, webhook_id, topic, "", body, hashlib.sha256(body).digest()))


def add_store(database: Database, domain: str) -> int:
    """A store with the model's own defaults and a complete history; its tenant id."""
    told = {"shop_domain": domain, "name": "Fault", "currency": "GBP", "timezone": "UTC"}
    values = {
        field.column: told.get(field.name, field.get_default())
        for field in Tenant._meta.concrete_fields
        if not field.primary_key and field.db_default is NOT_PROVIDED
    } | {"history_complete_since": datetime.now(UTC)}
    marks = ", ".join(["%s"] * len(values))
    sql = f"INSERT INTO tenants_tenant ({', '.join(values)}) VALUES ({marks}) RETURNING id"
    return int(database.ask(sql, *values.values()))


def states(database: Database, tenant_id: int = 0) -> Counter[str]:
    """How many of the store's webhooks are in which state; a parked one with its code."""
    with psycopg.connect(database.url(database.admin)) as admin:
        rows = admin.execute(
            "SELECT trim(state || ' ' || code), count(*) FROM webhooks_delivery"
            " WHERE tenant_id = %s GROUP BY 1",
            [tenant_id or database.tenant_id],
        )
        return Counter(dict(rows.fetchall()))


def pending(database: Database) -> int:
    """How many wait, in all stores."""
    return int(database.ask("SELECT count(*) FROM webhooks_delivery WHERE state = 'pending'"))


@contextmanager
def inside(database: Database, tenant_id: int = 0) -> Iterator[None]:
    """This process's own connection looks into the test's database, within the store's scope."""
    connection.close()
    own = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = database.name
    try:
        with tenant_scope(tenant_id or database.tenant_id):
            yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
