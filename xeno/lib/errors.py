"""The one base of all mistakes that a person or a client can be told about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Particular:
    """One of several things that are wrong at once. `more` is told beside code, detail and attr:
    plain values under names that the API's description knows (`xeno/lib/api/schema.py`)."""

    code: str
    detail: str
    attr: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """As the API says it."""
        return {"code": self.code, "detail": self.detail, "attr": self.attr, **self.more}


class Mistake(Exception):
    """Something that the caller can mend. `code` is stable, `status` is the HTTP answer.

    `retryable` tells a worker that the same call may succeed later.
    """

    code: ClassVar[str] = "mistake"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "The request cannot be carried out."
    retryable: ClassVar[bool] = False
    retry_after: int | None = None  # seconds, where it is known when to come again

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or self.message)
        self.field = field

    @property
    def particulars(self) -> tuple[Particular, ...]:
        """What is wrong, one by one, where that is more than one code and one sentence."""
        return ()
