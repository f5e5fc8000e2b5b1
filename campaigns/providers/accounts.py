"""What a store tells of its account with a provider: an e-mail URL, or JSON of the provider's keys.

A pure reading: nobody is asked. Its mistakes never repeat what was told.
"""

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings

from campaigns.providers.anymail import CREDENTIALS
from campaigns.providers.public import PrivateHost, find_public
from xeno.lib.environment import WrongSetting, read_email_url
from xeno.lib.errors import Mistake

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# How the connection is made safe, and the scheme of the URL that says so.
SCHEMES = {"starttls": "smtp+tls", "tls": "smtp+ssl", "none": "smtp"}
# Names that only a network of one's own knows.
PRIVATE_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


class CredentialsNotValid(Mistake):
    """What the store told of its account cannot be read, or is not what its provider asks for."""

    code = "credentials_not_valid"
    status = 409
    message = (
        'Give the account as JSON, such as {"provider": "postmark", "server_token": "…"},'
        " with what that provider asks for."
    )


class MailServerPrivate(Mistake):
    """A store's mail server that stands within a private network, which no store may look into."""

    code = "mail_server_private"
    status = 409
    message = (
        "This mail server is within a private network. Name one that the public internet reaches,"
        " or ask whoever runs this install to allow private ones (SMTP_PRIVATE_HOSTS)."
    )


def read_server(url: str) -> dict[str, Any]:
    """What Django's backend is told, from an e-mail URL such as smtp+tls://user:password@host.

    Raises CredentialsNotValid.
    """
    words = "Write the mail server like smtp+tls://user:password@host:587."
    try:
        told = read_email_url("credentials", url)
    except WrongSetting:
        raise CredentialsNotValid(words, field="credentials") from None
    if told["EMAIL_BACKEND"] != SMTP_BACKEND or not told["EMAIL_HOST"]:
        raise CredentialsNotValid(words, field="credentials")
    return {
        "host": told["EMAIL_HOST"],
        "port": told["EMAIL_PORT"],
        "username": told["EMAIL_HOST_USER"],
        "password": told["EMAIL_HOST_PASSWORD"],
        "use_tls": told.get("EMAIL_USE_TLS", False),
        "use_ssl": told.get("EMAIL_USE_SSL", False),
    }


def write_server(*, host: str, port: int, security: str, username: str, password: str) -> str:
    """The e-mail URL of a mail server, as `read_server` reads it."""
    sign_in = f"{quote(username, safe='')}:{quote(password, safe='')}@" if username else ""
    return f"{SCHEMES[security]}://{sign_in}{f'[{host}]' if ':' in host else host}:{port}"


def read_account(text: str) -> tuple[str, dict[str, str]]:
    """Provider and account of the credentials; raises CredentialsNotValid."""
    try:
        told = json.loads(text)
    except ValueError:
        raise CredentialsNotValid(field="credentials") from None  # its words would show the secret
    esp = told.pop("provider", "") if isinstance(told, dict) else ""
    known = CREDENTIALS.get(esp, ()) if isinstance(esp, str) else ()
    if not known or told.keys() != {*known} or not all(isinstance(v, str) for v in told.values()):
        raise CredentialsNotValid(field="credentials")
    return esp, told


def write_account(esp: str, account: Mapping[str, str]) -> str:
    """The JSON of an account, as `read_account` reads it."""
    return json.dumps({"provider": esp, **account})


READERS: dict[str, Callable[[str], Any]] = {"smtp": read_server, "anymail": read_account}


def check_credentials(text: str, *, provider: str) -> None:
    """Raise CredentialsNotValid for what the provider cannot use, MailServerPrivate.

    Of one that needs no account anything is kept that another one could use.
    """
    if text and provider in READERS:
        READERS[provider](text)
    elif text:
        check_shape(text)
    if text and not text.lstrip().startswith("{"):
        check_host(read_server(text)["host"])


def check_host(host: str) -> None:
    """Raise MailServerPrivate for a host that is private by what it is called.

    Nobody is asked: what the name of a public one leads to is judged when it is connected to.
    """
    if settings.SMTP_PRIVATE_HOSTS:
        return
    name = host.rstrip(".").lower()
    try:
        find_public(name, 25, flags=socket.AI_NUMERICHOST)
    except PrivateHost:
        raise MailServerPrivate(field="credentials") from None
    except (OSError, UnicodeError):  # it is a name
        if "." not in name or name.endswith(PRIVATE_NAMES):
            raise MailServerPrivate(field="credentials") from None


def check_shape(text: str) -> None:
    """Raise CredentialsNotValid for what no provider can use."""
    READERS["anymail" if text.lstrip().startswith("{") else "smtp"](text)
