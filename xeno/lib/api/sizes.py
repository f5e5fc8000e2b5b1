"""How much a request may bring. The web server asks before Django is set up: nothing of it here."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

# Where a file may come with a request, from somebody who at least claims to be signed in.
UPLOADS = ("/imports", "/imports/", "/admin/webhooks/import/new/")
AROUND = 64 * 1024  # the other fields of the form


def most_of(path: str, headers: Mapping[str, Any]) -> int:
    """How many bytes a request to this path may bring."""
    signed_in = "HTTP_AUTHORIZATION" in headers or "sessionid" in headers.get("HTTP_COOKIE", "")
    if path in UPLOADS and signed_in:
        return settings.IMPORT_MAX_BYTES + AROUND  # type: ignore[no-any-return]
    return settings.API_MAX_BYTES  # type: ignore[no-any-return]
