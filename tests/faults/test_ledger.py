"""The page of the fault matrix leaves no row out."""

import pytest

from tests.faults import ledger
from tests.faults.ledger import ROWS, find_tests, page, rows_of
from tests.faults.test_odd_dates import PAST


def test_every_required_row_has_a_test():
    tested = {number for numbers in find_tests().values() for number in numbers}

    assert sorted(set(ROWS) - tested) == []


def test_rows_are_read_from_names_and_from_parameters():
    assert rows_of("test_f001_f002_a_kill") == {1, 2}
    assert rows_of("test_odd[f048 the year 0001]") == {48}
    assert rows_of("test_of_0f0481_nothing_f12") == set()


def test_a_failure_is_not_hidden_behind_what_passed(tmp_path, monkeypatch):
    done = {"seconds": 1.0, "slow": False, "measured": [["kills", 3]], "on": "2026-01-01"}
    test = next(test for test, rows in find_tests().items() if 3 in rows)
    results = {f"{test}[a]": {**done, "outcome": "passed"}, test: {**done, "outcome": "failed"}}
    monkeypatch.setattr(ledger, "read_results", lambda: results)

    written = page()

    assert f"| 3 | {ROWS[3]} | failed, 2 tests, 2.0 s, 2026-01-01 | – |" in written
    assert "- measured: kills: 3" in written


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of results of the test's own."""
    monkeypatch.setattr(ledger, "RESULTS", tmp_path / "kept" / "faults.json")


def test_results_of_tests_that_are_no_longer_collected_are_forgotten(store):
    done = {"seconds": 1.0, "slow": False, "measured": [], "on": "2026-01-01", "outcome": "passed"}
    here = "tests/faults/test_ledger.py::test_"
    kept = f"{here}rows_are_read_from_names_and_from_parameters"
    gone = [f"{here}f003_renamed", f"{kept}[f003 a parameter of before]", "gone.py::test_f003_x"]
    ledger.write_results(dict.fromkeys([kept, *gone], done))

    ledger.forget_all_but({kept, f"{here}never_run"})

    assert list(ledger.read_results()) == [kept]
    assert not any(node in ledger.page() for node in gone)
    assert f"| 3 | {ROWS[3]} | – | – |" in ledger.page()


@pytest.mark.slow  # a pytest of its own
def test_what_is_collected_are_the_results_names():
    found = ledger.find_collected("tests/faults/test_ledger.py", "tests/faults/test_odd_dates.py")

    odd = "tests/faults/test_odd_dates.py::test_f048_an_order_of_an_odd_date_is_kept"
    assert f"{odd}_and_every_reader_answers[{PAST}]" in found
    assert "tests/faults/test_ledger.py::test_what_is_collected_are_the_results_names" in found
