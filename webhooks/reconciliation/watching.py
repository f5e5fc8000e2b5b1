"""Troubles of a store's connection: seen, written down, told to its owners once, and over.

The row is claimed before the mail is handed over: a worker that dies in between tells nobody,
rather than two tell the same.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import Membership, Tenant
from tenants.roles import Role
from tenants.shopify.errors import NotConnected, TokenRefused
from webhooks.backfill.models import Sync
from webhooks.backfill.running import BulkUnanswered, find_still
from webhooks.models import Delivery, State
from webhooks.reconciliation.models import Alarm
from xeno.lib.logs import trouble
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

LONGEST_LAG = timedelta(hours=1)
STAY_AWAY = "webhooks_stay_away"
DEAD_TOKEN = (TokenRefused.code, NotConnected.code)
WORDS = {
    Alarm.Kind.TOKEN: (
        "{store} is disconnected from Shopify",
        "Shopify no longer accepts the token of {store}, so nothing new arrives here. Open the"
        " admin and connect the store again: {url}/admin/",
    ),
    Alarm.Kind.CONNECTION: (
        "{store} could not be synced with Shopify",
        "The last sync of {store} failed ({code}). What arrived before is kept. The sync's page"
        " says more, and has a button to try again: {url}/admin/webhooks/sync/",
    ),
    Alarm.Kind.LAG: (
        "{store} is more than an hour behind Shopify",
        "What changes in {store} arrives here late, or not at all ({code}). The list of webhooks"
        " shows what waits: {url}/admin/webhooks/delivery/",
    ),
    Alarm.Kind.SYNC: (
        "The sync of {store} waits for Shopify",
        "The sync of {store} has got no further for more than an hour, because Shopify does not"
        " answer it ({code}). It goes on by itself as soon as Shopify does. The page of syncs says"
        " what it waits for, and has a button to cancel it: {url}/admin/webhooks/sync/",
    ),
}


def watch(*, tenant: Tenant, in_gap: bool = False) -> None:
    """Compare what is wrong now with what was; tell the owners what is new."""
    store = Tenant.objects.get(pk=tenant.pk)
    found = dict(find_troubles(store, timezone.now(), in_gap))
    open_alarms = Alarm.objects.filter(over_at=None)
    open_alarms.exclude(kind__in=list(found)).update(over_at=Now())
    for kind, code in found.items():
        run(
            "INSERT INTO webhooks_alarm (tenant_id, kind, code) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [tenant.pk, kind.value, code],
        )
    for alarm in open_alarms.filter(sent_at=None):
        tell(store=store, alarm=alarm)


def find_troubles(store: Tenant, now: datetime, in_gap: bool) -> Iterator[tuple[Alarm.Kind, str]]:
    """What is wrong with the connection now, each with its code."""
    if store.uninstalled_at or not store.installed_at:
        return
    last = Sync.objects.exclude(state=Sync.State.RUNNING).order_by("-pk").first()
    # A failure of before the last connect is an old one.
    recent = last is not None and last.started_at >= store.installed_at
    failed = last.trouble if last and recent and last.state == Sync.State.FAILED else ""
    dead = store.refresh_expires_at is not None and store.refresh_expires_at < now
    if dead or store.trouble in DEAD_TOKEN or failed in DEAD_TOKEN:
        yield Alarm.Kind.TOKEN, store.trouble or failed or TokenRefused.code
    elif store.trouble or failed:
        yield Alarm.Kind.CONNECTION, store.trouble or failed
    if not (dead or store.trouble) and (still := find_still()):
        # What is wrong with the connection itself was told above: a mail for one cause.
        yield Alarm.Kind.SYNC, still.trouble or BulkUnanswered.code
    oldest = Delivery.objects.filter(state=State.PENDING).order_by("pk").first()
    if oldest and now - oldest.received_at > LONGEST_LAG:
        yield Alarm.Kind.LAG, "inbox_behind"
    elif in_gap or stays_away():
        yield Alarm.Kind.LAG, STAY_AWAY


def stays_away() -> bool:
    """Whether no webhook has come since it was seen that they stay away."""
    seen = Alarm.objects.filter(kind=Alarm.Kind.LAG, code=STAY_AWAY, over_at=None).first()
    newest = Delivery.objects.order_by("-pk").values_list("received_at", flat=True).first()
    return seen is not None and (newest is None or newest < seen.began_at)


def tell(*, store: Tenant, alarm: Alarm) -> bool:
    """Mail the store's owners, unless somebody else does; tried again when it was not taken."""
    mine = Alarm.objects.filter(pk=alarm.pk, sent_at=None)
    if not mine.update(sent_at=Now()):
        return False
    subject, text = (
        part.format(store=store.name, code=alarm.code, url=settings.PUBLIC_URL)
        for part in WORDS[Alarm.Kind(alarm.kind)]
    )
    try:
        for address in owners_of(store):
            EmailMessage(" ".join(subject.split()), text, to=[address]).send()
    except OSError as error:  # smtplib's errors are of this family
        log.warning("alarm_not_sent", tenant_id=store.pk, kind=alarm.kind, **trouble(error))
        with transaction.atomic():
            Alarm.objects.filter(pk=alarm.pk).update(sent_at=None)
        return False
    return True


def owners_of(store: Tenant) -> list[str]:
    """The addresses of who owns the store."""
    owners = Membership.objects.filter(tenant=store, role=Role.OWNER, user__is_active=True)
    return sorted(owners.values_list("user__email", flat=True))
