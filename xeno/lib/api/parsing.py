"""Bodies of API requests: UTF-8 JSON, read strictly."""

from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

INT64 = range(-(2**63), 2**63)


class StrictJSONParser(BaseParser):
    """JSON that PostgreSQL can hold, or 400.

    Refused: NaN, Infinity, numbers past float or int64, NUL, lone surrogates, a byte order
    mark, other encodings, nesting past Python's stack. Of a key that comes twice the last wins.
    """

    media_type = "application/json"

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        try:
            body = msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
        except RecursionError:
            raise ParseError("The body is nested too deep.") from None
        check_storable(body)
        return body


def check_storable(body: Any) -> None:
    """Refuse text with NUL and integers past 64 bits, wherever they are."""
    # A stack instead of recursion: the body may be nested as deep as the parser allows.
    values = [body]
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values.extend(value.keys())
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
        elif isinstance(value, str) and "\0" in value:
            raise ParseError("Text may not contain the character NUL.")
        elif isinstance(value, int) and value not in INT64:
            raise ParseError("Integers have at most 64 bits.")
