"""Nothing that both stores and the install hold differs after a request that may change nothing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse

from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope

# That somebody came is noted, whatever they asked for, and from where.
NOTED = ("last_used_at", "address", "agent")
UNMEANT = ("django_migrations", "tenants_signinfailure")
WRITTEN = "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"


@contextmanager
def unchanged(*stores: Tenant) -> Iterator[None]:
    """The block leaves every row as each of the stores sees it; what it notes is undone.

    PostgreSQL counts what a transaction writes, table by table, so only those tables are compared
    with what they are when the block is undone: to hash all of them took longer than the requests.
    """
    start = transaction.savepoint()
    yield
    written = tables_written()
    after = {store.pk: hashes_in(store, written) for store in stores}
    transaction.savepoint_rollback(start)
    assert after == {store.pk: hashes_in(store, written) for store in stores}


def tables_written() -> set[str]:
    """The tables to which this transaction has written a row, or tried to."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return {name for (name,) in cursor.fetchall()} - {*UNMEANT}


def tables_with(word: str, store: Tenant) -> list[str]:
    """The tables in which this store sees a row that the word, a pattern, is in."""
    part = "SELECT '{0}' FROM \"{0}\" t WHERE t::text ~ %(word)s"
    tables = set(connection.introspection.table_names()) - {*UNMEANT}
    with tenant_scope(store.pk), connection.cursor() as cursor:
        cursor.execute(" UNION ".join(map(part.format, tables)), {"word": word})
        return [name for (name,) in cursor.fetchall()]


def hashes_in(store: Tenant, tables: Collection[str]) -> list[tuple[str, str]]:
    """These tables, each with the hash of what this store may see in it."""
    part = (
        "SELECT '{0}', md5(string_agg(told, '|' ORDER BY told))"
        ' FROM (SELECT (to_jsonb(t) - %(noted)s::text[])::text AS told FROM "{0}" t) AS rows'
    )
    if not tables:
        return []
    with tenant_scope(store.pk), connection.cursor() as cursor:
        parts = map(part.format, sorted(tables))
        cursor.execute(" UNION ALL ".join(parts), {"noted": list(NOTED)})
        return list(cursor.fetchall())


@contextmanager
def unpainted() -> Iterator[None]:
    """Pages without their HTML, which half of a page's time goes into: whether somebody is refused,
    and what it changes, is decided before. What refusals look like, other tests compare."""
    painted = SimpleTemplateResponse.rendered_content
    SimpleTemplateResponse.rendered_content = ""
    try:
        yield
    finally:
        SimpleTemplateResponse.rendered_content = painted


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
