"""A stored body as text that is safe to show, whatever bytes somebody sent."""

import re
from contextlib import suppress

import msgspec

MOST_BYTES = 256 * 1024

# What a page must not obey: control characters, and marks that turn the text's direction.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def readable(body: bytes, *, whole: bool) -> str:
    """The body indented when it is whole, sound JSON, else as it came; odd bytes as `\\x..`.

    The numbers stay as Shopify wrote them: nothing is parsed into floats and back.
    """
    if whole:
        # What is no JSON was parked for just that: then it is shown as it came.
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            body = msgspec.json.format(body, indent=2)
    text = body.decode("utf-8", "backslashreplace")
    return UNSHOWN.sub(lambda found: f"\\u{ord(found.group()):04x}", text.replace("\r\n", "\n"))
