"""Which provider a store's messages leave by."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings

from campaigns.models import SendingSettings
from campaigns.providers.anymail import CREDENTIALS, AnymailProvider
from campaigns.providers.base import Provider
from campaigns.providers.console import ConsoleProvider
from campaigns.providers.mailbox import MailboxProvider
from campaigns.providers.smtp import SmtpProvider
from campaigns.settings import settings_of
from tenants.models import Tenant
from xeno.lib.environment import read_email_url
from xeno.lib.errors import Mistake


class ProviderUnknown(Mistake):
    """The store's settings name a provider that this install does not have."""

    code = "provider_unknown"
    status = 409
    message = "This provider is not known here. Choose another in the sending settings."


def smtp(rules: SendingSettings) -> Provider:
    """The store's own mail server by its e-mail URL, else the install's."""
    return SmtpProvider(**(connection_of(rules.credentials) if rules.credentials else {}))


def connection_of(url: str) -> dict[str, Any]:
    """What Django's backend is told, from an e-mail URL such as smtp+tls://user:password@host."""
    told = read_email_url("credentials", url)
    return {
        "host": told["EMAIL_HOST"],
        "port": told["EMAIL_PORT"],
        "username": told["EMAIL_HOST_USER"],
        "password": told["EMAIL_HOST_PASSWORD"],
        "use_tls": told.get("EMAIL_USE_TLS", False),
        "use_ssl": told.get("EMAIL_USE_SSL", False),
    }


class CredentialsNotValid(Mistake):
    """What the store told of its account cannot be read, or is not what its provider asks for."""

    code = "credentials_not_valid"
    status = 409
    message = (
        'Give the account as JSON, such as {"provider": "postmark", "server_token": "…"},'
        " with what that provider asks for."
    )


def anymail(rules: SendingSettings) -> Provider:
    """The store's own account with one of anymail's providers, else the install's."""
    if not rules.credentials:
        return AnymailProvider(settings.CAMPAIGN_ANYMAIL)
    esp, account = read_account(rules.credentials)
    return AnymailProvider(esp, account)


def read_account(text: str) -> tuple[str, dict[str, str]]:
    """Provider and account of the credentials; raises CredentialsNotValid."""
    try:
        told = json.loads(text)
    except ValueError:
        raise CredentialsNotValid from None  # its words would show the secret
    esp = told.pop("provider", "") if isinstance(told, dict) else ""
    known = CREDENTIALS.get(esp, ()) if isinstance(esp, str) else ()
    if not known or told.keys() != {*known} or not all(isinstance(v, str) for v in told.values()):
        raise CredentialsNotValid
    return esp, told


PROVIDERS: dict[str, Callable[[SendingSettings], Provider]] = {
    "smtp": smtp,
    "anymail": anymail,
    "mailbox": lambda rules: MailboxProvider(),
    "console": lambda rules: ConsoleProvider(),
}


def provider_of(tenant: Tenant) -> Provider:
    """The store's provider, else the install's; raises ProviderUnknown."""
    rules = settings_of(tenant)
    name = rules.provider or settings.CAMPAIGN_PROVIDER
    if name not in PROVIDERS:
        raise ProviderUnknown
    return PROVIDERS[name](rules)
