"""The page of the fault matrix leaves no row out."""

from tests.faults import ledger
from tests.faults.ledger import ROWS, find_tests, page, rows_of


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
