"""The addresses that a message's links lead to, absolute, of the open store."""

from django.conf import settings

from campaigns.tracking.tokens import Purpose, Token, pack
from xeno.lib.postgres.scope import get_tenant_id

PATHS = {
    Purpose.OPEN: "/t/o/{}.gif",
    Purpose.CLICK: "/t/c/{}",
    Purpose.UNSUBSCRIBE: "/u/{}",
    Purpose.PREFERENCES: "/p/{}",
}


def address_of(purpose: Purpose, message_id: int, link_id: int = 0) -> str:
    """The address under PUBLIC_URL, whatever host a request names."""
    token = pack(Token(purpose, get_tenant_id(), message_id, link_id))
    return f"{settings.PUBLIC_URL}{PATHS[purpose].format(token)}"


def open_url(message_id: int) -> str:
    """The picture that tells of an open."""
    return address_of(Purpose.OPEN, message_id)


def click_url(message_id: int, link_id: int) -> str:
    """Leads on to the link, and tells of the click."""
    return address_of(Purpose.CLICK, message_id, link_id)


def unsubscribe_url(message_id: int) -> str:
    """A page on GET; an unsubscribe on POST (RFC 8058)."""
    return address_of(Purpose.UNSUBSCRIBE, message_id)


def preferences_url(message_id: int) -> str:
    """The preference centre of whom the message is for."""
    return address_of(Purpose.PREFERENCES, message_id)
