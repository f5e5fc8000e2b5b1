"""Two-factor sign-in: setting it up, new recovery codes, turning it off."""

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tenants import two_factor
from tenants.models import User
from tenants.scoping.choice import TwoFactorRequired
from tenants.scoping.visit import get_visit
from xeno.dashboard.account.forms import ConfirmForm, ProofForm, RenewForm, TurnOffForm
from xeno.dashboard.account.pages import blame, for_people, refuse, show
from xeno.lib.api.requests import client_address
from xeno.lib.errors import Mistake


@require_safe
@for_people
def page(request: HttpRequest, user: User) -> HttpResponse:
    """How it stands, and what can be done."""
    return show_page(request, user)


@require_POST
@for_people
def start(request: HttpRequest, user: User) -> HttpResponse:
    """A secret for the authenticator, once the password was typed."""
    form = ProofForm(request.POST)
    if not form.is_valid():
        return show_page(request, user, proof=form)
    try:
        two_factor.start(
            user=user, password=form.cleaned_data["password"], address=client_address(request)
        )
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_page(request, user, proof=form), mistake)
    return HttpResponseRedirect(reverse("account:two_factor"))


@require_POST
@for_people
def confirm(request: HttpRequest, user: User) -> HttpResponse:
    """On, with the first code; the recovery codes are shown this once."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return show_page(request, user, confirming=form)
    try:
        codes = two_factor.confirm(
            user=user,
            code=form.cleaned_data["otp"],
            keep=get_visit(request).sign_in_id,
            address=client_address(request),
        )
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_page(request, user, confirming=form), mistake)
    return show_codes(request, codes, first=True)


@require_POST
@for_people
def renew_codes(request: HttpRequest, user: User) -> HttpResponse:
    """Ten new recovery codes in place of the old ones."""
    form = RenewForm(request.POST)
    if not form.is_valid():
        return show_page(request, user, renewing=form)
    try:
        codes = two_factor.renew_recovery_codes(
            user=user, otp=form.cleaned_data["otp"], address=client_address(request)
        )
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_page(request, user, renewing=form), mistake)
    return show_codes(request, codes, first=False)


@require_POST
@for_people
def turn_off(request: HttpRequest, user: User) -> HttpResponse:
    """The password alone again."""
    form = TurnOffForm(request.POST)
    if not form.is_valid():
        return show_page(request, user, leaving=form)
    try:
        two_factor.turn_off(
            user=user,
            password=form.cleaned_data["password"],
            otp=form.cleaned_data["otp"],
            keep=get_visit(request).sign_in_id,
            address=client_address(request),
        )
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_page(request, user, leaving=form), mistake)
    messages.success(request, "Two-factor sign-in is off.")
    return HttpResponseRedirect(reverse("account:home"))


def show_page(request: HttpRequest, user: User, **forms: Any) -> HttpResponse:
    """The page, with what was typed wrong."""
    state = two_factor.state_of(user)
    setup = None if state.on else two_factor.pending_setup(user)
    refusal = get_visit(request).no_store
    context = {
        "title": "Two-factor sign-in",
        "state": state,
        "setup": setup,
        "qr": qr_address(setup.uri) if setup else "",
        "required": isinstance(refusal, TwoFactorRequired),
        "proof": ProofForm(),
        "confirming": ConfirmForm(),
        "renewing": RenewForm(auto_id="renew_%s"),
        "leaving": TurnOffForm(auto_id="leave_%s"),
    }
    return show(request, "account/two_factor.html", context | forms)


def qr_address(uri: str) -> str:
    """The authenticator's address as a picture that needs no second request."""
    return segno.make(uri, error="m").svg_data_uri(scale=4, border=4, light="#fff")


def show_codes(request: HttpRequest, codes: list[str], *, first: bool) -> HttpResponse:
    """The recovery codes, which are nowhere to be read again."""
    context = {"title": "Recovery codes", "codes": codes, "first": first, "person": request.user}
    return show(request, "account/recovery_codes.html", context)
