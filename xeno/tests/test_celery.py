"""What every worker is told: nothing is lost, nothing runs twice at once, nothing is unpickled."""

import pytest
from celery.signals import beat_init
from kombu.transport.redis import Channel
from redis.exceptions import ConnectionError as RedisConnectionError

from xeno.celery import LastingChannel, app
from xeno.health import WORKER_SIGN_SECONDS

app.loader.import_default_modules()
app.finalize()


@pytest.mark.parametrize("entry", app.conf.beat_schedule.values(), ids=lambda entry: entry["task"])
def test_what_beat_schedules_exists(entry):
    assert entry["task"] in app.tasks
    assert entry["schedule"] > 0
    assert "args" not in entry  # it would name one store


def test_a_worker_says_that_it_lives_several_times_before_the_sign_fades():
    assert app.conf.beat_schedule["worker-alive"]["schedule"] * 3 <= WORKER_SIGN_SECONDS


def test_the_inbox_is_swept_within_seconds():
    assert app.conf.beat_schedule["sweep-inbox"]["schedule"] <= 15


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("task_acks_late", True),  # a killed worker's task comes again
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),  # a busy worker hoards no store's work
        ("task_ignore_result", True),
        ("task_serializer", "json"),
        ("accept_content", ["json"]),  # a pickle could run anything
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("broker_channel_error_retry", True),
        ("worker_hijack_root_logger", False),
        ("timezone", "UTC"),
    ],
)
def test_workers_are_told(setting, value):
    assert app.conf[setting] == value


def test_no_task_lives_until_its_message_is_given_to_another_worker():
    visible_again = app.conf.broker_transport_options["visibility_timeout"]

    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < visible_again


def test_nobody_waits_long_for_a_broker_that_is_silent():
    options = app.conf.broker_transport_options

    assert options["socket_connect_timeout"] <= 5
    assert options["socket_timeout"] <= 10


@pytest.mark.parametrize("name", sorted(n for n in app.tasks if n.startswith("webhooks.")))
def test_no_task_of_ours_undoes_what_workers_are_told(name):
    task = app.tasks[name]

    assert task.acks_late is True
    assert task.reject_on_worker_lost is True
    assert task.serializer == "json"


def test_every_connection_to_the_broker_is_a_lasting_one():
    with app.connection_for_write() as connection:
        assert connection.get_transport_cls().Channel is LastingChannel


def test_a_channel_of_a_closed_connection_says_so():
    channel = LastingChannel.__new__(LastingChannel)
    channel.connection = type("Closed", (), {"client": None})()

    with pytest.raises(RedisConnectionError, match="lost"):
        channel._connparams()


def test_a_channel_of_an_open_connection_asks_kombu(monkeypatch):
    monkeypatch.setattr(Channel, "_connparams", lambda self, asynchronous: {"host": "h"})
    channel = LastingChannel.__new__(LastingChannel)
    channel.connection = type("Open", (), {"client": object()})()

    assert channel._connparams() == {"host": "h"}
    monkeypatch.undo()
    channel._closed = True  # it was never opened: nothing to close when it goes


def test_no_beat_starts_for_an_install_that_is_refused(settings):
    settings.XENO_ENV = "prod"

    with pytest.raises(SystemExit, match=r"Xeno does not start: .*E008"):
        beat_init.send(sender=None)
