"""The page that the link of an invitation leads to: who invites, and one button or form."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tenants import browsers, invitations, joining
from tenants.audit import Actor
from tenants.models import Invitation, Membership, User
from tenants.scoping.middleware import STORE_SESSION_KEY
from xeno.dashboard.account.forms import JoinForm
from xeno.dashboard.account.links import asked_or_told, show_spent
from xeno.dashboard.account.pages import of_token, refuse, show_bare
from xeno.lib.api.requests import client_address
from xeno.lib.errors import Mistake


@asked_or_told
@of_token
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows who invites; a POST accepts, with a new account for who has none."""
    try:
        invited = invitations.read_token(token)
    except Mistake:
        return show_spent(request, "admin:index", "To the home page")
    if request.method != "POST":
        return show(request, invited)
    try:
        if isinstance(request.user, User):
            return accept(request, request.user, token)
        return join(request, invited, token)
    except Mistake as mistake:
        return refuse(show(request, invited, mistake=mistake), mistake)


def accept(request: HttpRequest, user: User, token: str) -> HttpResponse:
    """Whoever is signed in joins, if the invitation is theirs."""
    actor = Actor(user=user, address=client_address(request))
    return enter(request, invitations.accept(actor=actor, token=token))


def join(request: HttpRequest, invited: Invitation, token: str) -> HttpResponse:
    """A new account, signed in and a member."""
    form = JoinForm(request.POST)
    if not form.is_valid():
        return show(request, invited, form=form)
    try:
        member = joining.join(
            token=token,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["new_password"],
            address=client_address(request),
        )
    except ValidationError as weak:
        form.add_error("new_password", weak)
        return show(request, invited, form=form)
    browsers.sign_in_browser(request, member.user)
    return enter(request, member)


def enter(request: HttpRequest, member: Membership) -> HttpResponse:
    """To the store's home page."""
    request.session[STORE_SESSION_KEY] = member.tenant_id
    messages.success(request, f"You have joined {member.tenant} as {member.get_role_display()}.")
    return HttpResponseRedirect(reverse("admin:index"))


def show(
    request: HttpRequest,
    invited: Invitation,
    form: JoinForm | None = None,
    mistake: Mistake | None = None,
) -> HttpResponse:
    """Who invites to what, and what the reader has to do."""
    person = request.user if isinstance(request.user, User) else None
    context = {
        "title": f"Join {invited.tenant}",
        "invited": invited,
        "person": person,
        "theirs": person is not None and person.email == invited.email,
        "has_account": joining.has_account(invited.email),
        "form": form or JoinForm(),
        "mistake": mistake,
        "unconfirmed": isinstance(mistake, invitations.AddressNotConfirmed),
    }
    return show_bare(request, "account/invitation.html", context)
