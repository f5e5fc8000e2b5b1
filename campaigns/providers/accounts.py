"""What a store tells of its account with a provider: an e-mail URL, or JSON of the provider's keys.

A pure reading: nobody is asked. Its mistakes never repeat what was told.
"""

import json
from collections.abc import Callable
from typing import Any

from campaigns.providers.anymail import CREDENTIALS
from xeno.lib.environment import WrongSetting, read_email_url
from xeno.lib.errors import Mistake

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class CredentialsNotValid(Mistake):
    """What the store told of its account cannot be read, or is not what its provider asks for."""

    code = "credentials_not_valid"
    status = 409
    message = (
        'Give the account as JSON, such as {"provider": "postmark", "server_token": "…"},'
        " with what that provider asks for."
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


READERS: dict[str, Callable[[str], Any]] = {"smtp": read_server, "anymail": read_account}


def check_credentials(text: str, *, provider: str) -> None:
    """Raise CredentialsNotValid for what the provider cannot use.

    Of one that needs no account anything is kept that another one could use.
    """
    if text and provider in READERS:
        READERS[provider](text)
    elif text:
        check_shape(text)


def check_shape(text: str) -> None:
    """Raise CredentialsNotValid for what no provider can use."""
    READERS["anymail" if text.lstrip().startswith("{") else "smtp"](text)
