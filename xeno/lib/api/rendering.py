"""Answers of the API: JSON, written in C."""

from typing import Any

import msgspec
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """JSON in UTF-8: moments end in `Z`, Decimal is text, no NaN."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON has no charset parameter: it is UTF-8

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """The bytes of an answer."""
    return msgspec.json.encode(data, enc_hook=show_lazy_text)


def show_lazy_text(value: Any) -> str:
    """Django's translated messages; anything else that JSON does not know is a bug."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
