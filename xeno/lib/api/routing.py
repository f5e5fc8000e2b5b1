"""Paths of the API: each answers with and without a trailing slash."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, re_path
from rest_framework.routers import SimpleRouter

Endpoint = tuple[str, str, str, Callable[..., Any]]


class Router(SimpleRouter):
    """DRF's router, whose routes do not mind the slash."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"


def endpoint(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """One path beside the router's, such as `auth/login`."""
    return re_path(rf"^{route}/?$", view, name=name)


def without_slash(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """Show each path of the API's description once, and without the slash."""
    return [(path.rstrip("/") or "/", *rest) for path, *rest in endpoints]  # type: ignore[misc]
