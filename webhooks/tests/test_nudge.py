"""Webhooks wake the workers: few messages however many they are, and never their own wait."""

import threading
import time

import pytest
from kombu.exceptions import OperationalError

from webhooks import nudge
from webhooks.nudge import Nudger
from webhooks.tasks import apply_inbox


class Own:
    """Hears of the threads of this test alone: those of earlier ones may still be busy."""

    def __init__(self):
        self.earlier = set(threading.enumerate()) - {threading.current_thread()}

    def is_of_others(self) -> bool:
        return threading.current_thread() in self.earlier


class Outbox(Own):
    """Notes what is sent, in place of Redis; an answer may take its time or fail."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.threads = set()
        self.error = None

    def apply_async(self, arguments, **options):
        if self.is_of_others():
            return
        self.threads.add(threading.current_thread())
        if self.error:
            raise self.error
        assert options == {"retry": False}  # a second try would hold up the other stores
        self.sent.append(arguments[0])


@pytest.fixture
def outbox(monkeypatch):
    box = Outbox()
    monkeypatch.setattr(apply_inbox, "apply_async", box.apply_async)
    return box


class Pauses(Own):
    """The nudger's pauses: noted, and each as long as the test holds it."""

    def __init__(self):
        super().__init__()
        self.seconds = []
        self.gate = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)

    def sleep(self, seconds):
        if self.is_of_others():
            return
        self.seconds.append(seconds)
        self.begun.release()
        self.gate.acquire(timeout=10)

    def wait_for_one(self):
        assert self.begun.acquire(timeout=10), "nothing was sent"

    def end_one(self):
        self.gate.release()


@pytest.fixture
def pauses(monkeypatch):
    held = Pauses()
    monkeypatch.setattr(nudge, "time", held)
    yield held
    monkeypatch.undo()
    held.end_one()  # so that the thread rests in its wait and not in this test's pause


def test_one_webhook_wakes_its_store(outbox, pauses):
    Nudger().add(7)
    pauses.wait_for_one()

    assert outbox.sent == [7]
    assert pauses.seconds == [nudge.PAUSE_SECONDS]


def test_a_thousand_webhooks_in_one_pause_are_one_message(outbox, pauses):
    nudger = Nudger()
    nudger.add(7)
    pauses.wait_for_one()

    for _ in range(1000):
        nudger.add(7)
    assert outbox.sent == [7]
    pauses.end_one()
    pauses.wait_for_one()

    assert outbox.sent == [7, 7]


def test_each_store_has_a_message_of_its_own(outbox, pauses):
    nudger = Nudger()
    nudger.add(7)
    pauses.wait_for_one()

    for tenant_id in (9, 8, 9, 8):
        nudger.add(tenant_id)
    pauses.end_one()
    pauses.wait_for_one()

    assert outbox.sent == [7, 8, 9]


def test_the_caller_never_talks_to_redis(outbox, pauses):
    Nudger().add(7)
    pauses.wait_for_one()

    assert threading.current_thread() not in outbox.threads
    assert all(thread.daemon for thread in outbox.threads)  # none keeps the process from ending


def test_the_caller_does_not_wait_while_redis_is_slow(monkeypatch):
    slow = threading.Event()
    monkeypatch.setattr(nudge, "send", lambda tenants: slow.wait(10))
    nudger = Nudger()

    begun = time.monotonic()
    for tenant_id in range(100):
        nudger.add(tenant_id)
    took = time.monotonic() - begun
    slow.set()

    assert took < 5


@pytest.mark.parametrize(
    "error", [OperationalError("refused"), ConnectionRefusedError(), TimeoutError()]
)
def test_while_redis_is_down_it_rests_and_raises_nothing(outbox, pauses, error):
    outbox.error = error
    nudger = Nudger()

    nudger.add(7)
    pauses.wait_for_one()

    assert pauses.seconds == [nudge.REST_SECONDS]
    assert nudger._thread.is_alive()


def test_after_a_rest_the_next_webhook_is_sent(outbox, pauses):
    outbox.error = OperationalError("refused")
    nudger = Nudger()
    nudger.add(7)
    pauses.wait_for_one()

    outbox.error = None
    nudger.add(8)
    pauses.end_one()
    pauses.wait_for_one()

    assert outbox.sent == [8]


@pytest.mark.parametrize("waiting", [set(), {7}])
def test_a_thread_that_ended_is_replaced_whoever_waits(outbox, pauses, waiting):
    nudger = Nudger()
    nudger._waiting = set(waiting)  # as a fork, or a mistake that ended the thread, leaves it
    nudger._thread = threading.Thread(target=lambda: None)
    nudger._thread.start()
    nudger._thread.join()

    nudger.add(7)
    pauses.wait_for_one()

    assert outbox.sent == [7]


def test_sending_tells_whether_redis_took_all_of_it(outbox):
    assert nudge.send({3, 1, 2}) is True
    assert outbox.sent == [1, 2, 3]

    outbox.error = OperationalError("refused")
    assert nudge.send({4}) is False


def test_a_mistake_of_ours_is_no_trouble_of_redis(outbox):
    outbox.error = TypeError("a mistake")

    with pytest.raises(TypeError):
        nudge.send({1})
