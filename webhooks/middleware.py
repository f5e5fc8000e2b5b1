"""Where Shopify's webhooks come in: before sessions, CSRF, tenant scopes and the API.

Verify the bytes, write them down, answer. Nothing is parsed here.
"""

from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from webhooks.inbox import Arrival, InboxUnavailable, find_store_id, save_arrival
from webhooks.nudge import nudge
from webhooks.signature import is_signed
from xeno.lib.api.requests import lacks_length
from xeno.lib.logs import trouble

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# The path's own topic wins over the header; None leaves it to the header.
PATHS: dict[str, str | None] = {
    "/webhook/order-create": "orders/create",
    "/webhook/customer-create": "customers/create",
    "/webhook/shopify": None,
}
LONGEST_HEADER = 255


class ArrivalMiddleware:
    """Answers the webhook paths itself and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return answer(request.META) or self.get_response(request)


class ArrivalFirst:
    """The same before Django makes a request of what came, of which nothing here has need."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = answer(environ)
        if response is None:
            return self.application(environ, start_response)
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, [*response.items(), ("Content-Length", str(len(response.content)))])
        return [response.content]


def answer(environ: Environ) -> HttpResponse | None:
    """The answer to a webhook; None for every other path."""
    path = environ.get("PATH_INFO", "").rstrip("/")
    if path not in PATHS:
        return None
    if environ["REQUEST_METHOD"] != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    return receive(environ, PATHS[path])


def receive(environ: Environ, topic: str | None) -> HttpResponse:
    """Take one webhook in: 200 means that it is on disk, or was already."""
    if lacks_length(environ):
        return refuse(411, "length_required", "Send the body with a Content-Length.")
    body = read_body(environ)
    if body is None:
        return refuse(413, "too_large", "The body is larger than WEBHOOK_MAX_BYTES.")
    secrets = (settings.SHOPIFY_API_SECRET, settings.SHOPIFY_API_SECRET_PREVIOUS)
    if not is_signed(body, environ.get("HTTP_X_SHOPIFY_HMAC_SHA256", ""), secrets):
        return refuse(401, "bad_signature", "The signature does not match the body.")
    arrival = read_headers(environ, topic, body)
    if arrival is None:
        return refuse(400, "headers_missing", "X-Shopify-Webhook-Id and -Topic are needed.")
    try:
        tenant_id = find_store_id(environ.get("HTTP_X_SHOPIFY_SHOP_DOMAIN", "").lower())
        if tenant_id is None:
            return unknown_shop()
        save_arrival(tenant_id, arrival)
    except psycopg.errors.ForeignKeyViolation:
        return unknown_shop()
    except (InboxUnavailable, DatabaseError) as error:
        log.warning("webhook_not_saved", error=type(error.__cause__ or error).__name__)
        refusal = refuse(503, InboxUnavailable.code, InboxUnavailable.message)
        refusal["Retry-After"] = "5"
        return refusal
    except Exception as error:
        # Whatever it is, it was not written down, and Shopify comes again.
        log.error("webhook_failed", **trouble(error))
        return refuse(500, "error", "Something broke here. Send it again.")
    nudge(tenant_id)
    return HttpResponse(status=200)


def read_body(environ: Environ) -> bytes | None:
    """The raw bytes, or None when there are more than the limit."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > settings.WEBHOOK_MAX_BYTES:
            return None
        body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    except (ValueError, OSError):
        return b""  # nothing that could carry a signature
    return body


def read_headers(environ: Environ, topic: str | None, body: bytes) -> Arrival | None:
    """The delivery's headers; None when the ones that it cannot do without are missing."""
    webhook_id = environ.get("HTTP_X_SHOPIFY_WEBHOOK_ID", "")
    topic = topic or environ.get("HTTP_X_SHOPIFY_TOPIC", "")
    texts = (
        webhook_id,
        topic,
        environ.get("HTTP_X_SHOPIFY_EVENT_ID", ""),
        environ.get("HTTP_X_SHOPIFY_API_VERSION", ""),
        environ.get("HTTP_X_SHOPIFY_TRIGGERED_AT", ""),
    )
    storable = all(len(text) <= LONGEST_HEADER and "\x00" not in text for text in texts)
    return Arrival(*texts, body) if webhook_id and topic and storable else None


def unknown_shop() -> HttpResponse:
    """404: no store of this domain is connected."""
    return refuse(404, "unknown_shop", "No store of this domain is connected.")


def refuse(status: int, code: str, detail: str) -> JsonResponse:
    """A refusal in the API's shape of errors."""
    kind = "server_error" if status >= 500 else "client_error"
    errors = [{"code": code, "detail": detail, "attr": None}]
    return JsonResponse({"type": kind, "errors": errors}, status=status)
