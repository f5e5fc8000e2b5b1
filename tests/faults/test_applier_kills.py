"""Workers that are killed with -9 in the middle of a replay; what is stored must not show it."""

import os
import random
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from bench.deliveries import Delivery, deliveries
from bench.events import whole_story
from bench.online_retail import read_invoices
from bench.tests.shop import FIXTURE, FULL_FILE
from tests import oracle, stored
from tests.faults.dying_appliers import (
    POINTS,
    forked,
    kill_at_random,
    landed,
    run_to_end,
)
from tests.faults.inboxes import inside, states
from tests.faults.processes import SHOP, Database

KILLS = 50
KILLS_AT_LEAST = {"claim": 5, "apply": 5, "commit": 5}


def told(path: Path) -> list[Delivery]:
    """The whole story of a file of invoices, refunds and all."""
    events = whole_story(read_invoices(path)).events
    return deliveries(events, shop=SHOP, secret=settings.SHOPIFY_API_SECRET)


def put_posts(database: Database, posts: list[Delivery]) -> None:
    columns = "tenant_id, webhook_id, topic, triggered_at, body, body_hash"
    with (
        psycopg.connect(database.url(database.admin)) as admin,
        admin.cursor().copy(f"COPY webhooks_delivery ({columns}) FROM STDIN") as copy,
    ):
        for post in posts:
            copy.write_row(
                (
                    database.tenant_id,
                    post.headers["X-Shopify-Webhook-Id"],
                    post.topic,
                    post.headers["X-Shopify-Triggered-At"],
                    post.body,
                    b"",
                )
            )


def drain(database: Database, appliers: int = 2) -> None:
    """Let living appliers finish, side by side."""
    pids = []
    for _ in range(appliers):
        with forked(database) as (pid, _):
            pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * appliers


def clean_run(posts: list[Delivery]) -> str:
    """The digest of what must be stored, by a slow calculation of its own."""
    return stored.digest(stored.expected_tables(oracle.expected(posts)))


def check_equal_to_a_clean_run(database: Database, count: int, expected: str) -> None:
    with inside(database):
        found = stored.digest(stored.tables())
    assert states(database) == {"applied": count}
    assert database.ask("SELECT count(*) FROM webhooks_applierlease WHERE holder IS NOT NULL") == 0
    assert found == expected


@pytest.fixture
def replay(database: Database) -> tuple[int, str]:
    """A small story in the inbox: of how many webhooks it is, and what must come of it."""
    posts = told(FIXTURE)
    put_posts(database, posts)
    return len(posts), clean_run(posts)


def test_f003_a_kill_at_each_point_of_a_replay_shows_nowhere(
    database: Database, replay: tuple[int, str]
):
    endings = [run_to_end(database, die_at=point) for point in POINTS]
    drain(database)

    assert landed(endings) == Counter(POINTS.values())
    check_equal_to_a_clean_run(database, *replay)


@pytest.mark.slow
def test_f003_fifty_kills_over_the_whole_replay_show_nowhere(database: Database, record_property):
    if not FULL_FILE.exists():
        pytest.skip("needs ../shared/data/online_retail.csv.gz")
    posts, chance = told(FULL_FILE), random.Random(3)
    put_posts(database, posts)
    started, endings = time.monotonic(), list[tuple[int, str]]()

    while sum(landed(endings).values()) < KILLS and len(endings) < 3 * KILLS:
        if len(endings) % 2:
            endings.append(kill_at_random(database, chance))
        else:
            point = list(POINTS)[len(endings) // 2 % len(POINTS)]
            endings.append(run_to_end(database, die_at=point, passes=chance.randint(0, 3)))
    drain(database)

    where = landed(endings)
    record_property("webhooks", len(posts))
    record_property("seconds", round(time.monotonic() - started))
    record_property("kills landed", dict(where))
    assert sum(where.values()) >= KILLS
    assert all(where[part] >= least for part, least in KILLS_AT_LEAST.items()), where
    check_equal_to_a_clean_run(database, len(posts), clean_run(posts))
