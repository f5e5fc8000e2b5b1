"""From the bytes of a webhook to a typed payload, or a refusal that says why."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from xeno.lib.errors import Mistake
from xeno.lib.money import LARGEST, SMALLEST


class Unreadable(Mistake):
    """A payload that can never be applied; it is parked with this code and reason."""

    code = "unreadable"
    message = "The payload cannot be read."


class OtherShop(Unreadable):
    """The body names another shop than the header: a replay or a relabelled delivery."""

    code = "other_shop"
    message = "The payload names another shop than the delivery."


Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Digits = Annotated[str, Meta(pattern=r"\A[0-9]{1,10}\Z")]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
# An absent key (UNSET) is not an empty value (None).
Text = str | None | UnsetType
Time = datetime | None | UnsetType

P = TypeVar("P", bound=Struct)

THOUSANDTH = Decimal("0.001")
# Kept a day inside Python's own range, so that every time zone can show the time.
EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


@cache
def decoder(payload: type[P]) -> msgspec.json.Decoder[P]:
    """One decoder for each payload type, kept."""
    return msgspec.json.Decoder(payload, strict=True)


def decode(body: bytes, payload: type[P]) -> P:
    """The typed payload; Unreadable with the place and what was expected there."""
    try:
        if b"\\u0000" in body:
            check_no_nul(msgspec.json.decode(body))
        return cast(P, decoder(payload).decode(body))
    except msgspec.ValidationError as error:
        raise Unreadable(f"Not the shape of this topic: {error}") from error
    except msgspec.DecodeError as error:
        raise Unreadable(f"Not JSON: {error}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("Not JSON: the text is not UTF-8.") from error
    except (RecursionError, OverflowError, ValueError, ArithmeticError) as error:
        raise Unreadable(f"Not JSON that can be held: {type(error).__name__}.") from error


def check_no_nul(value: Any) -> None:
    """Raise Unreadable when a text holds U+0000, which PostgreSQL cannot store."""
    if isinstance(value, str):
        if "\x00" in value:
            raise Unreadable("A text holds the character U+0000.")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_no_nul(key)
            check_no_nul(item)
    elif isinstance(value, list):
        for item in value:
            check_no_nul(item)


def text(value: Text) -> str | None:
    """None when the key was absent, '' when Shopify says there is none."""
    return None if value is UNSET else (value or "")


def code(value: Text) -> str | None:
    """A state or a currency in lower case, as `text`."""
    known = text(value)
    return None if known is None else known.lower()


def aware(value: datetime) -> datetime:
    """The instant in UTC, held within what every time zone can show."""
    zone = value.tzinfo
    if zone is None:
        zone, value = UTC, value.replace(tzinfo=UTC)
    if 1 < value.year < 9999:
        return value if zone is UTC else value.astimezone(UTC)
    # Where the shift to UTC itself could overflow.
    return min(max(value.replace(tzinfo=UTC), EARLIEST), LATEST)


def time(value: Time) -> datetime | None:
    """The instant in UTC, or None when there is none."""
    return aware(value) if isinstance(value, datetime) else None


def money(value: Decimal) -> Decimal:
    """An amount that can be stored: finite, in range, rounded half-even to a thousandth."""
    try:
        rounded = value.quantize(THOUSANDTH)
        if SMALLEST <= rounded <= LARGEST:
            return rounded
    except ArithmeticError as error:
        raise Unreadable("An amount is no number, or too large.") from error
    raise Unreadable("An amount is no number, or too large.")


def tag_list(value: str) -> tuple[str, ...]:
    """The tags of Shopify's comma-separated string, in its order, each once."""
    tags = (tag.strip() for tag in value.split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


GID = re.compile(r"gid://shopify/([A-Za-z]+)/([1-9][0-9]{0,18})(?:\?.*)?")


def gid(value: str | int, kind: str) -> int:
    """The number in `gid://shopify/Customer/1`, or a plain id as it is."""
    if isinstance(value, int):
        number = value
    else:
        match = GID.fullmatch(value)
        if match is None or match[1] != kind:
            raise Unreadable(f"Expected an id of a {kind}.")
        number = int(match[2])
    if not 0 < number < 2**63:
        raise Unreadable(f"Expected an id of a {kind}.")
    return number


def header_time(value: str) -> datetime | None:
    """X-Shopify-Triggered-At, or None when it is missing or no time."""
    try:
        return aware(msgspec.convert(value, datetime)) if value else None
    except (msgspec.ValidationError, OverflowError):
        return None
