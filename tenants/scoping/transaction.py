"""One transaction around all that one API request does in its store."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase

R = TypeVar("R", bound=HttpResponseBase)

# A write may wait for somebody else's; longer than this it is told to come again.
LOCK_SECONDS = 5
READING = ("GET", "HEAD")


def answer_in_transaction(answer: Callable[[], R], *, method: str) -> R:
    """Call `answer` in one transaction, rolled back when it answers 400 or above.

    Within it no statement of a read runs longer than API_READ_SECONDS, and none of a write
    waits longer than LOCK_SECONDS for a lock.
    """
    limit = connection.limit_transaction  # type: ignore[attr-defined]  # our backend's
    with transaction.atomic():
        if method in READING:
            limit("statement_timeout", settings.API_READ_SECONDS)
        else:
            limit("lock_timeout", LOCK_SECONDS)
        response = answer()
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response
