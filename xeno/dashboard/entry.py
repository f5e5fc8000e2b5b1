"""Signing in to the admin: e-mail and password, then the code where two-factor sign-in is on."""

from time import time
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tenants import browsers, sign_in
from tenants.models import User
from tenants.two_factor import OtpRequired
from xeno.dashboard.account.forms import CodeForm, SignInForm
from xeno.dashboard.account.pages import refuse, show_bare
from xeno.lib.api.requests import client_address
from xeno.lib.errors import Mistake

# Who gave the right password and owes the code: id, sign of the password, until when, where to.
SECOND_STEP = "second_step"
SECONDS_FOR_CODE = 300

private = (never_cache, sensitive_post_parameters("password", "otp"))


@method_decorator(private, name="dispatch")
class SignInPage(View):
    """The first page: who one is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(wanted(request, request.GET.get("next", "")))
        return self.show(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        try:
            user = sign_in.check_credentials(
                email=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                address=client_address(request),
            )
        except OtpRequired as step:
            return ask_for_code(request, step.user)
        except Mistake as mistake:
            return refuse(self.show(request, form, mistake), mistake)
        return enter(request, user, asked_for(request))

    def show(
        self, request: HttpRequest, form: SignInForm, mistake: Mistake | None = None
    ) -> HttpResponse:
        """The form, with what was wrong."""
        context = {"title": "Sign in", "form": form, "mistake": mistake}
        return show_bare(request, "account/sign_in.html", context | {"next": asked_for(request)})


@method_decorator(private, name="dispatch")
class CodePage(View):
    """The second page: the code of the authenticator, or a recovery code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = find_half_signed_in(request)
        if user is None:
            return HttpResponseRedirect(reverse("admin:login"))
        self.user = user
        return cast("HttpResponse", super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        try:
            sign_in.check_second_step(
                user=self.user, otp=form.cleaned_data["otp"], address=client_address(request)
            )
        except Mistake as mistake:
            return refuse(self.show(request, CodeForm(), mistake), mistake)
        target = request.session.pop(SECOND_STEP)["next"]
        return enter(request, self.user, target)

    def show(
        self, request: HttpRequest, form: CodeForm, mistake: Mistake | None = None
    ) -> HttpResponse:
        """The form, with what was wrong."""
        context = {"title": "Enter your code", "form": form, "mistake": mistake}
        return show_bare(request, "account/code.html", context | {"person": self.user})


def ask_for_code(request: HttpRequest, user: User) -> HttpResponse:
    """Keep who gave the right password for a few minutes, and lead to the second page."""
    # A new key at this step too: whoever planted the old one holds nothing half open.
    request.session.cycle_key()
    rotate_token(request)
    request.session[SECOND_STEP] = {
        "user": user.pk,
        "password": user.password_tag,
        "until": int(time()) + SECONDS_FOR_CODE,
        "next": asked_for(request),
    }
    return HttpResponseRedirect(reverse("admin:login_code"))


def enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Signed in, on the page that was asked for."""
    if request.user.is_authenticated:
        browsers.sign_out_browser(request)  # else that sign-in would be left over, in nobody's use
    browsers.sign_in_browser(request, user)
    return HttpResponseRedirect(wanted(request, target))


def find_half_signed_in(request: HttpRequest) -> User | None:
    """Who gave the right password in this browser, not long ago, and it is still theirs."""
    kept = request.session.get(SECOND_STEP)
    if kept is None:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    fresh = kept["until"] > time()
    if user is None or not fresh or user.password_tag != kept["password"]:
        del request.session[SECOND_STEP]
        return None
    return user


def asked_for(request: HttpRequest) -> str:
    """Where they were going when they were asked to sign in."""
    return request.POST.get("next") or request.GET.get("next") or ""


def wanted(request: HttpRequest, target: str) -> str:
    """The target where it is a page of ours, else the admin's home."""
    own = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if own else settings.LOGIN_REDIRECT_URL
