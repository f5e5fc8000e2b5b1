"""Opens each request's store: who comes, for which store, and its scope around the view."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tenants.auth import TokenNotValid, find_bearer
from tenants.models import User
from tenants.scoping.choice import find_user, get_store, memberships_of
from tenants.scoping.visit import Visit
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

# Where the admin's switcher keeps the id of the store that was chosen.
STORE_SESSION_KEY = "store_id"

# Stands for a header X-Store that is empty, as granian makes each that is not ASCII: whoever
# sent it meant one store, so it must not be answered with the only one that they have.
NAME_OF_NO_STORE = "?"


class TenantMiddleware:
    """Sets `request.visit`, `request.tenant` (or None) and, for a bearer, `request.user`.

    The view runs within the store's scope and time zone. A streaming response is read after
    the scope has closed: its queries raise NoTenant, so gather its rows in the view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer(request)
        if response.headers.get("Content-Type") == "application/json":
            # What one person is told, a token or a customer, is no proxy's to keep.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The view's response, within the scope of the store when there is one."""
        visit = find_visit(request)
        request.visit, request.tenant = visit, visit.tenant  # type: ignore[attr-defined]
        if visit.user is None:
            return self.get_response(request)
        request.user = visit.user
        structlog.contextvars.bind_contextvars(user_id=visit.user.pk)
        if visit.tenant is None:
            return self.get_response(request)
        structlog.contextvars.bind_contextvars(tenant_id=visit.tenant.pk)
        with tenant_scope(visit.tenant.pk), timezone.override(visit.tenant.zone):
            return self.get_response(request)


def find_visit(request: HttpRequest) -> Visit:
    """Who comes and for which store, as the admin and as the API learn it."""
    if request.path.startswith("/admin/"):
        return find_admin_visit(request)
    wanted = find_wanted(request)
    try:
        bearer = find_bearer(request)
        if bearer is None:
            return find_session_visit(request, wanted)
        user, found = find_user(*bearer, wanted)
        if user is None or not user.is_active:
            raise TokenNotValid
    except TokenNotValid as refusal:
        return Visit(refusal=refusal)
    try:
        return Visit(user, get_store(user, found, wanted), by_token=True)
    except Mistake as mistake:
        return Visit(user, by_token=True, no_store=mistake)


def find_wanted(request: HttpRequest) -> str | None:
    """The name in the header X-Store; None only when there is no such header."""
    name = request.headers.get("X-Store")
    return None if name is None else name.strip() or NAME_OF_NO_STORE


def find_session_visit(request: HttpRequest, wanted: str | None) -> Visit:
    """A browser that is signed in to the admin and calls the API."""
    user = request.user
    if not isinstance(user, User):
        return Visit()
    try:
        return Visit(user, get_store(user, list(memberships_of(user.pk, wanted)[:2]), wanted))
    except Mistake as mistake:
        return Visit(user, no_store=mistake)


def find_admin_visit(request: HttpRequest) -> Visit:
    """The store that was chosen in the admin, else the only one; a lost one is not missed."""
    if not isinstance(request.user, User):
        return Visit()
    chosen = request.session.get(STORE_SESSION_KEY)
    visit = find_session_visit(request, str(chosen) if chosen else None)
    return visit if visit.tenant or not chosen else find_session_visit(request, None)
