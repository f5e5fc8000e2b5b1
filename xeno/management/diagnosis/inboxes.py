"""Each store's inbox: what waits there, since when, and what was set aside."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from webhooks.models import Delivery, State
from xeno.management.diagnosis.findings import Finding, ago, note, wrong

MOST_STORES = 50
LATE = timedelta(minutes=5)  # a busy store is seconds behind, not minutes
FORGOTTEN = timedelta(days=1)


def look_at_stores() -> list[Finding]:
    """The first fifty stores."""
    findings: list[Finding] = []
    looked: list[str] = []

    def look(tenant: Tenant) -> None:
        if len(looked) < MOST_STORES:
            looked.append(tenant.shop_domain)
            findings.extend(look_at_store(tenant))

    try:
        stores = for_every_tenant(look, reason="doctor")
    except DatabaseError:
        return [note("stores", "cannot be read before the database is right")]
    if not stores:
        return [note("stores", "none yet", "Make one: create_store, or demo.")]
    if stores > MOST_STORES:
        findings.append(note("stores", f"{stores - MOST_STORES} more were not looked at"))
    return findings


def look_at_store(tenant: Tenant) -> list[Finding]:
    """What the open store's inbox tells; its trouble does not hide the other stores'."""
    try:
        return [describe(tenant), *find_backlog(tenant)]
    except DatabaseError as error:
        said = f"its inbox cannot be read ({type(error).__name__})"
        return [wrong(tenant.shop_domain, said, "See the database's own log.")]


def describe(tenant: Tenant) -> Finding:
    """One line: counts, and when Shopify last called."""
    last = Delivery.objects.order_by("-pk").values_list("received_at", flat=True).first()
    words = [
        f"{count_of(State.PENDING)} pending",
        f"{count_of(State.WAITING)} waiting",
        f"{count_of(State.PARKED)} parked",
        f"last webhook {ago(timezone.now() - last)} ago" if last else "no webhook yet",
    ]
    if tenant.uninstalled_at:
        words.append("the app was removed")
    return Finding(tenant.shop_domain, ", ".join(words))


def count_of(state: State) -> int:
    """How many deliveries of the open store are in the state."""
    return Delivery.objects.filter(state=state).count()


def find_backlog(tenant: Tenant) -> list[Finding]:
    """What is behind in the open store, each with what to do."""
    domain = tenant.shop_domain
    rules: tuple[tuple[State, timedelta, Callable[[int, str], Finding]], ...] = (
        (State.PENDING, LATE, lambda count, age: wrong(
            domain, f"{count} webhooks wait to be applied, the oldest for {age}",
            "Start more workers, or look into their log.",
        )),
        (State.PARKED, timedelta(0), lambda count, age: wrong(
            domain, f"{count} webhooks could not be applied, the oldest is {age} old",
            f"Read why in the admin; after a fix: manage.py replay_deliveries {domain}",
        )),
        (State.WAITING, FORGOTTEN, lambda count, age: note(
            domain, f"{count} refunds wait for their order, the oldest for {age}",
            "Their orders are older than the install, or were never sent.",
        )),
    )  # fmt: skip
    found = ((*backlog(state), limit, say) for state, limit, say in rules)
    return [say(count, ago(age)) for count, age, limit, say in found if count and age >= limit]


def backlog(state: State) -> tuple[int, timedelta]:
    """How many are in the state, and since when the oldest."""
    rows = Delivery.objects.filter(state=state).aggregate(
        count=Count("pk"), oldest=Min("received_at")
    )
    oldest: datetime = rows["oldest"] or timezone.now()
    return rows["count"], timezone.now() - oldest
