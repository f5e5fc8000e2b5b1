"""The page of a run: date, machine, its limits, one table, and where the time goes."""

import os
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bench.figures import REPETITIONS, Figure
from bench.limits import describe_machine
from bench.machinery import ROOT, SERVER_SETTINGS

NOTES = ROOT / "bench" / "notes.md"
HEAD = """\
# What `make bench` measured

{began:%Y-%m-%d %H:%M}–{ended:%H:%M} UTC, {machine}. Commit {commit}{dirty}. {scale}
Load average when it began {load_before}, when it ended {load_after}; with the bench alone on two
processors it is about 2 to 3, what is above was somebody else's work.

Every ratio was measured within this run: base, ours, base, ours, …, {times} times each; a ratio is
the median of the {times} quotients of neighbours, a rate the median (lowest–highest). PostgreSQL 18
and Valkey are the embedded ones, `fsync` and `synchronous_commit` on, with {settings}; the web
server and the workers are started as `make run` starts them (prepared statements on, as there).

## The machine's own limits

| | |
|---|---|
{limits}

## The table

| work | against | ours | base | ratio | gate | aim | verdict |
|---|---|---|---|---|---|---|---|
{table}

{notes}
## Where the time goes
{profiles}"""


@dataclass(frozen=True)
class Moment:
    """A time and how busy the machine was then."""

    at: datetime
    load: str

    @classmethod
    def now(cls) -> "Moment":
        """This one."""
        return cls(datetime.now(UTC), ", ".join(f"{part:.1f}" for part in os.getloadavg()))


@dataclass
class Run:
    """Everything that the page shows."""

    scale: float
    began: Moment
    end: Moment | None = None
    limits: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    profiles: str = ""

    @classmethod
    def begin(cls, scale: float) -> "Run":
        """A run that begins now."""
        return cls(scale, Moment.now())

    def ended(self) -> "Run":
        """The same, ended now."""
        return replace(self, end=Moment.now())


def page(run: Run) -> str:
    """The whole page in Markdown."""
    end = run.end or run.began
    return HEAD.format(
        began=run.began.at,
        ended=end.at,
        load_before=run.began.load,
        load_after=end.load,
        machine=describe_machine(),
        commit=git("rev-parse", "--short", "HEAD"),
        dirty=" with changes" if git("status", "--porcelain") else "",
        scale="" if run.scale == 1 else f"**A try at scale {run.scale:g}.**",
        times=REPETITIONS,
        settings=", ".join(f"`{name} = {value}`" for name, value in SERVER_SETTINGS.items()),
        limits="\n".join(f"| {name} | {value} |" for name, value in run.limits.items()),
        table="\n".join(map(table_row, run.figures)),
        notes=NOTES.read_text() if NOTES.exists() else "",
        profiles=run.profiles,
    )


def table_row(figure: Figure) -> str:
    """One row; what has no gate is there for information."""
    sign = "≥" if figure.more_is_better else "≤"
    limits = [f"{sign} {each:g}" if each is not None else "–" for each in (figure.gate, figure.aim)]
    cells = [figure.work, figure.against, figure.ours, figure.base, figure.shown]
    return f"| {' | '.join([*cells, *limits, figure.verdict])} |"


def git(*arguments: str) -> str:
    """What git says, or nothing where it is not."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()
