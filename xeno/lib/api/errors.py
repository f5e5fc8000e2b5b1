"""One shape for every error: `{"type", "errors": [{"code", "detail", "attr"}]}`.

DRF's own errors and ours (Mistake) go through MistakeHandler; what fails outside of DRF (a path
that is routed nowhere, a middleware) goes through the handlers below, which xeno/urls.py names.
"""

import sys
from typing import Any

import psycopg
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views import defaults
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError

from xeno.lib.api import CHALLENGE
from xeno.lib.api.rendering import to_json
from xeno.lib.errors import Mistake

# The connection is gone, the pool is full, a statement ran out of time: come again.
DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_AFTER_SECONDS = 2
# Where a person looks at pages in a browser; every other path is the API's and speaks JSON.
PAGES = ("/admin/", "/account/")


class Unavailable(APIException):
    """The database cannot answer now."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The database is away or busy. Try again in a moment."
    wait = RETRY_AFTER_SECONDS


class TooSlow(Unavailable):
    """A statement of the request ran out of time."""

    default_code = "too_slow"
    default_detail = "This takes too long. Ask for less: a smaller page or another filter."


class Busy(Unavailable):
    """Somebody else holds what the request would change."""

    default_code = "busy"
    default_detail = "Somebody else is changing this right now. Try again in a moment."


# What PostgreSQL says, and what we make of it; of everything else: that it is away.
WORDS: dict[type[BaseException], type[Unavailable]] = {
    psycopg.errors.QueryCanceled: TooSlow,
    psycopg.errors.LockNotAvailable: Busy,
    psycopg.errors.DeadlockDetected: Busy,
}


def unavailable(said: BaseException | None) -> Unavailable:
    """What we make of the database's own word."""
    return next((made() for kind, made in WORDS.items() if isinstance(said, kind)), Unavailable())


class MistakeHandler(ExceptionHandler):
    """Gives our mistakes and a database that is away the shape of DRF's errors."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Mistake):
            return from_mistake(exc)
        if isinstance(exc, DATABASE_AWAY):
            return unavailable(exc.__cause__)
        if isinstance(exc, (SuspiciousOperation, UnreadablePostError)):
            return ParseError("The request cannot be read.")
        return super().convert_known_exceptions(exc)

    def format_exception(self, exc: APIException) -> dict[str, Any]:
        told: dict[str, Any] = super().format_exception(exc)
        particulars = self.exc.particulars if isinstance(self.exc, Mistake) else ()
        if particulars and exc.status_code < 500:
            told["errors"] = [each.told for each in particulars]
        return told

    def get_headers(self, exc: APIException) -> dict[str, str]:
        headers: dict[str, str] = super().get_headers(exc)
        if exc.status_code == 401:
            headers.setdefault("WWW-Authenticate", CHALLENGE)
        return headers


def from_mistake(mistake: Mistake) -> Exception:
    """DRF's form of a mistake; one that is ours and not the caller's stays what it is.

    503 is nobody's: it says to come again.
    """
    if mistake.status >= 500 and mistake.status != Unavailable.status_code:
        return mistake
    detail = ErrorDetail(str(mistake), mistake.code)
    if mistake.field and mistake.status == 400:
        return ValidationError({mistake.field: [detail]})
    refusal = APIException(detail, mistake.code)
    refusal.status_code = mistake.status
    refusal.wait = mistake.retry_after  # type: ignore[attr-defined]  # DRF's own word: Retry-After
    return refusal


def error_response(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    """The one shape of error, for what answers outside of DRF."""
    kind = "server_error" if status >= 500 else "client_error"
    body = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}
    return HttpResponse(
        to_json(body), status=status, content_type="application/json", headers=headers
    )


def is_page(request: HttpRequest) -> bool:
    """Whether a person looks at this path in a browser."""
    return request.path.startswith(PAGES)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django refused the request before any view saw it."""
    if is_page(request):
        return defaults.bad_request(request, exception)
    return error_response(400, "bad_request", "The request cannot be read.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A view that is none of DRF's refused."""
    if is_page(request):
        return defaults.permission_denied(request, exception)
    return error_response(403, "permission_denied", "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such path; the words are those of an id that does not exist."""
    if is_page(request):
        return defaults.page_not_found(request, exception)
    return error_response(404, "not_found", "Not found.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke outside of DRF; 503 when it was the database that is away."""
    # Django calls this while it handles the exception, and does not pass it.
    away = isinstance(sys.exc_info()[1], DATABASE_AWAY)
    if not away:
        return (
            defaults.server_error(request)
            if is_page(request)
            else error_response(500, "error", "Server Error (500)")
        )
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if is_page(request):
        return HttpResponse(Unavailable.default_detail, status=503, headers=headers)
    return error_response(503, Unavailable.default_code, Unavailable.default_detail, headers)
