"""The admin site: who may enter, which store is open, and what one sees when none is."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tenants.audit import get_actor
from tenants.browsers import sign_out_browser
from tenants.models import Membership, User
from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, find_store, get_store, get_user, holds
from tenants.scoping.choice import SECRETS, TwoFactorRequired
from tenants.scoping.middleware import STORE_SESSION_KEY
from tenants.scoping.visit import get_visit
from tenants.store_settings import dismiss_first_steps
from tenants.stores import find_store_for, search_stores, stores_of
from xeno.dashboard import connection, predictions
from xeno.dashboard.entry import CodePage, SignInPage
from xeno.dashboard.home import later, page
from xeno.lib.postgres.scope import NoTenant

if TYPE_CHECKING:  # unfold has no types
    from django.contrib.admin import AdminSite as UnfoldAdminSite
else:
    from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponse]
IN_MENU = 8
ON_PAGE = 25


class XenoAdminSite(UnfoldAdminSite):
    """The one admin site. Every page but its own few is a page of the open store."""

    site_title = "Xeno CRM"
    site_header = "Xeno CRM"
    index_title = "Home"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the user may enter: active, and a superuser or somebody's member."""
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return False
        if user.is_superuser or find_store(request) is not None:
            return True
        kept: bool | None = getattr(request, "_is_member", None)
        if kept is None:
            kept = Membership.objects.filter(user=user).exists()
            request._is_member = kept  # type: ignore[attr-defined]
        return kept

    def get_urls(self) -> list[Any]:
        own: list[URLPattern] = [
            path("choose-store/", self.admin_view(self.choose_store), name="choose_store"),
            path("switch-store/", self.admin_view(require_POST(self.switch_store)),
                 name="switch_store"),
            path("connection/", self.admin_view(self.connection), name="connection"),
            path("sending-settings/", self.admin_view(self.sending_settings),
                 name="sending_settings"),
            path("predictions/", self.admin_view(require_safe(self.predictions)),
                 name="predictions"),
            path("login/code/", self.login_code, name="login_code"),
            path("home/people/", self.admin_view(require_safe(self.home_people)),
                 name="home_people"),
            path("home/arriving/", self.admin_view(require_safe(self.home_arriving)),
                 name="home_arriving"),
            path("home/dismiss/", self.admin_view(require_POST(self.home_dismiss)),
                 name="home_dismiss"),
        ]  # fmt: skip
        return own + super().get_urls()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Each refusal a page that says what to do."""

        @wraps(view)
        def in_store(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return rendered(request, view(request, *args, **kwargs))
            except NoTenant:
                return self.choose_store(request)
            except PermissionDenied as refusal:
                if find_store(request) is None:
                    return self.choose_store(request)
                return self.forbidden(request, view, str(refusal))

        checked = super().admin_view(in_store, cacheable)

        @wraps(checked)
        def for_members(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                # Django would send them to the login, and not even let them sign out.
                leaving = request.path == reverse("admin:logout")
                return self.logout(request) if leaving else self.no_store(request)
            if lacks_second_factor(request):
                return HttpResponseRedirect(reverse("account:two_factor"))
            return checked(request, *args, **kwargs)

        return for_members

    # --- In and out ---------------------------------------------------------------------
    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """E-mail address and password."""
        return SignInPage.as_view()(request)

    def login_code(self, request: HttpRequest) -> HttpResponseBase:
        """The second step, for those who have one."""
        return CodePage.as_view()(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The sign-in of this browser ends, not only its cookie."""
        if request.method == "POST":
            sign_out_browser(request)
        return HttpResponseRedirect(reverse("admin:login"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """On the page of one's account, where it ends every other sign-in."""
        return HttpResponseRedirect(reverse("account:home"))

    password_change_done = password_change

    # --- Pages about stores -------------------------------------------------------------
    def no_store(self, request: HttpRequest) -> HttpResponse:
        """What somebody sees who belongs to no store."""
        context = {**super().each_context(request), "title": "No store yet"}
        return render(request, "admin/no_store.html", context, status=403)

    def choose_store(self, request: HttpRequest) -> HttpResponse:
        """The stores that the user may open: the first few, and a search for the others."""
        term = request.GET.get("store", "").replace("\0", "").strip()[:255]
        stores = stores_of(get_user(request)).defer(*SECRETS)
        found = list((search_stores(stores, term) if term else stores)[: ON_PAGE + 1])
        context = {
            **self.each_context(request),
            "title": "Choose a store",
            "stores": found[:ON_PAGE],
            "more": len(found) > ON_PAGE,
            "term": term,
        }
        # A form that lost its store did nothing, and should not look as if it had.
        status = 200 if request.method in ("GET", "HEAD") else 409
        return render(request, "admin/choose_store.html", context, status=status)

    def switch_store(self, request: HttpRequest) -> HttpResponse:
        """Open another store; an unknown one and one of others are the same 404."""
        store = find_store_for(get_user(request), request.POST.get("store", ""))
        if store is None:
            raise Http404("No such store.")
        request.session[STORE_SESSION_KEY] = store.pk
        wanted = request.POST.get("next", "")
        own = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return HttpResponseRedirect(wanted if own else reverse("admin:index"))

    def connection(self, request: HttpRequest) -> HttpResponse:
        """How the open store is connected to Shopify; for who manages it."""
        store = get_store(request)
        if not holds(request, Right.MANAGE_STORE):
            raise PermissionDenied(f"This page needs the right “{Right.MANAGE_STORE.label}”.")
        shown = connection.connection_page(request, store)
        context = {**self.each_context(request), **shown}
        return render(request, "admin/connection.html", context, status=200)

    def sending_settings(self, request: HttpRequest) -> HttpResponse:
        """By what rules the open store's campaigns are sent."""
        from campaigns.admin.sending_settings import sending_settings  # registers with this site

        return sending_settings(self, request)

    def forbidden(self, request: HttpRequest, view: View, said: str) -> HttpResponse:
        """A refusal that names the missing right."""
        model_admin = getattr(view, "__self__", None)
        missing = ""
        if isinstance(model_admin, TenantModelAdmin) and not said:
            missing = next(
                (right.label for right in model_admin.rights.values() if not holds(request, right)),
                "",
            )
        context = {**self.each_context(request), "title": "Not allowed", "missing": missing,
                   "said": said}  # fmt: skip
        return render(request, "admin/forbidden.html", context, status=403)

    # --- What every page shows ----------------------------------------------------------
    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        store = find_store(request)
        if store is not None:
            context |= {"site_header": store.name, "site_subheader": store.shop_domain}
        if self.has_permission(request):
            context |= {"store": store, "site_dropdown": self.store_menu(request)}
            context |= connection.history_banner(request)
        return context

    def store_menu(self, request: HttpRequest) -> list[Any]:
        """The few stores of the switcher: none for superusers, who search among all."""
        user = get_user(request)
        if user.is_superuser:
            return ["search"]
        stores = stores_of(user).only("pk", "name", "shop_domain")[: IN_MENU + 1]
        return list(stores) if len(stores) > 1 else []

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        shown = page.home_page(request, get_store(request))
        return super().index(request, {**(extra_context or {}), **shown})

    def predictions(self, request: HttpRequest) -> HttpResponse:
        """What is expected of customers; for who sees analytics."""
        store = get_store(request)
        if not holds(request, Right.VIEW_ANALYTICS):
            raise PermissionDenied(f"This page needs the right “{Right.VIEW_ANALYTICS.label}”.")
        context = {**self.each_context(request), **predictions.predictions_page(request, store)}
        return render(request, "admin/predictions.html", context, status=200)

    def home_people(self, request: HttpRequest) -> HttpResponse:
        """What comes after the home page: who bought most, what campaigns brought."""
        shown = later.people_part(request, get_store(request))
        return render(request, "home/people.html", shown, status=200)

    def home_arriving(self, request: HttpRequest) -> HttpResponse:
        """What the home page asks for every few seconds."""
        shown = later.arriving_part(request, get_store(request))
        return render(request, "home/arriving.html", shown, status=200)

    def home_dismiss(self, request: HttpRequest) -> HttpResponse:
        """Show the first steps no more, to anybody of the store."""
        store = get_store(request)
        if not holds(request, Right.MANAGE_STORE):
            raise PermissionDenied(f"This needs the right “{Right.MANAGE_STORE.label}”.")
        dismiss_first_steps(actor=get_actor(request), tenant=store)
        return HttpResponseRedirect(reverse("admin:index"))

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The home page: it says more than a list of an app's tables."""
        return HttpResponseRedirect(reverse("admin:index"))

    def search(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Refused: unfold keeps its results by user alone, so one store's would show in another."""
        raise Http404


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the open store wants two-factor sign-in of somebody who has none.

    They may still leave, or open another store.
    """
    if not isinstance(get_visit(request).no_store, TwoFactorRequired):
        return False
    ways_out = ("admin:logout", "admin:choose_store", "admin:switch_store")
    return request.path not in [reverse(way) for way in ways_out]


# The default site, which the apps' admin classes register with, is the one above (apps.py).
site = admin.site


def rendered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its template rendered: lazy queries run here, within the page's `try`."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        response.render()
    return response


def render(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int
) -> HttpResponse:
    """A page at once."""
    return rendered(request, TemplateResponse(request, template, context, status=status))
