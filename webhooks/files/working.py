"""Making the store's exports, a turn at a time; a worker that dies is followed after its lease."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import OperationalError
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from psycopg.errors import DiskFull

from tenants.models import Tenant
from webhooks.files import exporting, importing
from webhooks.files.models import Export, Import, Stage, State
from xeno.lib.errors import Mistake
from xeno.lib.leases import is_free
from xeno.lib.logs import trouble

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than a step takes
PAUSE = timedelta(seconds=20)  # after a trouble that passes
TURN_SECONDS = 20.0  # then other stores' work comes before the next turn
MOST_ATTEMPTS = 5  # that fail, one after the other
FAILED = "failed"


def is_due() -> bool:
    """Whether the open store has an export to make that nobody is at."""
    return free(Export.objects.filter(state=State.RUNNING)).exists()


def free(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that can be taken."""
    return rows.filter(is_free("held_until", longest=LEASE))


def make_exports(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Work for one turn; True when something is left that can be done at once."""
    work(
        Export.objects.filter(state=State.RUNNING),
        lambda pk: exporting.step(tenant, pk),
        exporting.fail,
        time.monotonic() + seconds,
    )
    return is_due()


def run_imports(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Import for one turn; True when something is left that can be done at once."""
    work(
        Import.objects.filter(state=Stage.RUNNING),
        lambda pk: importing.step(tenant, pk),
        importing.fail,
        time.monotonic() + seconds,
    )
    return imports_are_due()


def imports_are_due() -> bool:
    """Whether the open store has an import to go on with that nobody is at."""
    return free(Import.objects.filter(state=Stage.RUNNING)).exists()


def work(
    rows: QuerySet[Any],
    step: Callable[[int], bool],
    fail: Callable[[int, str], None],
    deadline: float,
) -> None:
    """Take the rows one after the other, and each step by step, until the deadline."""
    while taken := take(rows):
        pk, holder = taken
        pause = None
        try:
            while step(pk) and time.monotonic() < deadline:
                rows.filter(pk=pk, holder=holder).update(held_until=Now() + LEASE)
        except Exception as error:
            pause = in_trouble(rows, pk, error, fail)
        finally:
            until = None if pause is None else Now() + pause
            rows.model.objects.filter(pk=pk, holder=holder).update(holder=None, held_until=until)
        if time.monotonic() >= deadline:
            return


def take(rows: QuerySet[Any]) -> tuple[int, UUID] | None:
    """The oldest row that is free, for this worker alone; by the database's clock."""
    holder = uuid4()
    for pk in free(rows).order_by("pk").values_list("pk", flat=True)[:20]:
        if free(rows).filter(pk=pk).update(holder=holder, held_until=Now() + LEASE):
            return pk, holder
    return None


def in_trouble(
    rows: QuerySet[Any], pk: int, error: Exception, fail: Callable[[int, str], None]
) -> timedelta | None:
    """Say what is the matter; it is tried again a few times, unless that can bring nothing."""
    log.warning("file_in_trouble", kind=rows.model.__name__, row=pk, **trouble(error))
    code = code_of(error)
    rows.filter(pk=pk).update(trouble=code, attempts=F("attempts") + 1)
    passes = isinstance(error, OperationalError) and code != exporting.NoSpace.code
    if passes and rows.filter(pk=pk, attempts__lt=MOST_ATTEMPTS).exists():
        return PAUSE
    fail(pk, code)
    return None


def code_of(error: Exception) -> str:
    """The mistake's own code, or what the database says of its disk."""
    if isinstance(error, Mistake):
        return error.code
    if isinstance(error.__cause__, DiskFull):
        return exporting.NoSpace.code
    return FAILED
