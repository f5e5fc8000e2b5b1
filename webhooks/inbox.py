"""The inbox's one write: a webhook's bytes, committed, in one round trip."""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from tenants.models import SHOP_DOMAIN
from xeno.lib.errors import Mistake


class InboxUnavailable(Mistake):
    """The webhook could not be written down; Shopify comes again."""

    code = "inbox_unavailable"
    status = 503
    message = "The inbox cannot be written now. Send it again."
    retryable = True


class Arrival(NamedTuple):
    """A webhook as it came in."""

    webhook_id: str
    topic: str
    event_id: str
    api_version: str
    triggered_at: str
    body: bytes


# No conflict target and no RETURNING: row-level security refuses both where no tenant is set.
INSERT = """
    INSERT INTO webhooks_delivery
        (tenant_id, webhook_id, topic, event_id, api_version, triggered_at, body, body_hash)
    VALUES (%s, %s, %s, %s, %s, %s, %b, %b)
    ON CONFLICT DO NOTHING
"""
FIND_STORE = "SELECT id FROM tenants_tenant WHERE shop_domain = %s"
POOL_WAIT_SECONDS = 2.0
LOST = (psycopg.OperationalError, PoolTimeout, PoolClosed, TooManyRequests)


@contextmanager
def raw_connection() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the web process's pool; without a pool, the thread's own."""
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    if pool is None:
        connection.ensure_connection()
        yield connection.connection
    else:
        pool.open()
        with pool.connection(timeout=POOL_WAIT_SECONDS) as pooled:
            yield pooled


def save_arrival(tenant_id: int, arrival: Arrival) -> bool:
    """Commit the webhook to the inbox; False when this very delivery is there already.

    Raises InboxUnavailable when the database cannot take it, and psycopg's
    ForeignKeyViolation when the store is gone.
    """
    row = (tenant_id, *arrival, hashlib.sha256(arrival.body).digest())
    try:
        with raw_connection() as raw, psycopg.Cursor(raw) as cursor:
            cursor.execute(INSERT, row)
            return cursor.rowcount == 1
    except LOST as error:
        connection.close_if_unusable_or_obsolete()
        raise InboxUnavailable from error


A_SHOP = re.compile(SHOP_DOMAIN)
_stores: dict[str, tuple[int, float]] = {}
STORE_SECONDS = 60.0


def find_store_id(shop_domain: str) -> int | None:
    """The id of the store of this shop domain, kept for a minute in this process."""
    if not A_SHOP.fullmatch(shop_domain):
        return None
    known = _stores.get(shop_domain)
    if known and known[1] > time.monotonic():
        return known[0]
    # By the pool too: a thread that kept Django's connection and waited for another of the same
    # pool could hold up every thread that does likewise.
    try:
        with raw_connection() as raw, psycopg.Cursor(raw) as cursor:
            found = cursor.execute(FIND_STORE, (shop_domain,)).fetchone()
    except LOST as error:
        raise InboxUnavailable from error
    if found is None:
        _stores.pop(shop_domain, None)
        return None
    _stores[shop_domain] = (found[0], time.monotonic() + STORE_SECONDS)
    return int(found[0])


def forget_stores() -> None:
    """Empty this process's memory of shop domains."""
    _stores.clear()
