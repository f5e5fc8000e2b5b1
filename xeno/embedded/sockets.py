"""The private folder of a home's sockets."""

import os
import stat
from contextlib import suppress

from xeno.embedded.errors import EngineError
from xeno.embedded.home import Home


def open_sockets(home: Home) -> None:
    """Make the folder if it is absent; refuse one that somebody else could have put there."""
    folder = home.sockets
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    # root's PostgreSQL may run as another user, who then owns both its data and this folder
    owners = {os.geteuid()} | ({home.postgres.stat().st_uid} if home.postgres.exists() else set())
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid not in owners:
        raise EngineError(
            f"{folder} is not a private folder of this user:"
            f" remove it, because the sockets of {home.path} go there."
        )


def close_sockets(home: Home) -> None:
    """Remove the folder once no engine uses it."""
    with suppress(OSError):
        home.sockets.rmdir()
