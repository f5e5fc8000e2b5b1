"""Signed tokens of messages: which store, which message, what for. Nothing of a person is in one.

A token is base64url of four numbers (a byte of purpose, then store, message and link as varints)
and sixteen bytes of HMAC-SHA256 under a key of this use alone. It is short, it cannot be made
for another message, purpose or store, and it needs no look-up before it is believed.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from hashlib import sha256

from django.conf import settings

SIGNATURE = 16  # bytes
LONGEST = 120  # characters; a longer text is no token


class Purpose(IntEnum):
    """What a token of a message is for."""

    OPEN = 1
    CLICK = 2
    UNSUBSCRIBE = 3
    PREFERENCES = 4
    EVENT = 5  # in no address: it goes to the provider and comes back


@dataclass(frozen=True, slots=True)
class Token:
    """What a link says; `link_id` is 0 where it is for the message itself."""

    purpose: Purpose
    tenant_id: int
    message_id: int
    link_id: int = 0


@cache
def key_of(secret: str) -> bytes:
    """The key of tokens under this secret."""
    return hmac.digest(secret.encode(), b"xeno.campaigns.tracking", sha256)


def pack(token: Token) -> str:
    """The token as it stands in an address."""
    body = bytes([token.purpose]) + b"".join(
        map(to_varint, (token.tenant_id, token.message_id, token.link_id))
    )
    signed = body + hmac.digest(key_of(settings.SECRET_KEY), body, sha256)[:SIGNATURE]
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def unpack(text: str, purpose: Purpose) -> Token | None:
    """What the token says; None unless we made it, for this purpose, and in this spelling."""
    if not text.isascii() or not 0 < len(text) <= LONGEST:
        return None
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, signature = signed[:-SIGNATURE], signed[-SIGNATURE:]
    expected = hmac.digest(key_of(settings.SECRET_KEY), body, sha256)[:SIGNATURE]
    if not hmac.compare_digest(signature, expected) or not body or body[0] != purpose:
        return None
    tenant_id, message_id, link_id = from_varints(body[1:])
    token = Token(purpose, tenant_id, message_id, link_id)
    return token if pack(token) == text else None  # one spelling a token: base64 has several


def to_varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


def from_varints(raw: bytes) -> list[int]:
    """The numbers of signed bytes, which we made."""
    found, number, shift = [], 0, 0
    for byte in raw:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(number)
            number = shift = 0
    return found
