"""One line a request that failed."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as WithQuery


class RequestMiddleware(WithQuery):
    """django-structlog's, which says the path alone: a query holds whom somebody looked for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
