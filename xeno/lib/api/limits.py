"""Requests that are refused before anything reads them."""

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from xeno.lib.api.errors import error_response
from xeno.lib.api.requests import lacks_length
from xeno.lib.api.sizes import most_of


class BodyLimitMiddleware:
    """411 for a body without a length, 413 for one over API_MAX_BYTES, 415 if not in UTF-8."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if lacks_length(request):
            return error_response(411, "length_required", "Send the body with a Content-Length.")
        most = most_of(request.path, request.META)
        if body_length(request) > most:
            return error_response(413, "body_too_large", f"A body has at most {most} bytes.")
        if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            return error_response(415, "unsupported_charset", "Bodies are written in UTF-8.")
        return self.get_response(request)


def body_length(request: HttpRequest) -> int:
    """What the client announced; the server reads no further than that."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return 0
    # Python refuses to read a number of 5,000 digits; no body is that long anyway.
    return int(length) if len(length) < 20 else sys.maxsize
