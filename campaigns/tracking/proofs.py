"""What a provider is told beside a message and tells again with its events: a signed token.

A store with an account of its own knows the install's WEBHOOK_SECRET. What it can make with that
are events of messages whose token it has, and those are its own.
"""

from collections.abc import Mapping
from typing import Any

from campaigns.tracking.tokens import Purpose, Token, pack, unpack
from xeno.lib.postgres.scope import get_tenant_id

NAME = "proof"


class Forged(ValueError):
    """A token that we did not make."""


def metadata_of(message_id: int) -> dict[str, str]:
    """What goes with a message of the open store; NO_MESSAGE of a test."""
    return {NAME: pack(Token(Purpose.EVENT, get_tenant_id(), message_id))}


def read_metadata(told: Mapping[str, Any]) -> Token | None:
    """Which store and message it proves; None where there is no token. Raises Forged."""
    if NAME not in told:
        return None
    token = unpack(str(told[NAME]), Purpose.EVENT)
    if token is None:
        raise Forged
    return token
