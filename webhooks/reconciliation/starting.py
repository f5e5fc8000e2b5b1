"""When a store is reconciled, and from where: nightly, after a gap, and when somebody asks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tenants.models import Tenant, User
from tenants.shopify.tokens import get_api
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.models import Delivery
from webhooks.reconciliation import ledger

OVERLAP = timedelta(hours=1)  # Shopify's search is behind its store now and then
NIGHT = range(2, 6)  # hours of the store's own clock
APART = timedelta(hours=20)  # of two nightly ones
LONGEST = timedelta(hours=30)  # then at any hour: no worker ran at night
AGAIN = timedelta(hours=6)  # after one that failed or was cancelled
GAP = timedelta(hours=3)  # without a webhook: the store may be quiet, or our subscriptions gone


def start_reconciliation(*, tenant: Tenant, user: User | None = None, whole: bool = False) -> Sync:
    """Begin to compare what changed since the mark, or everything; raises SyncRunning."""
    ledger.forget_old_findings()
    since = None if whole else find_mark()
    return running.start_sync(tenant=tenant, user=user, kind=Sync.Kind.RECONCILIATION, since=since)


def find_last() -> Sync | None:
    """The open store's last sync that came to its end."""
    return Sync.objects.filter(state=Sync.State.DONE).order_by("-pk").first()


def find_last_reconciliation() -> Sync | None:
    """The last one that came to its end."""
    done = Sync.objects.filter(state=Sync.State.DONE, kind=Sync.Kind.RECONCILIATION)
    return done.order_by("-pk").first()


def find_mark() -> datetime | None:
    """From when on anything may be amiss; None: from the beginning.

    What the last one could not settle was perhaps older than its mark: then everything is asked,
    once.
    """
    last = find_last()
    if last is None or (last.since is not None and not ledger.is_settled(last)):
        return None
    return last.started_at - OVERLAP


def was_tried_lately(now: datetime) -> bool:
    """Whether the last one came to no end, and not long ago: so a lasting trouble begins no
    sync at each look, and nobody's cancel is undone at once."""
    last = Sync.objects.order_by("-pk").first()
    ended = last is not None and last.state in (Sync.State.FAILED, Sync.State.CANCELLED)
    return ended and last is not None and now - last.started_at < AGAIN


def is_nightly_due(tenant: Tenant, now: datetime) -> bool:
    """Whether the store's last good look is of yesterday, and it is night there."""
    last = find_last()
    if last is None or running.find_running() is not None:
        return False  # a store's first sync begins with its install
    passed = now - last.started_at
    night = now.astimezone(ZoneInfo(tenant.timezone)).hour in NIGHT
    return passed > LONGEST or (night and passed > APART)


def is_in_gap(tenant: Tenant, now: datetime) -> bool:
    """Whether webhooks stay away although things change in Shopify; raises ShopifyError.

    Shopify is asked only when none came for hours.
    """
    last = find_last()
    if last is None or running.find_running() is not None:
        return False
    newest = Delivery.objects.order_by("-pk").values_list("received_at", flat=True).first()
    heard = max(last.started_at, newest or last.started_at)
    if now - heard < GAP:
        return False
    since = f"updated_at:>'{heard:%Y-%m-%dT%H:%M:%SZ}'"
    told = get_api(tenant=tenant).ask("counts", since=since).data
    return any((answer or {}).get("count") for answer in told.values())


def is_reachable(tenant: Tenant) -> bool:
    """Whether the store is one that can be asked at all."""
    return bool(tenant.access_token and tenant.installed_at and not tenant.uninstalled_at)
