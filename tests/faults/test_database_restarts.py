"""Rows 18 to 20: PostgreSQL restarts, dies, throws everybody out; the web process lives on."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.core.checks import Error

from tests.faults.own_engine import OwnEngine, lent_to
from tests.faults.processes import Database
from tests.faults.serving import Answer, Senders, Served, ask
from xeno.checks import check_database_role

RECOVERY_SECONDS = 5.0
STORED = "SELECT array_agg(webhook_id) FROM webhooks_delivery"


def assert_honest(senders: Senders, database: Database) -> None:
    """All that was acknowledged is stored; every refusal was a 503 that says when to come again."""
    assert senders.acknowledged() <= set(database.ask(STORED) or [])
    refused = [answer for answer in senders.answers if answer.status != 200]
    assert {(answer.status, answer.retry_after) for answer in refused} <= {(503, "5")}


def assert_recovered(answers: list[Answer], back_at: float) -> float:
    """Soon after the engine's return everything is taken again; how soon, in seconds."""
    late = [answer for answer in answers if answer.asked_at > back_at + RECOVERY_SECONDS]
    assert {answer.status for answer in late} <= {200}
    first = min(a.came_at for a in answers if a.status == 200 and a.asked_at > back_at)
    assert first < back_at + RECOVERY_SECONDS
    return round(first - back_at, 2)


def restart_at_once(engine: OwnEngine) -> None:
    engine.restart_at_once()


def kill_and_start(engine: OwnEngine) -> None:
    engine.kill()
    time.sleep(0.5)
    engine.start()


@pytest.mark.parametrize(
    "crash", [restart_at_once, kill_and_start], ids=["f018_restart", "f020_kill"]
)
def test_f018_f020_nothing_acknowledged_is_lost_in_a_crash(
    engine: OwnEngine, served: Served, record_property, crash
):
    with Senders(served.address) as senders:
        senders.wait_for_more(50)
        worker = served.server.worker()
        crash(engine)
        back_at = time.monotonic()
        senders.wait_for_more(50)

    assert_honest(senders, served.database)
    seconds = assert_recovered(senders.answers, back_at)
    record_property("seconds from the return to the first 200", seconds)
    assert served.server.worker() == worker


@pytest.mark.slow
def test_f018_twenty_crashes_and_long_absences(engine: OwnEngine, served: Served, record_property):
    seconds = []
    with Senders(served.address) as senders:
        for crash in range(20):
            senders.wait_for_more(50)
            if crash % 5 == 4:  # long enough for patience between two tries to have grown
                engine.kill()
                time.sleep(12)
                engine.start()
            else:
                engine.restart_at_once()
            back_at, before = time.monotonic(), len(senders.answers)
            senders.wait_for_more(1)
            time.sleep(1)
            seconds.append(assert_recovered(senders.answers[before:], back_at))

    assert_honest(senders, served.database)
    record_property("seconds from 20 returns to the first 200, at most", max(seconds))
    record_property("acknowledged and stored", len(senders.acknowledged()))


@pytest.fixture
def senders(engine: OwnEngine, served: Served) -> Iterator[Senders]:
    """Those who send to a pool whose server has been away for 3.2 s."""
    with Senders(served.address) as sending:
        sending.wait_for_more(10)
        engine.kill()
        try:
            # psycopg_pool doubles its pauses: it would come after 1, 3 and 7 s.
            time.sleep(3.2)
            yield sending
        finally:
            engine.start()


def test_f018_a_pool_that_lost_its_server_for_seconds_tries_again_soon(
    engine: OwnEngine, served: Served, senders: Senders
):
    engine.start()
    back_at = time.monotonic()
    senders.wait_for_more(10)

    assert_honest(senders, served.database)
    first = min(a.came_at for a in senders.answers if a.status == 200 and a.asked_at > back_at)
    assert first < back_at + 2.5


def test_f019_backends_that_are_terminated_are_replaced(engine: OwnEngine, served: Served):
    terminate = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        f" WHERE datname = '{served.database.name}' AND pid <> pg_backend_pid()"
    )
    with Senders(served.address) as senders:
        senders.wait_for_more(20)
        (ended,) = engine.ask_superuser(terminate)
        terminated_at = time.monotonic()
        pages = [ask(served.address, "GET", "/orders", headers=served.bearer) for _ in range(20)]
        senders.wait_for_more(50)

    assert ended >= 2
    assert {page.status for page in pages} <= {200, 503}
    assert pages[-1].status == 200
    assert_honest(senders, served.database)
    assert_recovered(senders.answers, terminated_at)


def test_f020_the_application_commits_to_the_disk(own_database: Database):
    with psycopg.connect(own_database.url(own_database.app)) as application:
        shown = [
            application.execute(f"SHOW {name}").fetchone()[0]
            for name in ("synchronous_commit", "fsync", "full_page_writes")
        ]

    assert shown == ["on", "on", "on"]


def test_f058_a_write_that_the_disk_refuses_ends_the_server_and_is_not_passed_over(
    own_database: Database,
):
    """Recovery then begins from the log, as row 20 shows; a retried fsync could lie (fsyncgate).

    Errors of the disk itself need fiu-run, which is not on this machine.
    """
    with psycopg.connect(own_database.url(own_database.app)) as application:
        assert application.execute("SHOW data_sync_retry").fetchone()[0] == "off"
        assert application.execute("SHOW zero_damaged_pages").fetchone()[0] == "off"


def test_f020_a_login_that_does_not_wait_for_the_disk_is_refused(
    engine: OwnEngine, own_database: Database, settings
):
    settings.PRODUCTION = True
    engine.ask_superuser(
        f"ALTER ROLE xeno_app IN DATABASE {own_database.name} SET synchronous_commit = off"
    )

    with lent_to(own_database):
        found = check_database_role(None, databases=["default"])

    assert [(type(error), error.id) for error in found] == [(Error, "xeno.E006")]
