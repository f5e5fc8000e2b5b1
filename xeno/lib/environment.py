"""Settings from the environment, each with one line for whoever set it wrong.

No line repeats a URL: it may hold a password.
"""

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

POSTGRES = ("postgresql", "postgres", "pgsql", "psql")
REDIS = ("redis", "rediss", "unix")


class WrongSetting(ImproperlyConfigured):
    """A setting is no such thing as it must be."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} is wrong: {why}")


class Environment(environ.Env):  # type: ignore[misc]  # environ has no types
    """environ's, which says which setting is wrong; an empty number counts as unset."""

    def int(self, var: str, default: Any) -> Any:
        """A whole number, 0 or more."""
        value = self.str(var, "").strip()
        if not value:
            return default
        if not (value.isascii() and value.isdecimal()):
            raise WrongSetting(var, f"{value!r} is no whole number.")
        return int(value)


def check_port(name: str, port: int) -> int:
    """The port, if there can be such a one."""
    if not 1 <= port <= 65535:
        raise WrongSetting(name, f"{port} is no port: use 1 to 65535.")
    return port


def check_database_url(name: str, url: str) -> str:
    """The URL, if it names a database on PostgreSQL."""
    example = "use postgresql://user:password@host:5432/database"
    scheme, path = _parts(name, url, example)
    if scheme not in POSTGRES:
        raise WrongSetting(name, f"it is no URL of PostgreSQL: {example}")
    if not path.strip("/"):
        raise WrongSetting(name, f"it names no database: {example}")
    return url


def check_redis_url(name: str, url: str) -> str:
    """The URL, if it is one of Redis or Valkey."""
    example = "use redis://host:6379/0, rediss://… or unix:///path/to/socket?db=0"
    scheme, _ = _parts(name, url, example)
    if scheme not in REDIS or "://" not in url:
        raise WrongSetting(name, f"it is no URL of Redis or Valkey: {example}")
    return url


def read_email_url(name: str, url: str) -> dict[str, Any]:
    """Django's settings for mail."""
    example = "use smtp+tls://user:password@host:587 or consolemail://"
    _parts(name, url, example)
    try:
        settings: dict[str, Any] = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError) as error:
        raise WrongSetting(name, f"it is no URL of a mail server: {example}") from error
    return settings


def _parts(name: str, url: str, example: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError as error:
        raise WrongSetting(name, f"it is no URL: {example}") from error
    return parts.scheme, parts.path
