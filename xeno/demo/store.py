"""The demo store itself and the three people who may look into it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from tenants import actions
from tenants.models import Tenant, User
from tenants.roles import Role
from xeno.demo.payloads.shapes import CURRENCY, SHOP_DOMAIN, ZONE
from xeno.demo.seasons import FIRST_DAYS
from xeno.demo.story import midnight
from xeno.lib.errors import Mistake

NAME = "Hart & Thread"
# Everybody may know it: that is why it exists in development only.
PASSWORD = "hart-and-thread-demo"  # noqa: S105


@dataclass(frozen=True)
class Login:
    """Somebody who may look into the demo store."""

    email: str
    name: str
    role: Role


LOGINS = (
    Login("owner@demo.example", "Olive Hart", Role.OWNER),
    Login("marketer@demo.example", "Tom Thread", Role.MARKETER),
    Login("analyst@demo.example", "Ana Lindqvist", Role.ANALYST),
)


class DemoRefused(Mistake):
    """A store that anybody can enter has no place where real people's data is."""

    code = "demo_refused"
    status = 403
    message = (
        "The demo store has logins that everybody knows: it is made only where"
        " XENO_ENV=development, and here it is {env}."
    )


def check_allowed() -> None:
    """Raise DemoRefused unless this is somebody's own machine."""
    if settings.XENO_ENV != "development":
        raise DemoRefused(DemoRefused.message.format(env=settings.XENO_ENV))


@transaction.atomic
def save_demo_store(*, today: date) -> Tenant:
    """The demo store with its logins, made where missing; opened thirteen months ago."""
    check_allowed()
    store = Tenant.objects.filter(shop_domain=SHOP_DOMAIN).first() or actions.create_store(
        shop_domain=SHOP_DOMAIN, name=NAME, currency=CURRENCY, timezone=ZONE.key
    )
    if store.history_complete_since is None:
        # The story begins here for good; a later look only goes on with it. That nobody has
        # connected the store is left to whoever tries the demo.
        store.history_complete_since = midnight(today - timedelta(days=FIRST_DAYS))
        store.save(update_fields=["history_complete_since"])
    for login in LOGINS:
        save_login(store, login)
    return store


def save_login(store: Tenant, login: Login) -> None:
    """The login and its role; who has an account already keeps their password."""
    user = User.objects.filter(email=login.email).first() or actions.sign_up(
        email=login.email, password=PASSWORD, name=login.name
    )
    actions.save_member(tenant=store, user=user, role=login.role)


def opening_of(store: Tenant) -> date:
    """The day on which the story of this install's demo store begins."""
    if store.history_complete_since is None:
        raise ValueError("The demo store has no opening day.")
    return store.history_complete_since.astimezone(ZONE).date()


def password_works() -> bool:
    """Whether the owner still has the demo password."""
    return User.objects.get(email=LOGINS[0].email).check_password(PASSWORD)
