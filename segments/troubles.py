"""Why a segment could not be brought in step, and when that is tried again."""

from django.db import IntegrityError, InterfaceError, OperationalError

from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.leases import over_sql
from xeno.lib.upsert import run

LONGEST_HOLD = 3_600  # seconds until a segment that fails is tried again
TRANSIENT = (OperationalError, InterfaceError, IntegrityError)
GONE = "23503"  # a key to a row that is not there any more
TOO_LONG = "57014"  # Django calls a statement's timeout operational too; it would not pass

TROUBLED = f"""
    UPDATE segments_segmentstate SET trouble = %s, attempts = attempts + 1,
        held_until = clock_timestamp()
            + LEAST(%s, 5 * power(2, LEAST(attempts, 20))) * interval '1 second'
    WHERE tenant_id = %s AND segment_id = %s
        AND COALESCE({over_sql("held_until", seconds=LONGEST_HOLD)}, true)
"""


def note_trouble(*, tenant: Tenant, segment_id: int, code: str) -> None:
    """Say why a segment does not follow; it is tried again later, and later still."""
    run(TROUBLED, [code, LONGEST_HOLD, tenant.pk, segment_id])


def code_of(error: Exception) -> str:
    """The trouble for programs and people."""
    if isinstance(error, Mistake):
        return error.code
    return "too_slow" if sqlstate_of(error) == TOO_LONG else "failed"


def is_transient(error: Exception) -> bool:
    """Whether the same may go through later: the database's own trouble, or a customer who was
    deleted while they joined."""
    if isinstance(error, IntegrityError):
        return sqlstate_of(error) == GONE
    return isinstance(error, TRANSIENT) and sqlstate_of(error) != TOO_LONG


def sqlstate_of(error: Exception) -> str:
    """PostgreSQL's code of the error."""
    return getattr(error.__cause__, "sqlstate", None) or ""
