"""One's own account: name, address, password, and where one is signed in."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST, require_safe

from tenants import browsers, confirmation, passwords, profile, sign_in, two_factor
from tenants.models import SignIn, User
from tenants.scoping.visit import get_visit
from xeno.dashboard.account.agents import describe
from xeno.dashboard.account.forms import NameForm, PasswordForm, ZoneForm
from xeno.dashboard.account.pages import blame, for_people, refuse, show
from xeno.lib.api.requests import client_address
from xeno.lib.errors import Mistake

NOW_MINUTES = 10


@dataclass(frozen=True)
class Place:
    """A place where one is signed in."""

    sign_in: SignIn
    current: bool

    @property
    def what(self) -> str:
        """What it runs on."""
        return describe(self.sign_in)

    @property
    def used(self) -> str:
        """When it was last used, which is known to some minutes."""
        minutes = (timezone.now() - self.sign_in.last_used_at) // timedelta(minutes=1)
        if minutes < NOW_MINUTES:
            return "in use now"
        return f"last used {timesince(self.sign_in.last_used_at, depth=1)} ago"


@require_safe
@for_people
def home(request: HttpRequest, user: User) -> HttpResponse:
    """The page."""
    return show_home(request, user)


@require_POST
@for_people
def change_name(request: HttpRequest, user: User) -> HttpResponse:
    """Be called otherwise."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return show_home(request, user, names=form)
    profile.change_name(user=user, name=form.cleaned_data["name"])
    return back(request, "Your name is changed.")


@require_POST
@for_people
def change_timezone(request: HttpRequest, user: User) -> HttpResponse:
    """Be told times of another place."""
    form = ZoneForm(request.POST)
    if not form.is_valid():
        return show_home(request, user, zones=form)
    profile.change_timezone(user=user, name=form.cleaned_data["timezone"])
    return back(request, "Your time zone is changed.")


@require_POST
@for_people
def change_password(request: HttpRequest, user: User) -> HttpResponse:
    """Another password: every other sign-in ends, this browser's starts anew."""
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return show_home(request, user, secrets=form)
    try:
        passwords.change(
            user=user,
            old_password=form.cleaned_data["old_password"],
            new_password=form.cleaned_data["new_password"],
            address=client_address(request),
        )
    except Mistake as mistake:
        blame(form, mistake)
        return refuse(show_home(request, user, secrets=form), mistake)
    except ValidationError as weak:
        form.add_error("new_password", weak)
        return show_home(request, user, secrets=form)
    browsers.sign_in_browser(request, User.objects.get(pk=user.pk))
    return back(request, "Your password is changed. You are signed out everywhere else.")


@require_POST
@for_people
def send_confirmation(request: HttpRequest, user: User) -> HttpResponse:
    """The mail with the link once more."""
    try:
        confirmation.ask_confirmation(user=user)
    except Mistake as mistake:
        messages.error(request, str(mistake))
        return back(request)
    return back(request, f"A link is on its way to {user.email}.")


@require_POST
@for_people
def end_sign_in(request: HttpRequest, user: User, sign_in_id: UUID) -> HttpResponse:
    """Sign one place out; this browser too."""
    if sign_in_id == get_visit(request).sign_in_id:
        return leave(request)
    try:
        sign_in.end_one(user=user, sign_in_id=sign_in_id)
    except Mistake as mistake:
        messages.error(request, str(mistake))
        return back(request)
    return back(request, "Signed out there.")


@require_POST
@for_people
def end_sign_ins(request: HttpRequest, user: User) -> HttpResponse:
    """Sign out everywhere, or everywhere else."""
    if request.POST.get("keep"):
        sign_in.end_all(user=user, keep=get_visit(request).sign_in_id)
        return back(request, "You are signed out everywhere else.")
    sign_in.end_all(user=user)
    return leave(request)


def leave(request: HttpRequest) -> HttpResponse:
    """Signed out here, on the sign-in page."""
    browsers.sign_out_browser(request)
    messages.success(request, "You are signed out.")
    return HttpResponseRedirect(reverse("admin:login"))


def back(request: HttpRequest, said: str = "") -> HttpResponse:
    """To the page again, with what was done."""
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("account:home"))


def show_home(
    request: HttpRequest,
    user: User,
    names: NameForm | None = None,
    secrets: PasswordForm | None = None,
    zones: ZoneForm | None = None,
) -> HttpResponse:
    """The page, with what was typed wrong."""
    current = get_visit(request).sign_in_id
    context = {
        "title": "Your account",
        "person": user,
        "names": names or NameForm(initial={"name": user.name}),
        "zones": zones or ZoneForm(initial={"timezone": user.timezone}),
        "secrets": secrets or PasswordForm(),
        "two_factor": two_factor.state_of(user),
        "places": [Place(place, place.pk == current) for place in sign_in.live_sign_ins(user)],
    }
    return show(request, "account/home.html", context)
