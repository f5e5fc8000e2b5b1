"""Edits that do not overwrite what somebody else changed meanwhile: ETag and If-Match."""

import hashlib
from typing import Any

from xeno.lib.api.rendering import to_json
from xeno.lib.errors import Mistake

ANY = "*"


class ChangedMeanwhile(Mistake):
    """The row is not what the client saw when it decided."""

    code = "changed_meanwhile"
    status = 412
    message = "This was changed since you read it. Read it again, and repeat your change."


def etag_of(shown: Any) -> str:
    """The tag of a representation: equal for equal bytes."""
    return f'"{hashlib.sha256(to_json(shown)).hexdigest()[:32]}"'


def check_version(wanted: str, shown: Any) -> None:
    """Raise unless the client's If-Match names what is there now."""
    tags = [tag.strip() for tag in wanted.split(",")]
    # A weak tag never matches: If-Match compares strongly.
    if ANY not in tags and etag_of(shown) not in tags:
        raise ChangedMeanwhile
