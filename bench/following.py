"""From an acknowledged order webhook to the members of segments that it changes, under load."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import django
import psycopg

from bench.figures import REPETITIONS, Figure, middle
from bench.load import drive
from bench.machinery import ROOT, Web

if TYPE_CHECKING:
    from bench.arrival import Arrival

SECONDS = 5  # of load in each repetition
LONGEST = 120.0
# When each change was taken up: by the transaction that moved the members, so after its work.
WATCH = """
    CREATE TABLE IF NOT EXISTS bench_taken (customers jsonb, noted_at timestamptz,
        taken_at timestamptz);
    CREATE OR REPLACE FUNCTION bench_take() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO bench_taken VALUES (OLD.customers, OLD.noted_at, clock_timestamp());
        RETURN OLD;
    END $$;
    GRANT INSERT ON bench_taken TO PUBLIC;
    CREATE OR REPLACE TRIGGER bench_take AFTER DELETE ON segments_datachange
        FOR EACH ROW EXECUTE FUNCTION bench_take();
"""
# Every order of the repetition by its body's id, and the first change with its customer in it.
FOLLOWED = """
    WITH told AS (
        SELECT d.received_at, o.customer_id
        FROM webhooks_delivery d
        JOIN orders_order o ON o.tenant_id = d.tenant_id
            AND o.shopify_id = (convert_from(d.body, 'UTF8')::json ->> 'id')::bigint
        WHERE d.id > %(after)s AND d.state = 'applied' AND o.customer_id IS NOT NULL
    ), taken AS (
        SELECT noted_at, taken_at, customer.id::bigint AS customer_id
        FROM bench_taken, jsonb_array_elements_text(customers) AS customer(id)
    ), followed AS (
        SELECT told.received_at, (
            SELECT min(taken_at) FROM taken
            WHERE taken.customer_id = told.customer_id AND taken.noted_at >= told.received_at
        ) AS taken_at
        FROM told
    )
    SELECT percentile_cont(ARRAY[0.5, 0.95, 1]) WITHIN GROUP (
            ORDER BY extract(epoch FROM taken_at - received_at)),
        count(*), count(*) - count(taken_at)
    FROM followed
"""
LAST = "SELECT COALESCE(max(id), 0) FROM webhooks_delivery"
LEFT = """
    SELECT (SELECT count(*) FROM webhooks_delivery WHERE state = 'pending')
        + (SELECT count(*) FROM segments_datachange)
"""


def measure(
    run: "Arrival", server: Web, full: float, on_done: Callable[[], object]
) -> list[Figure]:
    """The row: p95 at half the full rate, with the templates as segments of the store."""
    from bench.arrival import CONNECTIONS

    count = int(output(run.env))
    half, found = full / 2, []
    with psycopg.connect(run.env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(WATCH)
        wait_for_all(admin)
        for _ in range(REPETITIONS):
            last = admin.execute(LAST).fetchone()
            assert last is not None
            admin.execute("TRUNCATE bench_taken")
            prepared = run.requests(round(half * SECONDS))
            drive(server.port, prepared, connections=CONNECTIONS, rate=half)
            wait_for_all(admin)
            row = admin.execute(FOLLOWED, {"after": last[0]}).fetchone()
            assert row is not None
            assert row[2] == 0, f"{row[2]} of {row[1]} orders were not followed"
            found.append(row[0])
            on_done()
    median, p95, most = (middle([each[n] for each in found]) for n in range(3))
    return [
        Figure(
            f"order webhook to members of {count} segments, at half the full rate"
            f" ({half:,.0f}/s), p95",
            "–",
            f"{p95:.2f} s (median {median:.2f} s, longest {most:.2f} s)",
            "–",
            p95,
            f"{p95:.2f} s",
            5,
            2,
            more_is_better=False,
        )
    ]


def output(env: Mapping[str, str]) -> str:
    """What this module prints as a process of its own: Django works with one database."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.following"]
    return subprocess.run(
        command, env=dict(env), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def make_segments() -> int:
    """A segment of each template, in the bench's store; how many."""
    from segments.actions import SegmentData, create_segment
    from segments.templates import TEMPLATES
    from tenants.audit import Actor
    from tenants.models import Tenant
    from xeno.lib.postgres.scope import tenant_scope

    tenant = Tenant.objects.get(shop_domain="bench.myshopify.com")
    with tenant_scope(tenant.pk):
        for template in TEMPLATES.values():
            data = SegmentData(name=template.name, query=template.query, template=template.id)
            create_segment(actor=Actor(), tenant=tenant, data=data, imported=True)
    return len(TEMPLATES)


def wait_for_all(admin: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Wait until everything is applied and followed."""
    end = time.monotonic() + LONGEST
    while admin.execute(LEFT).fetchone() != (0,):
        if time.monotonic() > end:
            raise RuntimeError("segments do not follow")
        time.sleep(0.05)


if __name__ == "__main__":
    django.setup()
    print(make_segments())
