"""What a person says of themselves."""

from tenants.models import User


def change_name(*, user: User, name: str) -> None:
    """What they are called from now on; nothing but the address when it is empty."""
    user.name = name.replace("\0", "").strip()
    user.save(update_fields=["name"])
