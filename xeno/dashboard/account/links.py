"""The pages that links in mails lead to. None acts on a GET: scanners of mail follow links."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tenants import confirmation, passwords
from tenants.links import CONFIRMATION, LinkNotValid
from xeno.dashboard.account.forms import NewPasswordForm, ResetForm
from xeno.dashboard.account.pages import blame, of_token, private, refuse, show_bare
from xeno.lib.api.requests import client_address
from xeno.lib.errors import Mistake

asked_or_told = require_http_methods(["GET", "HEAD", "POST"])


@asked_or_told
@private
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Whose password is forgotten; the answer is the same whether we know them or not."""
    form = ResetForm(request.POST or None)
    context = {"title": "Forgot your password?", "form": form}
    if not form.is_valid():
        return show_bare(request, "account/ask_reset.html", context)
    try:
        passwords.ask_reset(email=form.cleaned_data["email"])
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_bare(request, "account/ask_reset.html", context), mistake)
    context = {"title": "Look into your mail", "email": form.cleaned_data["email"]}
    return show_bare(request, "account/reset_asked.html", context)


@asked_or_told
@of_token
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """A new password for who holds the link; then they sign in with it."""
    user = passwords.find_reset_user(token)
    if user is None:
        return show_spent(request, "account:ask_reset", "Ask for a new link")
    form = NewPasswordForm(request.POST or None)
    context = {"title": "Choose a new password", "form": form, "person": user}
    if form.is_valid():
        try:
            passwords.confirm_reset(
                token=token,
                password=form.cleaned_data["new_password"],
                address=client_address(request),
            )
        except ValidationError as weak:
            form.add_error("new_password", weak)
        except LinkNotValid:
            return show_spent(request, "account:ask_reset", "Ask for a new link")
        else:
            messages.success(request, "Your password is changed. Sign in with it.")
            return HttpResponseRedirect(reverse("admin:login"))
    return show_bare(request, "account/reset.html", context)


@asked_or_told
@of_token
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button; pressed, the address is theirs."""
    user = CONFIRMATION.find_user(token)
    if user is None:
        return show_spent(request, "account:home", "To your account")
    if request.method != "POST":
        context = {"title": "Confirm your address", "person": user}
        return show_bare(request, "account/confirm.html", context)
    try:
        confirmation.confirm_address(token=token)
    except LinkNotValid:
        return show_spent(request, "account:home", "To your account")
    context = {"title": "Your address is confirmed", "person": user}
    return show_bare(request, "account/confirmed.html", context)


def show_spent(request: HttpRequest, way: str, label: str) -> HttpResponse:
    """A link that is used up, too old, or none of ours: which, it does not tell."""
    context = {"title": "This link is no longer good", "way": reverse(way), "label": label}
    return show_bare(request, "account/link_spent.html", context, status=400)
