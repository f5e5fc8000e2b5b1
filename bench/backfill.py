"""A store's history: a bulk operation's lines applied, beside COPY; a worker's memory meanwhile."""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import django
import psycopg

from bench.apply import Floor, Shop, wake
from bench.bodies import Post
from bench.figures import Figure, in_turn, middle, spread
from bench.machinery import Process, process, worker

READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE_SECONDS = 0.5
LONGEST_SECONDS = 900.0
ROUND_SECONDS = 15.0  # beat's sweeps come every ten
MOST_STARTING_SECONDS = 90.0


class History(Shop):
    """The same store and orders as `bench.apply`, told by a file and not by webhooks."""

    def write(self, folder: Path) -> None:
        """The file of the next orders, dealt into partitions as after a download."""
        from webhooks.backfill.partitions import deal
        from xeno.demo.shopify import bulk, graph

        text = self.query()
        root, problem = bulk.read_query(graph.schema(), text)
        if root is None:
            raise RuntimeError(problem)
        items = [payload_of(post) for post in self.posts(self.each)]
        operation = {"id": "bench", "_root": root, "_items": items}
        deal(bulk.lines(operation), folder, self.partitions)

    @property
    def partitions(self) -> int:
        """About as many as the file would have."""
        return max(1, self.each // 4_000)

    def query(self) -> str:
        """What Shopify is asked for."""
        from webhooks.backfill.asking import bulk_query

        return bulk_query("orders", since=None, withheld=[])

    def apply_file(self) -> float:
        """Orders a second, from the lines of the partitions to the last commit."""
        from tenants.models import Tenant
        from webhooks.backfill.applying import apply_groups
        from webhooks.backfill.partitions import read_groups
        from xeno.lib.postgres.scope import tenant_scope

        with TemporaryDirectory() as name, tenant_scope(self.tenant_id):
            folder, tenant = Path(name), Tenant.objects.get(pk=self.tenant_id)
            self.write(folder)
            began = time.perf_counter()
            for number in range(self.partitions):
                groups = read_groups(folder, number)
                apply_groups(tenant=tenant, kind="orders", groups=groups, read_at=READ_AT)
            seconds = time.perf_counter() - began
        self.check_applied(self.each)
        return self.each / seconds


def payload_of(post: Post) -> dict[str, object]:
    """The order that a webhook tells."""
    told: dict[str, object] = json.loads(post.body)
    return told


def measure(
    env: dict[str, str], each: int, orders: int, on_done: Callable[[], object]
) -> list[Figure]:
    """The rows of the table that are about a store's history."""
    history = History(env, each)
    floor = Floor(history, keys=False)
    history.apply_file()  # warm, as in bench.apply
    ours, copied = in_turn(history.apply_file, floor.copy, on_done=on_done)
    ratio = middle([one / base for one, base in zip(ours, copied, strict=True)])
    return [
        Figure(
            "history applied from a bulk operation's file",
            "COPY of the same rows into tables without foreign keys",
            f"{middle(ours):,.0f}/s ({spread(ours)})",
            f"{middle(copied):,.0f}/s ({spread(copied)})",
            ratio,
            f"{ratio:.2f}",
            0.15,
            0.2,
            rate=middle(ours),
        ),
        memory(env, history.admin_url, orders, on_done),
    ]


def memory(
    env: dict[str, str], admin_url: str, orders: int, on_done: Callable[[], object]
) -> Figure:
    """A worker's memory through the sync of a store of so many orders, beside it idle."""
    from tenants.models import Tenant
    from tests.reconciliation.large_shop import LargeShop
    from webhooks.backfill.running import start_sync
    from xeno.demo.shopify.server import running
    from xeno.lib.postgres.scope import tenant_scope

    domain = "history.myshopify.com"
    with running(secret=env.get("SHOPIFY_API_SECRET", "xeno-development-secret")) as standin:
        shop = LargeShop(domain, size=orders // 3)
        standin.shops[domain] = shop
        token = shop.grant("read_customers,read_orders,read_products,read_all_orders")
        tenant = Tenant.objects.create(
            shop_domain=domain, name="History", currency="GBP", timezone="UTC",
            access_token=token.access, scopes=",".join(sorted(shop.scopes)),
        )  # fmt: skip
        told = {**env, "SHOPIFY_FAKE_URL": standin.url}
        arguments = [*worker(env), "-B", "-s", str(Path(TemporaryDirectory().name))]
        with process(arguments, told) as applier, psycopg.connect(admin_url) as admin:
            admin.autocommit = True
            wake(tenant.pk)
            idle, seen = at_rest(applier), [0]
            with tenant_scope(tenant.pk):
                start_sync(tenant=tenant)
            end = time.monotonic() + LONGEST_SECONDS
            while is_running(admin, tenant.pk):
                seen.append(applier.resident_bytes())
                time.sleep(SAMPLE_SECONDS)
                if time.monotonic() > end:
                    raise RuntimeError("the sync did not end")
            on_done()
            count_orders(admin, tenant.pk, shop.size * 3)
    most = (max(seen) - idle) / 2**20
    return Figure(
        f"memory of a worker through a history of {orders:,} orders",
        "the idle worker",
        f"+ {most:.0f} MB at most",
        f"{idle / 2**20:.0f} MB",
        most,
        f"+ {most:.0f} MB",
        150,
        100,
        more_is_better=False,
    )


def at_rest(applier: Process) -> int:
    """What the worker holds once every sweep has been done and nothing is to do."""
    held, since = 0, time.monotonic()
    end = since + MOST_STARTING_SECONDS
    while time.monotonic() < min(since + ROUND_SECONDS, end):
        time.sleep(SAMPLE_SECONDS)
        now = applier.resident_bytes()
        if abs(now - held) > 2**20:
            held, since = now, time.monotonic()
    return held


def is_running(admin: "psycopg.Connection[tuple[object, ...]]", tenant_id: int) -> bool:
    """Whether the store's sync has not come to its end."""
    states = admin.execute("SELECT state FROM webhooks_sync WHERE tenant_id = %s", [tenant_id])
    [(state,)] = states.fetchall()
    if state not in ("running", "done"):
        raise RuntimeError(f"the sync ended as {state}")
    return state == "running"


def count_orders(
    admin: "psycopg.Connection[tuple[object, ...]]", tenant_id: int, wanted: int
) -> None:
    """Every order of the shop is here."""
    sql = "SELECT count(*) FROM orders_order WHERE tenant_id = %s"
    found = admin.execute(sql, [tenant_id]).fetchone()
    if found != (wanted,):
        raise RuntimeError(f"{wanted} orders of the shop made {found}")


def main() -> None:
    """`python -m bench.backfill EACH ORDERS`: figures as JSON."""
    django.setup()
    each, orders = map(int, sys.argv[1:3])
    for figure in measure(dict(os.environ), each, orders, lambda: print("done", flush=True)):
        print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main()
