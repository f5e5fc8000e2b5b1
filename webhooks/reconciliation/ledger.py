"""The ledger: what each reconciliation found, what became of it, and whether the counts fit."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from django.db.models import F
from django.db.models.functions import Now

from customers.models import Customer
from orders.models import Order, Product
from tenants.models import Tenant
from tenants.shopify.client import AdminApi
from tenants.shopify.scopes import ALL_ORDERS
from tenants.shopify.standing import scopes_of
from webhooks.backfill.models import Sync, SyncPart
from webhooks.models import Delivery, State
from webhooks.privacy.models import Redacted
from webhooks.reconciliation.comparing import Off
from webhooks.reconciliation.models import Finding, LedgerLine
from xeno.lib.upsert import arrays, run, unnest

MOST_LISTED = 1000  # of one kind in one reconciliation; all are counted
KEPT = timedelta(days=90)
FINDING_COLUMNS = {
    "shopify_id": "bigint",
    "trouble": "text",
    "fields": "jsonb",
    "mended": "boolean",
}
COUNTED = {
    SyncPart.Kind.CUSTOMERS: ("customersCount", Customer),
    SyncPart.Kind.ORDERS: ("ordersCount", Order),
    SyncPart.Kind.PRODUCTS: ("productsCount", Product),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a kind; `exact` is False where Shopify stopped counting."""

    here: int
    there: int
    exact: bool
    slack: int  # webhooks that wait, each of which may be one more or less
    erased: int = 0  # people whom Shopify may still count, and who are not held here on purpose

    @property
    def fits(self) -> bool:
        """Whether the two can be the same store at one moment."""
        if not self.exact:
            return self.here + self.slack + self.erased >= self.there
        return -self.slack <= self.there - self.here <= self.slack + self.erased


def note(
    *, tenant: Tenant, sync: Sync, kind: str, off: Sequence[Off], still: Collection[int]
) -> None:
    """Count what was off, and list it while there is room."""
    if not off:
        return
    line = open_line(tenant=tenant, sync=sync, kind=kind)
    listed = Finding.objects.filter(sync=sync, kind=kind)
    # A batch that is done again, after a kill: what was not mended is off once more.
    known = set(
        listed.filter(shopify_id__in=[each.shopify_id for each in off]).values_list(
            "shopify_id", flat=True
        )
    )
    fresh = [each for each in off if each.shopify_id not in known]
    room = max(0, MOST_LISTED - line.found)
    list_findings(tenant=tenant, sync=sync, kind=kind, off=fresh[:room], still=still)
    counts = Counter(str(each.trouble) for each in fresh)
    LedgerLine.objects.filter(pk=line.pk).update(
        **{name: F(name) + number for name, number in counts.items()},
        unmended=F("unmended") + sum(each.shopify_id in still for each in fresh),
    )


def open_line(*, tenant: Tenant, sync: Sync, kind: str) -> LedgerLine:
    """The ledger's line of this kind, made when there is none yet."""
    run(
        "INSERT INTO webhooks_ledgerline (tenant_id, sync_id, kind) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [tenant.pk, sync.pk, str(kind)],
    )
    line: LedgerLine = LedgerLine.objects.get(sync=sync, kind=kind)
    return line


def list_findings(
    *, tenant: Tenant, sync: Sync, kind: str, off: Iterable[Off], still: Collection[int]
) -> None:
    """Write each down."""
    rows = [
        (
            each.shopify_id,
            str(each.trouble),
            msgspec.json.encode(each.fields).decode(),
            each.shopify_id not in still,
        )
        for each in off
    ]
    if rows:
        run(
            f"INSERT INTO webhooks_finding (tenant_id, sync_id, kind, {', '.join(FINDING_COLUMNS)})"
            f" SELECT %s, %s, %s, new.* FROM {unnest(FINDING_COLUMNS)} ON CONFLICT DO NOTHING",
            [tenant.pk, sync.pk, str(kind), *arrays(FINDING_COLUMNS, rows)],
        )


def compare_counts(*, tenant: Tenant, sync: Sync, api: AdminApi) -> None:
    """Note how many there are here and in Shopify, and whether the two fit."""
    # Without imported people, whom Shopify does not know.
    before = {
        kind: model.objects.filter(shopify_id__gt=0).count() for kind, (_, model) in COUNTED.items()
    }
    told = api.ask("counts", since=None).data
    waiting = Delivery.objects.filter(state__in=[State.PENDING, State.WAITING]).count()
    for kind, (name, model) in COUNTED.items():
        line = open_line(tenant=tenant, sync=sync, kind=kind)
        here = model.objects.filter(shopify_id__gt=0).count()
        # What changed here while Shopify was asked is no difference.
        slack = waiting + abs(here - before[kind])
        erased = people_erased() if model is Customer else 0
        answer = told[name] or {}
        if not answer or (kind == SyncPart.Kind.ORDERS and not sees_all_orders(tenant)):
            continue
        count = Count(here, int(answer["count"]), answer["precision"] == "EXACT", slack, erased)
        LedgerLine.objects.filter(pk=line.pk).update(
            here=count.here, there=count.there, in_step=count.fits
        )


def people_erased() -> int:
    """How many customers were redacted in the open store; their orders are held all the same."""
    found: int = Redacted.objects.filter(kind=Redacted.Kind.CUSTOMER).count()
    return found


def sees_all_orders(tenant: Tenant) -> bool:
    """Whether Shopify shows this store's orders of every age."""
    return ALL_ORDERS in scopes_of(Tenant.objects.get(pk=tenant.pk))


def lines_of(sync: Sync) -> list[LedgerLine]:
    """The ledger of one reconciliation, in the order of the work."""
    lines: dict[str, LedgerLine] = {
        line.kind: line for line in LedgerLine.objects.filter(sync=sync)
    }
    return [lines[kind] for kind in SyncPart.ORDER if kind in lines]


def is_settled(sync: Sync) -> bool:
    """Whether nothing that it found is still off."""
    return all(line.settled for line in lines_of(sync))


def forget_old_findings() -> None:
    """Drop listed findings that have been kept long enough; the counts stay."""
    Finding.objects.filter(found_at__lt=Now() - KEPT).delete()
