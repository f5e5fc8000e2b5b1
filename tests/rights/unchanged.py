"""A hash of everything that both stores and the install hold, as far as a request may change it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse

from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope

# That somebody came is noted, whatever they asked for, and from where.
NOTED = ("last_used_at", "address", "agent")
UNMEANT = ("django_migrations", "tenants_signinfailure")


def hash_rows(*stores: Tenant) -> dict[tuple[int, str], str | None]:
    """A hash of each table's rows, as each of the stores sees them."""
    return {(store.pk, table): md5 for store in stores for table, md5 in hashes_in(store)}


def tables_with(word: str, store: Tenant) -> list[str]:
    """The tables in which this store sees a row that the word, a pattern, is in."""
    part = "SELECT '{0}' FROM \"{0}\" t WHERE t::text ~ %(word)s"
    with tenant_scope(store.pk), connection.cursor() as cursor:
        cursor.execute(" UNION ".join(map(part.format, tables())), {"word": word})
        return [name for (name,) in cursor.fetchall()]


def tables() -> list[str]:
    """The tables that a request could mean to write to."""
    return [name for name in connection.introspection.table_names() if name not in UNMEANT]


def hashes_in(store: Tenant) -> list[tuple[str, str]]:
    """Every table with the hash of what this store may see in it."""
    part = (
        "SELECT '{0}', md5(string_agg(told, '|' ORDER BY told))"
        ' FROM (SELECT (to_jsonb(t) - %(noted)s::text[])::text AS told FROM "{0}" t) AS rows'
    )
    with tenant_scope(store.pk), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(part.format, tables())), {"noted": list(NOTED)})
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
