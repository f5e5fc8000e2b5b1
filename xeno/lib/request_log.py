"""One line a request that failed."""

import re

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware as WithQuery

# A mailed link: whoever reads the log must not be able to follow it.
TOKEN = re.compile(r"[\w-]{28,}")


class RequestMiddleware(WithQuery):
    """django-structlog's, which says the path alone: a query holds whom somebody looked for."""

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Say nothing of an answer that is marked as said, by Django's own mark."""
        if getattr(response, "_has_been_logged", False) and not hasattr(
            request, "_raised_exception"
        ):
            structlog.contextvars.clear_contextvars()
            return
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {TOKEN.sub('…', request.path)}"
