"""How many requests a minute a user, an API key, a store, an address or a mailed link may bring."""

from collections.abc import Callable, Iterator
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tenants.scoping.visit import Visit, get_visit
from xeno.lib.api.errors import PAGES, error_response
from xeno.lib.api.requests import client_address
from xeno.lib.api.windows import Scope, count_request

# Pages have their own brakes, and whoever asks whether we live must be told.
# Providers of mail tell of thousands of messages at once, and prove who they are.
UNLIMITED = (*PAGES, "/static/", "/webhook/", "/provider-events/", "/healthz", "/readyz")
# Whoever signs in here is not known yet, or may be anybody whose token was stolen.
BY_ADDRESS = "/auth/"


class LimitMiddleware:
    """Answers 429 where a limit is reached, and says with every answer how the limits stand.

    It stands behind TenantMiddleware, which knows who comes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        count = count_request(list(scopes_of(request)))
        if count is None:
            return self.get_response(request)
        response = too_many(count.wait) if count.refused else self.get_response(request)
        for name, value in count.headers.items():
            response.headers[name] = value
        return response


def scopes_of(request: HttpRequest) -> Iterator[Scope]:
    """Whose limits the request counts against; none for what is no API."""
    if request.path in ("/", "/admin") or request.path.startswith(UNLIMITED):
        return
    visit = get_visit(request)
    if visit.by_link:
        yield from scopes_of_link(request, visit)
        return
    known = visit.key or visit.user
    if known is None or request.path.startswith(BY_ADDRESS):
        address = client_address(request) or "unknown"
        yield from limited(f"address:{address}", settings.API_LIMIT_PER_MINUTE_ADDRESS)
    if visit.key:
        yield from limited(f"key:{visit.key.pk}", settings.API_LIMIT_PER_MINUTE_KEY)
    elif visit.user:
        yield from limited(f"user:{visit.user.pk}", settings.API_LIMIT_PER_MINUTE_USER)
    if visit.tenant:
        yield from limited(f"store:{visit.tenant.pk}", settings.API_LIMIT_PER_MINUTE_STORE)


def scopes_of_link(request: HttpRequest, visit: Visit) -> Iterator[Scope]:
    """Each link by itself, whoever asks: a mailbox provider fetches the pictures of a whole
    campaign from a few addresses. One that no store made costs less than counting it."""
    if visit.tenant is not None:
        name = sha256(request.path.encode()).hexdigest()[:32]
        yield from limited(f"link:{name}", settings.LIMIT_PER_MINUTE_LINK)


def limited(name: str, most: int) -> Iterator[Scope]:
    """The scope, unless its limit is 0: none."""
    if most:
        yield Scope(name, most)


def too_many(wait: int) -> HttpResponseBase:
    """Come again after so many seconds."""
    words = f"You have sent too many requests. Try again in {wait} seconds."
    return error_response(429, "rate_limited", words, {"Retry-After": str(wait)})
