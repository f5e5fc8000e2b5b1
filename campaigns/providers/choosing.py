"""Which provider a store's messages leave by."""

from collections.abc import Callable

from django.conf import settings

from campaigns.models import SendingSettings
from campaigns.providers.accounts import read_account, read_server
from campaigns.providers.anymail import AnymailProvider
from campaigns.providers.base import Provider
from campaigns.providers.console import ConsoleProvider
from campaigns.providers.mailbox import MailboxProvider
from campaigns.providers.smtp import SmtpProvider
from campaigns.settings import settings_of
from tenants.models import Tenant
from xeno.lib.errors import Mistake


class ProviderUnknown(Mistake):
    """The store's settings name a provider that this install does not have."""

    code = "provider_unknown"
    status = 409
    message = "This provider is not known here. Choose another in the sending settings."


def smtp(rules: SendingSettings) -> Provider:
    """The store's own mail server by its e-mail URL, else the install's."""
    if not rules.credentials:
        return SmtpProvider()
    return SmtpProvider(of_store=True, **read_server(rules.credentials))


def anymail(rules: SendingSettings) -> Provider:
    """The store's own account with one of anymail's providers, else the install's."""
    if not rules.credentials:
        return AnymailProvider(settings.CAMPAIGN_ANYMAIL)
    esp, account = read_account(rules.credentials)
    return AnymailProvider(esp, account)


PROVIDERS: dict[str, Callable[[SendingSettings], Provider]] = {
    "smtp": smtp,
    "anymail": anymail,
    "mailbox": lambda rules: MailboxProvider(),
    "console": lambda rules: ConsoleProvider(),
}


def name_for(rules: SendingSettings) -> str:
    """The name of the provider that a store with these rules sends by."""
    return str(rules.provider or settings.CAMPAIGN_PROVIDER)


def provider_of(tenant: Tenant) -> Provider:
    """The store's provider, else the install's; raises ProviderUnknown, CredentialsNotValid."""
    rules = settings_of(tenant)
    name = name_for(rules)
    if name not in PROVIDERS:
        raise ProviderUnknown
    return PROVIDERS[name](rules)
