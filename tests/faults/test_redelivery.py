"""One message handed out more than once: each run is real, the effect is there once."""

import os
import time

import pytest
from celery import current_app
from celery.app.task import Task

from tests.faults.brokers import Broker
from tests.faults.dying_appliers import forked
from tests.faults.inboxes import pending, put, states
from tests.faults.processes import Database, wait_until
from tests.faults.workers import worker
from webhooks import processing
from webhooks.tasks import apply_inbox
from webhooks.tests.shopify import order

ATTEMPTS = "SELECT sum(attempts) FROM webhooks_delivery"
PATIENCE = 300.0  # seconds: what is waited for takes a tenth of it on a quiet machine
APPLIED = "SELECT count(*) FROM webhooks_delivery WHERE state = 'applied'"


def test_f015_two_runs_at_once_apply_each_row_once(database: Database):
    put(database, [order(number) for number in range(1, 1201)])

    with forked(database, lease=60) as (one, _), forked(database, lease=60) as (two, _):
        endings = [os.waitpid(pid, 0)[1] for pid in (one, two)]

    assert endings == [0, 0]
    assert database.ask(ATTEMPTS) == database.ask(APPLIED) == 1200


def test_f015_f016_no_task_or_retry_outlasts_the_visibility_timeout():
    conf = current_app.conf
    visible = conf.broker_transport_options["visibility_timeout"]
    current_app.loader.import_default_modules()
    ours = [task for task in current_app.tasks.values() if not task.name.startswith("celery.")]

    longest = [max(task.time_limit or conf.task_time_limit, wait_of(task)) for task in ours]

    assert ours
    assert max(longest) < visible
    assert processing.TURN_SECONDS < conf.task_soft_time_limit < conf.task_time_limit


def wait_of(task: Task) -> int:
    """The longest that a retry of the task may wait as a message with an ETA."""
    backoff = getattr(task, "retry_backoff", 0)
    return getattr(task, "retry_backoff_max", 600) if backoff else task.default_retry_delay


def tell(broker: Broker, tenant_id: int, **how: float) -> str:
    """Queue the task as the product does, on the test's own broker; the message's id."""
    address = broker.url.replace("unix://", "redis+socket://")
    with current_app.connection_for_write(address) as connection:
        return str(apply_inbox.apply_async((tenant_id,), connection=connection, **how).id)


@pytest.mark.slow
def test_f015_a_task_longer_than_the_visibility_timeout_runs_twice_and_acts_once(
    database: Database, broker: Broker, tmp_path, record_property
):
    put(database, [order(number) for number in range(1, 301)])
    go = tmp_path / "go"  # the first run lasts until the second has begun, however long that takes
    odd = {"FAULT_VISIBILITY": 5, "FAULT_HOLD": str(go), "FAULT_LEASE": 600}

    with worker(database, broker, tmp_path, beat=False, name="one", **odd) as started:
        told = tell(broker, database.tenant_id)
        wait_until(lambda: started.runs(), seconds=PATIENCE, what="the first run")
        time.sleep(6)
        # A worker that starts looks at once for what others have not acknowledged in time.
        with worker(database, broker, tmp_path, beat=False, name="two", **odd):
            again = lambda: started.runs().count(told) > 1  # noqa: E731
            wait_until(again, seconds=PATIENCE, what="a second run")
            meanwhile = pending(database)
            go.touch()
            wait_until(lambda: not pending(database), seconds=PATIENCE, what="an empty inbox")
        runs = started.runs().count(told)

    record_property("runs of one message", runs)
    assert (runs >= 2, meanwhile) == (True, 300), "the runs were not at the same time"
    assert states(database) == {"applied": 300}
    assert database.ask(ATTEMPTS) == 300
    assert database.ask("SELECT count(*) FROM orders_order") == 300


@pytest.mark.slow
def test_f016_an_eta_beyond_the_visibility_timeout_acts_once(
    database: Database, broker: Broker, tmp_path, record_property
):
    put(database, [order(number) for number in range(1, 301)])
    odd = {"FAULT_VISIBILITY": 10, "FAULT_LEASE": 60}

    with (
        worker(database, broker, tmp_path, beat=False, name="one", **odd) as started,
        worker(database, broker, tmp_path, beat=False, name="two", **odd),
    ):
        told = tell(broker, database.tenant_id, countdown=60)
        wait_until(lambda: told in started.runs(), seconds=PATIENCE, what="the first run")
        wait_until(lambda: not pending(database), seconds=PATIENCE, what="an empty inbox")
        time.sleep(3)
        runs = started.runs().count(told)

    record_property("runs of one message", runs)
    assert states(database) == {"applied": 300}
    assert database.ask(ATTEMPTS) == 300
