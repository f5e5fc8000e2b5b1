"""Opens each request's store: who comes, for which store, and its scope around the view."""

from collections.abc import Callable
from dataclasses import replace

import structlog
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tenants.auth import Bearer, TokenNotValid, find_credential, read_token
from tenants.browsers import get_sign_in_id, note_use
from tenants.keys import KeyHolder, find_key, find_store_id
from tenants.models import SignIn, Tenant, User
from tenants.scoping.choice import (
    SECRETS,
    Known,
    StoreNotFound,
    TwoFactorRequired,
    find_user,
    get_store,
)
from tenants.scoping.public_links import Finder, find_finder
from tenants.scoping.viewer import seen_in
from tenants.scoping.visit import Visit
from tenants.tokens import AccessToken
from xeno.lib.api.errors import is_page
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

# Where the admin's switcher keeps the id of the store that was chosen.
STORE_SESSION_KEY = "store_id"

# Stands for a header X-Store that is empty, as granian makes each that is not ASCII: whoever
# sent it meant one store, so it must not be answered with the only one that they have.
NAME_OF_NO_STORE = "?"


class TenantMiddleware:
    """Sets `request.visit`, `request.tenant` (or None) and `request.user`: a User, or who holds
    an API key.

    The view runs within the store's scope and time zone, and tells moments in the
    person's own. A streaming response is read after the scope has closed: its queries raise
    NoTenant, so gather its rows in the view.
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
        if visit.key is not None:
            request.user = KeyHolder(visit.key)  # type: ignore[assignment]  # nobody's account
            structlog.contextvars.bind_contextvars(key_id=visit.key.pk)
        elif visit.by_link:
            request.user = AnonymousUser()  # whoever is signed in here: it is not they who come
        elif visit.user is not None:
            request.user = visit.user
            structlog.contextvars.bind_contextvars(user_id=visit.user.pk)
        if visit.tenant is None:
            return self.get_response(request)
        structlog.contextvars.bind_contextvars(tenant_id=visit.tenant.pk)
        own = visit.user.timezone if visit.user and not visit.by_token else ""
        with tenant_scope(visit.tenant.pk), timezone.override(visit.tenant.zone), seen_in(own):
            return self.get_response(request)


def find_visit(request: HttpRequest) -> Visit:
    """Who comes and for which store, as the pages and as the API learn it."""
    if (finder := find_finder(request.path)) is not None:
        return find_link_visit(request.path, finder)
    if is_page(request):
        return find_page_visit(request)
    wanted, credential = find_wanted(request), find_credential(request)
    if credential is None:
        return find_session_visit(request, wanted)
    try:
        store_id = find_store_id(credential)
        if store_id is not None:
            return find_key_visit(credential, store_id, wanted)
        return find_token_visit(request, read_token(credential, AccessToken)[0], wanted)
    except TokenNotValid as refusal:
        return Visit(refusal=refusal)


def find_link_visit(path: str, finder: Finder) -> Visit:
    """A stranger with a link of a store's; its store is None when no store made it."""
    store_id = finder(path)
    if store_id is None:
        return Visit(by_link=True)
    store = Tenant.objects.filter(pk=store_id).defer(*SECRETS).first()
    return Visit(tenant=store, by_link=True)


def find_token_visit(request: HttpRequest, bearer: Bearer, wanted: str | None) -> Visit:
    """Somebody's program, with an access token."""
    known = find_user(*bearer, wanted)
    if known is None:
        raise TokenNotValid
    note_use(request, bearer.sign_in_id, known.used_at)
    visit = Visit(known.user, by_token=True, sign_in_id=bearer.sign_in_id)
    return with_store(visit, known, wanted)


def find_key_visit(raw: str, store_id: int, wanted: str | None) -> Visit:
    """A server of one store, with its API key; whatever is wrong with it is one refusal."""
    with tenant_scope(store_id):
        key = find_key(raw)
    if key is None:
        raise TokenNotValid
    visit = Visit(by_token=True, key=key)
    if wanted is not None and wanted.lower() not in (str(store_id), key.tenant.shop_domain):
        return replace(visit, no_store=StoreNotFound())
    return replace(visit, tenant=key.tenant)


def with_store(visit: Visit, known: Known, wanted: str | None) -> Visit:
    """The visit with the one store in question, or with the reason why there is none."""
    try:
        return replace(visit, tenant=get_store(known.user, known.found, wanted))
    except Mistake as mistake:
        return replace(visit, no_store=mistake)


def find_wanted(request: HttpRequest) -> str | None:
    """The name in the header X-Store; None only when there is no such header."""
    name = request.headers.get("X-Store")
    return None if name is None else name.strip() or NAME_OF_NO_STORE


def find_session_visit(request: HttpRequest, wanted: str | None) -> Visit:
    """A browser that is signed in to the admin; one whose sign-in was ended is signed out."""
    user = request.user
    if not isinstance(user, User):
        return Visit()
    sign_in_id = get_sign_in_id(request, user)
    known = find_user(user.pk, sign_in_id, wanted, SignIn.Kind.BROWSER)
    if known is None:
        logout(request)
        return Visit()
    note_use(request, sign_in_id, known.used_at)
    return with_store(Visit(user, sign_in_id=sign_in_id), known, wanted)


def find_page_visit(request: HttpRequest) -> Visit:
    """The store that was chosen in the admin, else the only one; a lost one is not missed."""
    if not isinstance(request.user, User):
        return Visit()
    chosen = request.session.get(STORE_SESSION_KEY)
    visit = find_session_visit(request, str(chosen) if chosen else None)
    lost = visit.tenant is None and not isinstance(visit.no_store, TwoFactorRequired)
    return find_session_visit(request, None) if chosen and lost else visit
