"""Sync with proof in the large: 100,000 customers, 300,000 orders, a live stream in trouble."""

import random
import resource
import time
from itertools import islice

import pytest

from orders.models import Order
from tests import stored
from tests.reconciliation.conftest import CLEAN, SHOP, connect
from tests.reconciliation.large_shop import SPLIT, LargeShop
from tests.reconciliation.stream import empty_inbox, put_in_inbox, run_out, troubled
from webhooks import processing
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.reconciliation import ledger
from webhooks.reconciliation.models import LedgerLine
from webhooks.reconciliation.starting import start_reconciliation
from xeno.lib.postgres.scope import get_tenant_id, tenant_scope
from xeno.lib.upsert import run

SIZES = [  # customers, and which share of everything changes meanwhile
    pytest.param(100, 0.3, id="small"),
    pytest.param(100_000, 0.03, id="large", marks=pytest.mark.slow),
]
PIECES = 90

MEMORY = 700 * 2**10  # KB that the run may add: the shop of the stand-in is in this process too


TABLES = {
    "Customer": "customers_customer",
    "Order": "orders_order",
    "LineItem": "orders_lineitem",
    "Refund": "orders_refund",
}


def digests() -> dict[str, str]:
    """A hash of each table's rows, made by the database: the tables are larger than a test."""
    asked = {"Customer": stored.CUSTOMER, "Order": stored.ORDER, "LineItem": stored.LINE,
             "Refund": stored.REFUND}  # fmt: skip
    return {name: digest_of(name, columns) for name, columns in asked.items()}


def digest_of(name: str, columns: tuple[str, ...]) -> str:
    joins = {
        "customer__shopify_id": ("c", "LEFT JOIN customers_customer c ON c.id = t.customer_id"),
        "order__shopify_id": ("o", "JOIN orders_order o ON o.id = t.order_id"),
    }
    chosen = [
        f"{joins[column][0]}.shopify_id" if column in joins else f"t.{column}" for column in columns
    ]
    joined = " ".join(joins[column][1] for column in columns if column in joins)
    row = ", ".join(f"COALESCE({each}::text, '')" for each in chosen)
    found = run(
        f"SELECT count(*), md5(string_agg(md5(concat_ws('|', {row})), '' ORDER BY t.shopify_id))"
        f" FROM {TABLES[name]} t {joined} WHERE t.tenant_id = %s",
        [get_tenant_id()],
    )
    return str(found)


@pytest.fixture
def large(standin, db):
    """A shop of so many customers, and the store that is connected to it."""

    def open_shop(size: int, domain: str = SHOP, like: LargeShop | None = None):
        shop = LargeShop(domain, size=size)
        if like:
            shop.changed = like.changed
        shop.clock = lambda: SPLIT
        standin.shops[domain] = shop
        return shop, connect(shop)

    return open_shop


@pytest.mark.parametrize(("size", "share"), SIZES)
def test_a_troubled_backfill_of_a_large_store_equals_a_clean_run(
    large, size, share, record_property
):
    shop, store = large(size)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tenant_scope(store.pk):
        live_through(store, shop, share)
        record_property("backfilled in seconds", round(time.monotonic() - began))
        assert Order.objects.count() == 3 * size

        Sync.objects.update(started_at=SPLIT)
        shop.clock = lambda: SPLIT.replace(month=9)
        start_reconciliation(tenant=store)
        sync = run_out(store)
        lines = {line.kind: line.found for line in LedgerLine.objects.filter(sync=sync)}
        settled, ours = ledger.is_settled(sync), digests()
    record_property("found", lines)
    record_property("seconds", round(time.monotonic() - began))

    _, other = large(size, CLEAN, like=shop)
    with tenant_scope(other.pk):
        running.start_sync(tenant=other)
        run_out(other)
        assert digests() == ours
    assert (sync.state, settled) == ("done", True)
    # A third of all changes came after the reading; 5 % of their webhooks never did.
    assert lines["orders"] > 0.01 * share * 3 * size
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY


def live_through(store, shop: LargeShop, share: float) -> None:
    """Fetch the history while things change, a third of them after it is here."""
    chance = random.Random(40)
    running.start_sync(tenant=store)
    pieces = max(1, int(share * size_of(shop) / PIECES))
    batches = iter(lambda: list(islice(events, pieces)), [])
    events = shop.live(share, chance)
    for _, batch in zip(range(2 * PIECES // 3), batches, strict=False):
        put_in_inbox(troubled(batch, chance))
        running.cut_pause()
        running.advance(tenant=store, seconds=0)
        processing.apply_inbox(tenant=store, seconds=0)
    assert run_out(store).state == "done"
    for batch in batches:
        put_in_inbox(troubled(batch, chance))
    empty_inbox(store)


def size_of(shop: LargeShop) -> int:
    """How many customers and orders it has."""
    return sum(len(shop.numbers(kind)) for kind in shop.changed)
