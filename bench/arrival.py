"""The webhook's way in: over HTTP, beside a bare insert of the same body on one connection."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

import psycopg

from bench import following
from bench.bodies import TRIGGERED_AT, Post, posts, request
from bench.figures import REPETITIONS, Figure, in_turn, middle, spread
from bench.load import Load, drive
from bench.machinery import Process, Web, cpu_seconds, family, process, web, worker

SHOP = "bench.myshopify.com"
CONNECTIONS = 16
DOWN = "unix:///nowhere/redis.sock?db=0"  # refused at once, as a stopped Redis does
STORE = """
    INSERT INTO tenants_tenant (shop_domain, name, currency, timezone, access_token,
        refresh_token, scopes, plan, history_complete_since)
    VALUES (%s, 'Bench', 'GBP', 'UTC', '', '', '', '', now()) RETURNING id
"""
# The inbox's own columns, defaults, checks and indexes; no policy and no foreign key.
FLOOR = """
    DROP TABLE IF EXISTS bench_floor;
    CREATE TABLE bench_floor (LIKE webhooks_delivery INCLUDING ALL)
"""
INSERT = """
    INSERT INTO bench_floor
        (tenant_id, webhook_id, topic, event_id, api_version, triggered_at, body, body_hash)
    VALUES (%s, %s, 'orders/create', 'event', '2026-07', %s, %b, %b)
"""
BAREST = "INSERT INTO bench_barest (body) VALUES (%b)"


def make_store(admin_url: str) -> int:
    """The store that the webhooks are for; its id."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        row = admin.execute(STORE, [SHOP]).fetchone()
    assert row is not None
    return int(row[0])


@dataclass
class Arrival:
    """The measurement: one supply of posts, two web servers, the floor's connection."""

    env: dict[str, str]
    each: int
    supply: Iterator[Post]
    up: Web
    down: Web
    loads: list[Load] = field(default_factory=list)
    cpu: list[tuple[float, ...]] = field(default_factory=list)

    def requests(self, count: int) -> list[bytes]:
        """The next so many signed requests."""
        return [request(post, SHOP) for post in islice(self.supply, count)]

    def insert(self, sql: str = INSERT) -> float:
        """Rows a second: prepared, one row a commit, one connection."""
        rows = [
            (1, p.webhook_id, TRIGGERED_AT, p.body, hashlib.sha256(p.body).digest())
            for p in islice(self.supply, self.each)
        ]
        given = [row if sql is INSERT else (row[3],) for row in rows]
        with psycopg.connect(self.env["DATABASE_ADMIN_URL"], autocommit=True) as connection:
            cursor = connection.cursor()
            for row in given[:10]:
                cursor.execute(sql, row, prepare=True)
            began = time.perf_counter()
            for row in given[10:]:
                cursor.execute(sql, row, prepare=True)
            return (len(given) - 10) / (time.perf_counter() - began)

    def post(self, server: Web) -> float:
        """Webhooks a second, every one answered 200."""
        prepared = self.requests(self.each)
        before = self.clocks(server)
        load = drive(server.port, prepared, connections=CONNECTIONS)
        if load.statuses != {200: self.each}:
            raise RuntimeError(f"webhooks were not taken: {load.statuses}")
        if server is self.up:
            self.loads.append(load)
            spent = [after - b for after, b in zip(self.clocks(server), before, strict=True)]
            self.cpu.append(tuple(seconds / load.seconds for seconds in spent))
        return load.rate

    def clocks(self, server: Web) -> tuple[float, ...]:
        """CPU seconds so far of the web server, PostgreSQL, and this client."""
        database = sum(map(cpu_seconds, family(int(os.environ["POSTGRES_PID"]))))
        return server.process.cpu_seconds(), database, time.process_time()


@contextmanager
def arrival(env: dict[str, str], each: int) -> Iterator[Arrival]:
    """Both web servers, warm: one with Redis, one whose Redis is down."""
    with web(env) as up, web({**env, "REDIS_URL": DOWN}) as down:
        measured = Arrival(env, each, posts(1_000_000, 10**9), up, down)
        for server in (up, down):
            drive(server.port, measured.requests(200), connections=CONNECTIONS)
        yield measured


