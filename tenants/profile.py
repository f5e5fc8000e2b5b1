"""What a person says of themselves."""

from tenants.models import User
from tenants.models.stores import check_timezone


def change_name(*, user: User, name: str) -> None:
    """What they are called from now on; nothing but the address when it is empty."""
    user.name = name.replace("\0", "").strip()
    user.save(update_fields=["name"])


def change_timezone(*, user: User, name: str) -> None:
    """Where they are: the admin tells them moments in this zone, or in each store's when empty.

    ValidationError for a name that is no zone.
    """
    if name:
        check_timezone(name)
    user.timezone = name
    user.save(update_fields=["timezone"])
