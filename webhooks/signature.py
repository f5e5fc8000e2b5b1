"""Shopify's signature of a webhook's raw bytes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable


def signature(body: bytes, secret: str) -> bytes:
    """HMAC-SHA256 of the bytes, as Shopify sends it: base64."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))


def is_signed(body: bytes, given: str, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed the body. Compares in constant time, all secrets."""
    try:
        mac = base64.b64decode(given.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    matches = [
        hmac.compare_digest(mac, hmac.digest(secret.encode(), body, hashlib.sha256))
        for secret in secrets
        if secret
    ]
    return any(matches)
