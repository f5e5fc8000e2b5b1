"""Which provider a store's messages leave by."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from campaigns.models import SendingSettings
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


PROVIDERS: dict[str, Callable[[SendingSettings], Provider]] = {
    "smtp": smtp,
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
