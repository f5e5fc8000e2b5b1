"""The store's rules of sending; a store that set none has the defaults."""

from campaigns.models import SendingSettings
from tenants.models import Tenant


def settings_of(tenant: Tenant) -> SendingSettings:
    """The rules of the open store."""
    return SendingSettings.objects.first() or SendingSettings(tenant=tenant)
