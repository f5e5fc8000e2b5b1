"""Lets a request have one of the process's turns only once its body is there.

A server thread that reads from a slow client would be one thread less for everybody, and granian
has no limit of time for bodies. So it has many threads, which wait for bodies and cost nothing
meanwhile, and as few work at once as there are connections to the database.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Semaphore
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class BodyFirst:
    """A WSGI application that reads the announced body, then waits for its turn.

    A body over `most` is not read: what is behind refuses it by its length.
    """

    def __init__(self, application: Application, *, turns: int, most: int) -> None:
        self.application = application
        self.turns = Semaphore(turns)
        self.most = most

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and len(length) < 20 and 0 < int(length) <= self.most:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        with self.turns:
            return self.application(environ, start_response)
