"""Which of manage.py's commands need the engines, and which of the engines."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.holding import hold

# dev and setup_database look after their own engines; the rest reads no row
WITHOUT_ENGINES = frozenset(
    {
        "help",
        "version",
        "dev",
        "setup_database",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "makemessages",
        "sendtestemail",
        "startapp",
        "startproject",
    }
)

# what changes stores' data, and so asks first whether the install may be served
GUARDED = frozenset({"create_store", "restore", "recompute_totals", "replay_deliveries"})


def configured(setting: str) -> bool:
    """Tell whether the environment, or `.env` once the settings were read, names a server."""
    return bool(os.environ.get(setting))


def needs_engines(arguments: Sequence[str]) -> bool:
    """Tell whether manage.py, called like this, reads or writes data."""
    if len(arguments) < 2 or arguments[1] in WITHOUT_ENGINES:
        return False
    return not {"-h", "--help", "--version"} & set(arguments[1:])


def is_guarded(arguments: Sequence[str]) -> bool:
    """Tell whether manage.py, called like this, changes data of stores."""
    return needs_engines(arguments) and arguments[1] in GUARDED


@contextmanager
def engines_for(arguments: Sequence[str]) -> Iterator[None]:
    """Hold the engines that manage.py's command needs and nobody configured."""
    if not needs_engines(arguments):
        yield
        return
    from django.conf import settings

    home = settings.XENO_HOME  # reads the settings, and so .env
    postgres, redis = not configured("DATABASE_URL"), not configured("REDIS_URL")
    with hold(home, postgres=postgres, redis=redis):
        if postgres:  # for dbshell
            os.environ["PATH"] = f"{os.environ.get('PATH', '')}{os.pathsep}{postgres_binaries()}"
        yield
