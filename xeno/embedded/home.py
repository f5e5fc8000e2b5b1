"""A home: the folder that keeps the engines' data, and what it says about their addresses."""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from xeno.embedded.errors import EngineError

DATABASE = "xeno"
MIGRATOR = "xeno_migrator"
APPLICATION = "xeno_app"
BOOTSTRAP = "postgres"
# `process 4711, http://127.0.0.1:8000, http://127.0.0.1:8001` while `make run` runs; the second
# address is that of Shopify's stand-in, and missing without one
RUN_LOCK = "dev.lock"
POSTGRES_PORT = 5432  # names the socket's file; nothing listens on TCP


@dataclass(frozen=True)
class Engines:
    """Where the engines of a home are, or will be once held."""

    home: str
    database_url: str = field(repr=False)
    database_admin_url: str = field(repr=False)
    redis_url: str


@dataclass(frozen=True)
class Home:
    """The paths of a home and the passwords that belong to it."""

    path: Path
    passwords: dict[str, str] = field(repr=False)

    @property
    def postgres(self) -> Path:
        """PostgreSQL's folder; belongs to whoever it runs as."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's folder."""
        return self.path / "valkey"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: short enough, however long the home's own path is."""
        # from the real path alone, so that every process of this user finds the same one,
        # whatever TMPDIR or XDG_RUNTIME_DIR its shell has; a copied home gets another
        name = hashlib.sha256(os.fsencode(os.path.realpath(self.path))).hexdigest()[:16]
        return Path("/tmp") / f"xeno-{os.geteuid()}-{name}"  # noqa: S108 - 0700, and its owner is checked

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    def database_url(self, role: str) -> str:
        """Return the URL with which this role logs in."""
        # the port is spelt out because libpq would otherwise read PGPORT
        login = f"{role}:{self.passwords[role]}"
        return f"postgresql://{login}@:{POSTGRES_PORT}/{DATABASE}?host={self.sockets}"

    def engines(self) -> Engines:
        """Return the addresses that the rest of the project uses."""
        return Engines(
            home=str(self.path),
            database_url=self.database_url(APPLICATION),
            database_admin_url=self.database_url(MIGRATOR),
            redis_url=f"unix://{self.valkey_socket}?db=0",
        )


def addresses(home: Path) -> Engines:
    """Return where the engines of this home are or will be.

    Starts nothing; makes the home's folder and its credentials where they are absent.
    """
    return open_home(home).engines()


def running_at(home: Path) -> str:
    """Return the address of the `make run` that runs on this home; "" when none does."""
    return _addresses_of_run(home)[0]


def standin_at(home: Path) -> str:
    """Return the address of the stand-in for Shopify that it started; "" when there is none."""
    return _addresses_of_run(home)[1]


def _addresses_of_run(home: Path) -> tuple[str, str]:
    try:
        who, address, standin, *_ = [*(home / RUN_LOCK).read_text().strip().split(", "), "", ""]
        os.kill(int(who.removeprefix("process ")), 0)
    except PermissionError:  # somebody else's process: it lives
        return address, standin
    except (OSError, ValueError):
        return "", ""
    return address, standin


def open_home(path: Path) -> Home:
    """Return the home at this path, made with its credentials where they are absent."""
    path = path.expanduser().absolute()
    credentials = path / "credentials.json"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not credentials.exists():
            _make_credentials(credentials)
        return Home(path, json.loads(credentials.read_text()))
    except (OSError, ValueError) as problem:
        raise EngineError(
            f"The folder {path} cannot be used ({problem}):"
            " set XENO_HOME to a folder that you may write, on a disk with space."
        ) from problem


def _make_credentials(path: Path) -> None:
    if (path.parent / "postgres" / "data").exists():
        raise EngineError(
            f"{path} is missing, but the database that it opens is there: put it back, "
            f"or remove {path.parent} to start with an empty one."
        )
    passwords = {role: secrets.token_hex(24) for role in (BOOTSTRAP, MIGRATOR, APPLICATION)}
    draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(passwords, file)
            file.flush()
            os.fsync(file.fileno())
        # a link never replaces: of two processes that get here together one wins, both read its
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
