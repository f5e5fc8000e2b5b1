"""What the machine itself can do, measured in the same run: the ground under every ratio."""

import hmac
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
import msgspec
import psycopg

from bench.bodies import posts
from bench.deliveries import DEVELOPMENT_SECRET
from bench.figures import REPETITIONS, middle

SECONDS = 0.4  # of one repetition
BLOCK = b"x" * 8192


def rate(work: Callable[[], object]) -> float:
    """How often a second: the median of some repetitions."""
    found = []
    for _ in range(REPETITIONS):
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            work()
            count += 1
        found.append(count / (time.perf_counter() - began))
    return middle(found)


def machine_limits(folder: Path, admin_url: str) -> dict[str, str]:
    """Name and figure of each limit."""
    (post,) = posts(1_000_000, 1)
    decode = typed_decoder()
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_commits")
        connection.execute("CREATE TABLE bench_commits (n int)")
        cursor = connection.cursor()
        commits = rate(lambda: cursor.execute("INSERT INTO bench_commits VALUES (1)", prepare=True))
        select = rate(lambda: cursor.execute("SELECT 1", prepare=True))
        connection.execute("DROP TABLE bench_commits")
    size = f"{len(post.body) / 1000:.1f} KB"
    secret = DEVELOPMENT_SECRET.encode()
    return {
        "write and fdatasync of 8 KB": f"{fsyncs(folder):,.0f}/s",
        "commits of one small row, one connection": f"{commits:,.0f}/s",
        "`select 1`, one connection": f"{select:,.0f}/s",
        f"HMAC-SHA256 of {size}": micros(rate(lambda: hmac.digest(secret, post.body, "sha256"))),
        f"JSON of an order, {size}, json": micros(rate(lambda: json.loads(post.body))),
        f"JSON of an order, {size}, msgspec, typed": micros(rate(lambda: decode(post.body))),
    }


def typed_decoder() -> Callable[[bytes], object]:
    """The decoder of the part of an order that the program reads."""
    from webhooks.mapping.orders import OrderPayload

    return msgspec.json.Decoder(OrderPayload).decode


def fsyncs(folder: Path) -> float:
    """As pg_test_fsync does with fdatasync: write a block over an old one, wait for the disk."""
    path = folder / "fsync.test"
    path.write_bytes(BLOCK)
    descriptor = os.open(path, os.O_WRONLY)

    def write() -> None:
        os.pwrite(descriptor, BLOCK, 0)
        os.fdatasync(descriptor)

    try:
        return rate(write)
    finally:
        os.close(descriptor)
        path.unlink()


def main() -> None:
    """`python -m bench.limits FOLDER`: the limits as JSON; the environment names the database."""
    django.setup()
    print(json.dumps(machine_limits(Path(sys.argv[1]), os.environ["DATABASE_ADMIN_URL"])))


def micros(times_a_second: float) -> str:
    """Microseconds of one."""
    return f"{1_000_000 / times_a_second:.1f} µs"


def describe_machine() -> str:
    """Processors, memory, system: what a reader needs to compare."""
    info = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {names[0] if names else platform.machine()}, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
