"""Waking the workers: at most one message per process, store and fraction of a second."""

import threading
import time

import structlog
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.25  # between two messages for one store
REST_SECONDS = 5.0  # after Redis did not answer; the sweep finds the rows meanwhile


class Nudger:
    """Sends wake-ups from a thread of its own, so that no webhook waits for Redis."""

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, tenant_id: int) -> None:
        """Have the store's inbox looked at soon."""
        if tenant_id in self._waiting and self._runs():
            return
        with self._wake:
            self._waiting.add(tenant_id)
            if not self._runs():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                tenants, self._waiting = self._waiting, set()
            time.sleep(PAUSE_SECONDS if send(tenants) else REST_SECONDS)


def send(tenant_ids: set[int]) -> bool:
    """Queue one task a store; False when Redis does not take it."""
    from webhooks.tasks import apply_inbox

    try:
        for tenant_id in sorted(tenant_ids):
            apply_inbox.apply_async((tenant_id,), retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge_not_sent", error=type(error).__name__)
        return False
    return True


_nudger = Nudger()


def nudge(tenant_id: int) -> None:
    """Have a worker look at the store's inbox soon; costs the caller no call to Redis."""
    _nudger.add(tenant_id)