def measure(env: dict[str, str], each: int, on_done: Callable[[], object]) -> list[Figure]:
    """The rows of the table that are about arrival."""
    with psycopg.connect(env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(FLOOR)
        admin.execute("DROP TABLE IF EXISTS bench_barest")
        admin.execute("CREATE TABLE bench_barest (id bigserial PRIMARY KEY, body bytea)")
    make_store(env["DATABASE_ADMIN_URL"])
    with arrival(env, each) as run:
        floor, ours, down, barest = in_turn(
            run.insert,
            lambda: run.post(run.up),
            lambda: run.post(run.down),
            lambda: run.insert(BAREST),
            on_done=on_done,
        )
        figures = rates(floor, ours, down, barest, run)
        ended = run
    with web(env) as server, process(worker(env), env) as applier:
        figures += latency(ended, server, applier, middle(ours), on_done)
        figures += following.measure(ended, server, middle(ours), on_done)
    return figures


def rates(
    floor: list[float], ours: list[float], down: list[float], barest: list[float], run: Arrival
) -> list[Figure]:
    """Webhooks a second and their p99."""
    ratio = middle([o / f for o, f in zip(ours, floor, strict=True)])
    bare = middle([o / f for o, f in zip(ours, barest, strict=True)])
    lost = middle([d / o for d, o in zip(down, ours, strict=True)])
    p99 = middle([load.percentile(0.99) * 1000 for load in run.loads])
    p50 = middle([load.percentile(0.5) * 1000 for load in run.loads])
    shares = [middle([each[n] for each in run.cpu]) for n in range(3)]
    cpu = "web {:.2f}, PostgreSQL {:.2f}, client {:.2f} cores".format(*shares)
    us, them = f"{middle(ours):,.0f}/s", f"{middle(floor):,.0f}/s"
    return [
        Figure(
            f"order webhook over HTTP, {CONNECTIONS} connections",
            "prepared insert into a table of the same columns and indexes, one row a commit,"
            " one connection",
            f"{us} ({spread(ours)}); {cpu}",
            f"{them} ({spread(floor)})",
            ratio,
            f"{ratio:.2f}",
            0.5,
            0.75,
            rate=middle(ours),
        ),
        Figure(
            "the same",
            "the same insert into (id, body) alone",
            us,
            f"{middle(barest):,.0f}/s",
            bare,
            f"{bare:.2f}",
        ),
        Figure(
            "its p99 under that load",
            "–",
            f"{p99:.0f} ms (p50 {p50:.0f} ms)",
            "–",
            p99,
            f"{p99:.0f} ms",
            300,
            100,
            more_is_better=False,
        ),
        Figure(
            "the same with Redis down",
            "with Redis up",
            f"{middle(down):,.0f}/s ({spread(down)})",
            us,
            lost,
            f"{lost:.2f}",
            0.9,
            1.0,
        ),
    ]


APPLIED = """
    SELECT percentile_cont(ARRAY[0.5, 0.95, 1]) WITHIN GROUP (
        ORDER BY extract(epoch FROM done_at - received_at)), count(*)
    FROM webhooks_delivery WHERE id > %s AND state = 'applied'
"""
LEFT = "SELECT count(*) FROM webhooks_delivery WHERE state = 'pending'"
LAST = "SELECT COALESCE(max(id), 0) FROM webhooks_delivery"


def latency(
    run: Arrival, server: Web, applier: Process, full: float, on_done: Callable[[], object]
) -> list[Figure]:
    """From the commit of a webhook to the commit that applied it, at half the full rate."""
    half, found = full / 2, []
    with psycopg.connect(run.env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        # What the full load has left behind is not what is measured here.
        admin.execute("TRUNCATE webhooks_delivery CASCADE")
        drive(server.port, run.requests(200), connections=CONNECTIONS)
        wait_applied(admin)
        for _ in range(REPETITIONS):
            last = admin.execute(LAST).fetchone()
            prepared = run.requests(round(half * 5))
            drive(server.port, prepared, connections=CONNECTIONS, rate=half)
            wait_applied(admin)
            row = admin.execute(APPLIED, last).fetchone()
            assert row is not None
            assert row[1] == len(prepared), f"{row[1]} of {len(prepared)} were applied"
            found.append(row[0])
            on_done()
    median, p95, most = (middle([each[n] for each in found]) for n in range(3))
    return [
        Figure(
            f"arrival to applied, at half the full rate ({half:,.0f}/s), p95",
            "–",
            f"{p95:.2f} s (median {median:.2f} s, longest {most:.2f} s)",
            "–",
            p95,
            f"{p95:.2f} s",
            5,
            1,
            more_is_better=False,
        )
    ]


def wait_applied(admin: psycopg.Connection, seconds: float = 120.0) -> None:
    """Wait until the inbox is empty."""
    end = time.monotonic() + seconds
    while admin.execute(LEFT).fetchone() != (0,):
        if time.monotonic() > end:
            raise TimeoutError("The worker did not empty the inbox.")
        time.sleep(0.2)
