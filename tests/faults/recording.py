"""A pytest plugin: keeps the last result of every test named by a row of the fault matrix."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.faults.ledger import read_results, rows_of, write_results

_seen: dict[str, dict[str, Any]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how the test ended; a failure before or after it is its own."""
    if not rows_of(report.nodeid.partition("::")[2]):
        return
    known = _seen.setdefault(report.nodeid, {"outcome": report.outcome, "seconds": 0.0})
    if report.outcome != "passed":
        known["outcome"] = report.outcome
    known["seconds"] = round(known["seconds"] + report.duration, 1)
    known["slow"] = "slow" in report.keywords
    known["measured"] = list(report.user_properties)
    known["on"] = f"{datetime.now(UTC):%Y-%m-%d}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Add this run's results to those of earlier ones."""
    if _seen and not hasattr(session.config, "workerinput"):  # xdist's workers report to one
        write_results(read_results() | _seen)
