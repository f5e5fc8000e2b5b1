#!/usr/bin/env python3
"""`make bench`: measure every ratio within one run and write bench/RESULTS.md.

Engines, databases and processes are the bench's own, under .xeno-bench/; the large store there
is filled once and reused. Nothing else should run meanwhile: what did is noted with the load.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from tqdm import tqdm

from bench import (
    analytics,
    arrival,
    campaigns,
    handing,
    imports,
    large,
    membership,
    predictions,
    segments,
)
from bench.figures import REPETITIONS, Figure
from bench.machinery import (
    ROOT,
    bench_home,
    environment,
    fresh_database,
    migrated,
    running,
    server_pid,
)
from bench.report import Run, page, table_row
from xeno.embedded import Engines

RESULTS = ROOT / "bench" / "RESULTS.md"
DONE = "done"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything, or with --scale a small try that is printed and not kept."""
    parser = argparse.ArgumentParser(prog="bench.run", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="0.01: a quick try, not written")
    parser.add_argument("--sending", action="store_true", help="those of sending alone, printed")
    options = parser.parse_args(arguments)
    if options.sending:
        return measure_sending(options.scale)
    run = Run.begin(options.scale)
    with running(bench_home(options.scale)) as engines, progress(options.scale) as bar:
        os.environ["POSTGRES_PID"] = str(server_pid(bench_home(options.scale)))
        large_env = prepare_large(engines, options.scale)
        run.limits = json.loads(output(["bench.limits", str(bench_home(options.scale))], large_env))
        run.figures = measure(engines, large_env, options.scale, bar.update)
        bar.set_description("profiles")
        fresh = fresh_database(engines, "bench_profiles")
        run.profiles = output(["bench.profiles", "3000"], {**fresh, "DATABASE_POOL_SIZE": "4"})
    text = page(run.ended())
    if options.scale == 1:
        RESULTS.write_text(text)
        print(f"written: {RESULTS.relative_to(ROOT)}")
    else:
        print(text)
    return any_missed(run.figures)


def measure_sending(scale: float) -> int:
    """The rows of sending, which need no large store; four minutes."""
    home = bench_home(scale)
    with running(home) as engines, tqdm(total=handing.measurements(), disable=None) as bar:
        os.environ["POSTGRES_PID"] = str(server_pid(home))
        return any_missed(sending(engines, scale, bar.update))


def any_missed(figures: Sequence[Figure]) -> int:
    """The process's exit code: 1 when a gate is missed."""
    return int(any("missed" in figure.verdict for figure in figures))


def progress(scale: float) -> "tqdm[None]":
    """A bar of single measurements; without a terminal a line now and then."""
    chunks = payloads_of_memory(scale) // 5_000
    total = 2 * REPETITIONS + 1 + 5 * REPETITIONS + 4 * REPETITIONS + chunks + 10 * REPETITIONS + 6
    total += imports.measurements()
    total += REPETITIONS + segments.measurements() + membership.measurements()
    total += (
        campaigns.measurements()
        + handing.measurements()
        + predictions.measurements()
        + analytics.measurements()
    )
    return tqdm(total=total, unit=" measurements", disable=None)


def payloads_of_memory(scale: float) -> int:
    """How many payloads the worker's memory is watched through."""
    return 100_000 if scale == 1 else 10_000


def orders_of_history(scale: float) -> int:
    """How many orders the store has whose history a worker fetches."""
    return 150_000 if scale == 1 else 6_000


def messages_of_campaign(scale: float) -> tuple[int, int]:
    """How many messages a repetition sends, and a chunk of the run whose memory is watched.

    The longer, the less of it is the end, when only one of two processes has a claim left.
    """
    return (12_000, 12_000) if scale == 1 else (1_000, 2_000)


def prepare_large(engines: Engines, scale: float) -> dict[str, str]:
    """The large store, filled; the environment of what reads it."""
    urls = engines.database_url, engines.database_admin_url
    migrated(*urls, engines.redis_url)
    large.fill(engines.database_admin_url, scale, tqdm.write)
    env = environment(*urls, engines.redis_url)
    large.count_rollups(engines.database_admin_url, env, tqdm.write)
    return env


def measure(
    engines: Engines, large_env: Mapping[str, str], scale: float, on_done: Callable[[], object]
) -> list[Figure]:
    """Every row of the table, part by part."""
    each = 4_000 if scale == 1 else 1_500
    figures = arrival.measure(fresh_database(engines, "bench_arrival"), each, on_done)
    show(figures)
    webhook_rate = figures[0].rate
    applied = part(
        ["bench.apply", str(3_000), str(payloads_of_memory(scale))],
        fresh_database(engines, "bench_apply"),
        on_done,
    )
    ratio = applied[0].rate / webhook_rate
    figures += applied
    figures.append(
        Figure(
            "apply, one worker",
            "the webhook rate above",
            f"{applied[0].rate:,.0f}/s",
            f"{webhook_rate:,.0f}/s",
            ratio,
            f"{ratio:.2f}",
            1.5,
            2.5,
        )
    )
    show(figures[-len(applied) - 1 :])
    history = part(
        ["bench.backfill", str(3_000), str(orders_of_history(scale))],
        fresh_database(engines, "bench_backfill"),
        on_done,
    )
    show(history)
    brought = part(
        ["bench.imports", str(20_000 if scale == 1 else 3_000)],
        fresh_database(engines, "bench_imports"),
        on_done,
    )
    show(brought)
    read = part(["bench.reads"], large_env, on_done)
    show(read)
    segmented = part(["bench.segments"], large_env, on_done)
    show(segmented)
    members = part(["bench.membership"], large_env, on_done)
    show(members)
    planned = part(["bench.campaigns"], large_env, on_done)
    show(planned)
    sent = sending(engines, scale, on_done)
    predicted = part(["bench.predictions"], large_env, on_done)
    show(predicted)
    numbers = part(["bench.analytics"], large_env, on_done)
    show(numbers)
    shop = figures + history + brought + read + segmented + members
    return shop + planned + sent + predicted + numbers


def sending(engines: Engines, scale: float, on_done: Callable[[], object]) -> list[Figure]:
    """Messages from a frozen campaign to a mail server."""
    each = map(str, messages_of_campaign(scale))
    sent = part(["bench.handing", *each], fresh_database(engines, "bench_handing"), on_done)
    show(sent)
    return sent


def show(figures: list[Figure]) -> None:
    """What a part has found, at once: a later part's failure must not lose it."""
    for figure in figures:
        tqdm.write(table_row(figure))


def part(
    arguments: list[str], env: Mapping[str, str], on_done: Callable[[], object]
) -> list[Figure]:
    """Figures from a process of its own: Django works with one database for its whole life."""
    command = [sys.executable, "-m", *arguments]
    figures = []
    with subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for line in child.stdout:
            text = line.decode().strip()
            if text == DONE:
                on_done()
            else:
                figures.append(Figure(**json.loads(text)))
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed: see above.")
    return figures


def output(arguments: list[str], env: Mapping[str, str]) -> str:
    """What a part prints."""
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    done = subprocess.run(command, env=dict(env), cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


if __name__ == "__main__":
    sys.exit(main())
