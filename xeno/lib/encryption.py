"""A text column that is encrypted at rest with the keys of `ENCRYPTION_KEYS`."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@cache
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    """The first key encrypts; each of them decrypts, so that keys can be rotated."""
    return MultiFernet([Fernet(key) for key in keys])


def is_current(token: str) -> bool:
    """Whether the first key encrypted it, so that the others may be dropped."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(token)
    except InvalidToken:
        return False
    return True


def rotate(token: str) -> str:
    """The same text under the first key; InvalidToken when no key opens it."""
    return cipher(tuple(settings.ENCRYPTION_KEYS)).rotate(token).decode()


class EncryptedTextField(models.TextField[Any, Any]):
    """Plain text in Python, a Fernet token in the database; an empty string stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return value
        return cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(value.encode()).decode()

    def from_db_value(self, value: Any, *args: Any) -> Any:
        if not value:
            return value
        return cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(value.encode()).decode()
