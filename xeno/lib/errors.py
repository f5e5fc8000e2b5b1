"""The one base of all mistakes that a person or a client can be told about."""

from typing import ClassVar


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
