"""The workers' app with short times and deliveries that hurt; only these tests run it.

No failpoint lives in the product. The environment says what is odd:
FAULT_LEASE, FAULT_SWEEP, FAULT_VISIBILITY seconds of the lease, the sweep, the visibility timeout;
FAULT_PAUSE seconds for which each batch of rows is held before it is applied; FAULT_HOLD a file
for which it waits then;
FAULT_RUNS a file that gets a line for each run of a task; FAULT_MEMORY megabytes that a worker's
child may take beyond what it has at its start;
FAULT_SENDING the seconds of `Times`, with which campaigns are sent and swept for every half second.
FAKETIME libfaketime's own, which does not know how Python sleeps.
An order whose note is "abort" takes its worker down; one whose note is "raise" raises.
"""

import os
import resource
import select
import signal
import time
from pathlib import Path
from typing import Any

import django
from celery.signals import task_prerun, worker_process_init

django.setup()

from tests.faults.dying_senders import Times  # noqa: E402  # they need Django
from tests.faults.hurting import hurt, shorten_lease  # noqa: E402
from webhooks import processing  # noqa: E402
from xeno.celery import app  # noqa: E402

MEGABYTE = 1024 * 1024


def number(name: str) -> float:
    return float(os.environ.get(name, "0"))


shorten_lease(number("FAULT_LEASE") or 1.0)
hurt()
app.conf.beat_schedule["sweep-inbox"]["schedule"] = number("FAULT_SWEEP") or 0.5
app.conf.beat_max_loop_interval = 0.5
if told := os.environ.get("FAULT_SENDING"):
    Times(*(float(seconds) for seconds in told.split())).apply()
    app.conf.beat_schedule["sweep-campaigns"]["schedule"] = 0.5
if number("FAULT_VISIBILITY"):
    app.conf.broker_transport_options["visibility_timeout"] = number("FAULT_VISIBILITY")

if "FAKETIME" in os.environ:
    time.sleep = lambda seconds: select.select([], [], [], seconds) and None

read = processing.read


def read_slowly(*args: Any) -> Any:
    rows = read(*args)
    time.sleep(number("FAULT_PAUSE") if rows else 0)
    held_until = os.environ.get("FAULT_HOLD")
    while rows and held_until and not Path(held_until).exists():
        time.sleep(0.05)
    return rows


processing.read = read_slowly


@task_prerun.connect
def note_run(task_id: str, task: Any, args: Any, **_: Any) -> None:
    if path := os.environ.get("FAULT_RUNS"):
        with Path(path).open("a") as runs:
            runs.write(f"{task.name} {task_id} {args[0] if args else ''} {time.time()}\n")


@worker_process_init.connect
def limit_memory(**_: Any) -> None:
    if number("FAULT_MEMORY"):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + int(number("FAULT_MEMORY") * MEGABYTE)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
