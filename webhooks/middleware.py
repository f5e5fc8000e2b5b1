"""Where Shopify's webhooks come in: before sessions, CSRF, tenant scopes and the API.

Verify the bytes, write them down, answer. Nothing is parsed here.
"""

from collections.abc import Callable

import psycopg
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError

from webhooks.inbox import Arrival, InboxUnavailable, find_store_id, save_arrival
from webhooks.nudge import nudge
from webhooks.signature import is_signed
from xeno.lib.api.requests import lacks_length

log = structlog.get_logger(__name__)

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
        path = request.path.rstrip("/")
        if path not in PATHS:
            return self.get_response(request)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        return receive(request, PATHS[path])


def receive(request: HttpRequest, topic: str | None) -> HttpResponse:
    """Take one webhook in: 200 means that it is on disk, or was already."""
    if lacks_length(request):
        return refuse(411, "length_required", "Send the body with a Content-Length.")
    body = read_body(request)
    if body is None:
        return refuse(413, "too_large", "The body is larger than WEBHOOK_MAX_BYTES.")
    secrets = (settings.SHOPIFY_API_SECRET, settings.SHOPIFY_API_SECRET_PREVIOUS)
    if not is_signed(body, request.headers.get("X-Shopify-Hmac-Sha256", ""), secrets):
        return refuse(401, "bad_signature", "The signature does not match the body.")
    arrival = read_headers(request, topic, body)
    if arrival is None:
        return refuse(400, "headers_missing", "X-Shopify-Webhook-Id and -Topic are needed.")
    try:
        tenant_id = find_store_id(request.headers.get("X-Shopify-Shop-Domain", "").lower())
        if tenant_id is None:
            return unknown_shop()
        save_arrival(tenant_id, arrival)
    except psycopg.errors.ForeignKeyViolation:
        return unknown_shop()
    except (InboxUnavailable, DatabaseError) as error:
        log.warning("webhook_not_saved", error=type(error.__cause__ or error).__name__)
        answer = refuse(503, InboxUnavailable.code, InboxUnavailable.message)
        answer["Retry-After"] = "5"
        return answer
    nudge(tenant_id)
    return HttpResponse(status=200)


def read_body(request: HttpRequest) -> bytes | None:
    """The raw bytes, or None when there are more than the limit."""
    limit: int = settings.WEBHOOK_MAX_BYTES
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            return None
        body = request.read(limit + 1)
    except (ValueError, UnreadablePostError, RawPostDataException):
        return b""  # nothing that could carry a signature
    return None if len(body) > limit else body


def read_headers(request: HttpRequest, topic: str | None, body: bytes) -> Arrival | None:
    """The delivery's headers; None when the ones that it cannot do without are missing."""
    headers = request.headers
    webhook_id = headers.get("X-Shopify-Webhook-Id", "")
    topic = topic or headers.get("X-Shopify-Topic", "")
    texts = (
        webhook_id,
        topic,
        headers.get("X-Shopify-Event-Id", ""),
        headers.get("X-Shopify-API-Version", ""),
        headers.get("X-Shopify-Triggered-At", ""),
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
