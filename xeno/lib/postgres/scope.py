"""Which tenant the code that runs now works for: one context variable, read at execution."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.apps import apps

from xeno.lib.errors import Mistake

_tenant_id: ContextVar[int | None] = ContextVar("xeno_tenant_id", default=None)


class NoTenant(Mistake):
    """A tenant-owned table was asked while no store was chosen."""

    code = "no_tenant"
    status = 500
    message = "No store is chosen. Open a tenant scope around this query."


@contextmanager
def tenant_scope(tenant_id: int) -> Iterator[None]:
    """Work for one tenant until the block ends; scopes nest, the inner one wins.

    There is no scope of "all": `None` is refused. Do not hold a scope open over a `yield`:
    a generator would leak it to its consumer.
    """
    if not isinstance(tenant_id, int) or isinstance(tenant_id, bool):
        raise NoTenant(f"A scope needs a tenant's id, not {type(tenant_id).__name__}.")
    token = _tenant_id.set(tenant_id)
    try:
        yield
    finally:
        _tenant_id.reset(token)


def find_tenant_id() -> int | None:
    """The tenant of the open scope, or None outside of one."""
    return _tenant_id.get()


def get_tenant_id() -> int:
    """The tenant of the open scope; raises NoTenant outside of one."""
    tenant_id = _tenant_id.get()
    if tenant_id is None:
        raise NoTenant
    return tenant_id


@cache
def tenant_owned_tables() -> frozenset[str]:
    """Names of all tables whose rows belong to one tenant."""
    models = apps.get_models(include_auto_created=True)
    return frozenset(m._meta.db_table for m in models if getattr(m, "tenant_owned", False))
