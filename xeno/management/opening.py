"""Opening a store from the command line, with an owner who may be new."""

from django.core.exceptions import ValidationError
from django.db import transaction

from tenants import actions
from tenants.models import Tenant, User
from xeno.lib.errors import Mistake


class StoreNotOpened(Mistake):
    """What was said of the store or its owner cannot be."""

    code = "store_not_opened"


@transaction.atomic
def open_store(
    *,
    shop_domain: str,
    name: str,
    currency: str,
    timezone: str,
    owner_email: str,
    password: str | None,
) -> Tenant:
    """The store and its owner; StoreNotOpened with the reason, and then nothing was made.

    A new owner needs a password; one who has an account keeps theirs.
    """
    domain = shop_domain.strip().lower()
    if Tenant.objects.filter(shop_domain=domain).exists():
        raise StoreNotOpened(f"There is a store {domain} already: see `doctor`.")
    owner = find_or_make_owner(put_right(owner_email), password)
    try:
        return actions.create_store(
            shop_domain=domain,
            name=name.strip(),
            currency=currency.upper(),
            timezone=timezone,
            owner=owner,
        )
    except ValidationError as error:
        raise StoreNotOpened(told(error)) from error


def put_right(email: str) -> str:
    """An address as accounts hold it."""
    return email.strip().lower()


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return User.objects.filter(email=put_right(email)).exists()


def find_or_make_owner(email: str, password: str | None) -> User:
    """Who has this address, or somebody new with this password."""
    owner = User.objects.filter(email=email).first()
    if owner:
        return owner
    if not password:
        raise StoreNotOpened(
            f"{email} has no account yet: give it a password with --password-stdin."
        )
    try:
        User._meta.get_field("email").run_validators(email)
        return actions.sign_up(email=email, password=password)
    except ValidationError as error:
        raise StoreNotOpened(f"The owner {email}: {told(error)}") from error


def told(error: ValidationError) -> str:
    """All that is wrong, in one line."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    fields = error.message_dict.items()
    return " ".join(f"{field}: {' '.join(messages)}" for field, messages in fields)
