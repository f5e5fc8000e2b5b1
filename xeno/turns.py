"""Lets a request have one of the process's turns only once its body is there.

A server thread that reads from a slow client would be one thread less for everybody, and granian
has no limit of time for bodies. So it has many threads, which wait for bodies and cost nothing
meanwhile, and as few work at once as there are connections to the database.
"""

import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Semaphore
from typing import IO, Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

BLOCK = 256 * 1024


class BodyFirst:
    """A WSGI application that reads the announced body, then waits for its turn.

    A body over `most` is laid on the disk where `largest` allows it, by the path and the headers;
    any other is not read: what is behind refuses it by its length.
    """

    def __init__(
        self,
        application: Application,
        *,
        turns: int,
        most: int,
        largest: Callable[[str, Environ], int] | None = None,
    ) -> None:
        self.application = application
        self.turns = Semaphore(turns)
        self.most = most
        self.largest = largest or (lambda path, environ: 0)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        size = int(length) if length.isdecimal() and len(length) < 20 else 0
        if 0 < size <= self.most:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))
        elif 0 < size <= self.largest(environ.get("PATH_INFO", ""), environ):
            environ["wsgi.input"] = on_disk(environ["wsgi.input"], size)
        with self.turns:
            return self.application(environ, start_response)


def on_disk(source: Any, size: int) -> IO[bytes]:
    """So much of the source as a file without a name, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # it ends with the request
    while size > 0 and (block := source.read(min(size, BLOCK))):
        file.write(block)
        size -= len(block)
    file.seek(0)
    return file
