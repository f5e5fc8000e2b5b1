"""A POST that is sent twice with one Idempotency-Key is carried out once.

The key's row is inserted first in the request's own transaction: whoever sends the same waits
for it, and finds either the answer or, after a rollback, nothing. So only successes are kept,
and a crash between the work and the answer undoes both.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from psycopg.errors import LockNotAvailable

from tenants.models import IdempotentAnswer
from tenants.scoping.visit import Visit
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import get_tenant_id

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HOURS = 24
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Cache-Control")

# An answer past its day is as good as none, whether the purge has been there or not.
CLAIM = """INSERT INTO tenants_idempotentanswer AS kept
       (tenant_id, caller, key, request_hash, answer)
VALUES (%s, %s, %s, %s, '')
ON CONFLICT (tenant_id, caller, key) DO UPDATE
   SET request_hash = excluded.request_hash, answer = '', created_at = now()
 WHERE kept.created_at < now() - make_interval(hours => %s)
RETURNING id
"""


class IdempotencyKeyInvalid(Mistake):
    """No key that we could keep."""

    code = "idempotency_key_invalid"
    status = 400
    message = "An Idempotency-Key has 1 to 255 visible ASCII characters, such as a UUID."


class IdempotencyKeyReused(Mistake):
    """The key stands for another request."""

    code = "idempotency_key_reused"
    status = 422
    message = "You sent another request with this Idempotency-Key. Use a new key for each."


class IdempotencyInProgress(Mistake):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"
    status = 409
    message = "The first request with this Idempotency-Key is still running. Ask again."
    retryable = True


@dataclass(frozen=True)
class Kept:
    """An answer as it is given again."""

    status: int
    headers: dict[str, str]
    body: str

    def response(self) -> HttpResponse:
        """The first answer once more, marked as such."""
        again = HttpResponse(self.body.encode(), status=self.status)
        del again.headers["Content-Type"]
        for name, value in {**self.headers, REPLAYED: "true"}.items():
            again.headers[name] = value
        return again


class AnsweredBefore(Exception):  # no error: it ends the request with its answer
    """The request was carried out before; `kept` is what it was told."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("answered before")
        self.kept = kept


def find_key(headers: Mapping[str, str]) -> str | None:
    """The key that the client sent; None for no such header."""
    key = headers.get(HEADER)
    if key is not None and not KEY.fullmatch(key):
        raise IdempotencyKeyInvalid
    return key


def claim_key(*, request: HttpRequest, visit: Visit, key: str) -> int:
    """The id of the row that will hold the answer.

    Raises AnsweredBefore with an earlier answer, and a mistake where the key is another
    request's or its first request does not end within the transaction's lock_timeout.
    """
    caller, said = caller_of(visit), hash_of(request)
    row_id = insert_claim(caller, key, said)
    if row_id is not None:
        return row_id
    first = IdempotentAnswer.objects.get(caller=caller, key=key)
    if first.request_hash != said:
        raise IdempotencyKeyReused
    raise AnsweredBefore(Kept(**json.loads(first.answer)))


def insert_claim(caller: str, key: str, said: str) -> int | None:
    """Insert the key's row, once everybody who is at it has ended; None when there is one."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(CLAIM, [get_tenant_id(), caller, key, said, KEPT_HOURS])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise IdempotencyInProgress from None
            raise
        row = cursor.fetchone()
    return row[0] if row else None


def keep_answer(*, row_id: int, response: HttpResponseBase) -> None:
    """Keep what the client is told, encrypted: it may hold a secret that is shown once."""
    content: bytes = getattr(response, "content", b"")
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    kept = json.dumps(asdict(Kept(response.status_code, headers, content.decode())))
    IdempotentAnswer.objects.filter(pk=row_id).update(answer=kept)


def caller_of(visit: Visit) -> str:
    """Whose keys these are: no two people and no two API keys share them."""
    if visit.key is not None:
        return f"key:{visit.key.pk}"
    if visit.user is None:
        raise RuntimeError("An anonymous request was asked for its caller.")
    return f"user:{visit.user.pk}"


def hash_of(request: HttpRequest) -> str:
    """What makes two requests the same: method, path with query, body."""
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    # A file is not read twice: of an upload its length speaks.
    upload = request.content_type == "multipart/form-data"
    body = request.META.get("CONTENT_LENGTH", "").encode() if upload else request.body
    return hashlib.sha256(asked + body).hexdigest()


def purge_answers() -> int:
    """Delete the open store's answers that are past their day; gives how many there were."""
    past = IdempotentAnswer.objects.filter(created_at__lt=Now() - timedelta(hours=KEPT_HOURS))
    return past.delete()[0]
