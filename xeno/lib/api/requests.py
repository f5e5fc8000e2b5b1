"""Django's request, for clients that name any charset they like or no length."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.http import parse_header_parameters


class Utf8Request(WSGIRequest):
    """A request whose query string is UTF-8, whatever its body says of itself.

    Django reads both by the Content-Type's charset as soon as the request is made, before any
    middleware: with one of Python's odder codecs (base64, idna) it fails where nothing catches.
    BodyLimitMiddleware answers such a request with 415.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(
            meta.get("CONTENT_TYPE", "")
        )


def lacks_length(request: HttpRequest) -> bool:
    """Whether a body comes in chunks: Django would take it for an empty one."""
    meta = request.META
    return "HTTP_TRANSFER_ENCODING" in meta and not meta.get("CONTENT_LENGTH")


def client_address(request: Any) -> str | None:
    """The IP address that the request comes from; None when there is none (a Unix socket).

    X-Forwarded-For is believed for as many hops as TRUSTED_PROXIES says: whatever stands
    further to the left was written by the client.
    """
    hops = [request.META.get("REMOTE_ADDR") or ""]
    if settings.TRUSTED_PROXIES:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        hops = [*filter(str.strip, forwarded), *hops]
    place = max(len(hops) - 1 - settings.TRUSTED_PROXIES, 0)
    try:
        address = ip_address(hops[place].strip())
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def client_agent(request: Any) -> str:
    """What the client calls itself, as much as we keep of it."""
    return str(request.headers.get("User-Agent", "")).replace("\0", "")[:200]
