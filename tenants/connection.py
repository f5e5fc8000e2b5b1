"""What Shopify says of the store itself: its details, the app's scopes, an uninstall."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now

from tenants.models import Tenant, check_timezone


class StoreDetails(Protocol):
    """What `save_details` reads; None is not told."""

    @property
    def name(self) -> str | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def plan(self) -> str | None: ...
    @property
    def told_at(self) -> datetime | None: ...


def save_details(*, tenant: Tenant, details: StoreDetails) -> None:
    """Take over the store's name, currency, time zone and plan where the word is newer.

    A time zone that this install does not know is left as it was.
    """
    zone = details.timezone
    try:
        check_timezone(zone or tenant.timezone)
    except ValidationError:
        zone = None
    told = {
        "name": details.name,
        "currency": details.currency,
        "timezone": zone,
        "plan": details.plan,
    }
    changes = {name: value for name, value in told.items() if value}
    newer = Q(details_at=None) | Q(details_at__lte=details.told_at) if details.told_at else Q()
    # A word without a time is believed, but an older one must not pass for newer after it.
    version = {"details_at": details.told_at} if details.told_at else {}
    if Tenant.objects.filter(newer, pk=tenant.pk).update(**version, **changes):
        for name, value in changes.items():
            setattr(tenant, name, value)


def save_scopes(*, tenant: Tenant, scopes: Iterable[str], told_at: datetime | None) -> None:
    """Take over what the install may do, where the word is newer."""
    newer = Q(scopes_at=None) | Q(scopes_at__lte=told_at) if told_at else Q()
    version = {"scopes_at": told_at} if told_at else {}
    Tenant.objects.filter(newer, pk=tenant.pk).update(scopes=",".join(sorted(scopes)), **version)


def note_uninstall(*, tenant: Tenant, uninstalled_at: datetime | None) -> None:
    """Drop the tokens; a late word on an install before the present one changes nothing."""
    earlier = Q(installed_at=None) | Q(installed_at__lt=uninstalled_at) if uninstalled_at else Q()
    Tenant.objects.filter(earlier, pk=tenant.pk).update(
        access_token="", refresh_token="", uninstalled_at=uninstalled_at or Now()
    )
