"""The page docs/faults.md: each row of the fault matrix, its tests, and how they last ended.

`python -m tests.faults.ledger` writes it from the names in the tree and from the results that
`tests.faults.recording` keeps; `make faults` does both.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "faults.md"
RESULTS = ROOT / ".xeno-test" / "faults.json"

# The rows that are required by now, with the words of the matrix.
ROWS = {
    1: "web killed after the database's commit, before its 200",
    2: "web killed before the commit",
    3: "worker killed in the middle of webhooks, 50 times",
    4: "worker killed between the mail server's answer and the commit",
    5: "worker killed before the mail server heard of it",
    6: "two who are told of one campaign at once",
    7: "a deploy in the middle of a campaign: TERM, then KILL",
    8: "a task that runs out of memory",
    9: "migration killed half way",
    10: "a refresh of members that is killed",
    11: "Redis killed, restarted empty",
    12: "Redis down while webhooks arrive",
    13: "FLUSHALL in the middle of work",
    14: "Redis evicts what is queued",
    15: "visibility timeout shorter than a task",
    16: "a task due beyond the visibility timeout",
    17: "Redis answers and refuses writes",
    18: "PostgreSQL restarted at once during ingest",
    19: "all database sessions terminated",
    20: "PostgreSQL killed; commits must be on disk",
    21: "database connections exhausted",
    22: "a lock held on a hot row",
    23: "deadlock between two workers",
    24: "50 parallel updates of one customer's orders",
    25: "pgbouncer in transaction mode",
    26: "the mail server takes a message and is silent",
    27: "the mail server's connection is torn",
    28: "Shopify slow, throttling, in trouble",
    29: "Redis slow or silent",
    30: "database latency of 100 ms",
    31: "slow client bodies",
    32: "the answer lost after the work was done",
    33: "a host that does not resolve, redirects on the way out",
    34: "the same webhook 100 times at once",
    35: "orders/updated before orders/create",
    36: "an older update after a newer one",
    37: "a late update after a delete",
    38: "a refund before its order",
    39: "the same webhook id from two shops",
    40: "the same order by sync and by webhook",
    41: "a double click on send",
    42: "a merge or another address while a campaign is sent",
    43: "an uninstall that is told after the next install",
    44: "a worker's clock is a day off",
    45: "a clock steps back during a lease",
    46: "a day that lacks an hour, one that has it twice",
    47: "the last days in each store's time zone",
    48: "orders dated 2099 or in the year 1",
    49: "a payload that always raises",
    50: "a payload that ends its worker",
    51: "parked webhooks replayed after a fix",
    52: "ten times the usual webhooks",
    53: "one noisy store beside a quiet one",
    54: "a segment of a million",
    55: "a page of 10^9 rows, a deep one",
    56: "disk full under the database",
    57: "disk full under exports and syncs",
    58: "a disk that fails to write (the server's rule alone: fiu-run is not to be had)",
    59: "file descriptors exhausted",
    60: "318 JSON test files as bodies",
    61: "naughty strings in every text",
    62: "NUL, U+0000 and lone surrogates",
    63: "nesting of 100,000 levels, long arrays",
    64: "bodies of 50 MB, gzip bombs",
    65: "numbers that nothing can hold",
    66: "money: exact decimals, currencies apart",
    67: "duplicate keys, BOM, other encodings",
    68: "hostile text in a segment's query",
    69: "%, _ and backslash in a search",
    70: "SQL within each parameter",
    71: "requests that schemathesis makes up",
    72: "every route with another store's ids",
    73: "filters, orderings and lookups through relations",
    74: "another store's id within a body",
    75: "every page of the admin as another store's staff",
    76: "the cache, warm from another store",
    77: "a task without a store",
    78: "one store's context in another's task",
    79: "row-level security switched off somewhere",
    80: "raw SQL without a store",
    81: "a row moved to another store",
    82: "unique constraints as an oracle",
    83: "refusals that tell what there is",
    84: "exports, previews, test mails and logs of another store",
    85: "rows without a store",
    86: "every role on every route and page",
    87: "fields that no form offers",
    88: "forged and bent tokens",
    89: "a refresh token used twice",
    90: "tokens after a password change or a removal",
    91: "guessed passwords, sprayed ones, lockout as a weapon",
    92: "passwords at rest",
    93: "session fixation, CSRF, cookies, CORS",
    94: "links for a new password and for an invitation",
    95: "the last owner, lifting oneself",
    96: "doors that should be closed",
    97: "a way back from Shopify that is forged, old or used",
    98: "what is no shop's domain",
    99: "forged signatures",
    100: "unknown shops, bodies of another shop",
    101: "redirects to other hosts",
    102: "templates that reach for more than their fields",
    103: "markup in a value",
    104: "line breaks in headers",
    105: "templates that explode",
    106: "tracking links bent to lead elsewhere",
    107: "forged links to unsubscribe",
    108: "scanners that follow every link",
    109: "an unsubscribe or a bounce while a campaign is sent",
    110: "stored HTML in previews and the admin",
    111: "formulae in exported cells",
    112: "another's export, an old one",
    113: "imports that explode",
    114: "a customer is erased: no trace anywhere",
    115: "what comes late brings nobody back",
    116: "a customer's data, complete, for the merchant alone",
    117: "a store is erased, and no other",
    118: "privacy requests with a forged signature",
    119: "an erasure killed half way",
    120: "the audit trail",
    121: "a restored backup is erased again",
}
NUMBER = re.compile(r"(?<![a-z0-9])f(\d{3})(?!\d)")
TEST = re.compile(r"^ *(?:async )?def (test_\w*f\d{3}\w*)\(", re.MULTILINE)
WORST = ("failed", "skipped", "passed")


@dataclass
class Form:
    """A row's short or full form: its tests' last results."""

    results: list[dict[str, Any]] = field(default_factory=list)

    def told(self) -> str:
        """Such as `passed, 3 tests, 2.1 s, 2026-11-22`; a dash when it never ran."""
        if not self.results:
            return "–"
        outcome = next(w for w in WORST if any(r["outcome"] == w for r in self.results))
        count, seconds = len(self.results), sum(r["seconds"] for r in self.results)
        words = f"{outcome}, {count} test{'s' * (count > 1)}, {seconds:.1f} s"
        return f"{words}, {max(r['on'] for r in self.results)}"

    def measured(self) -> list[str]:
        """What the tests themselves noted."""
        return [f"{name}: {value}" for r in self.results for name, value in r["measured"]]


def rows_of(name: str) -> set[int]:
    """The rows that a test's name or its parameters' name speaks of."""
    return {
        int(number) for number in NUMBER.findall(name.replace("test_", "test ").replace("_", " "))
    }


def find_tests() -> dict[str, set[int]]:
    """Every test named by a row, as `path::name`."""
    found = {}
    for path in sorted(ROOT.rglob("test_*.py")):
        if ".venv" in path.parts:
            continue
        for name in TEST.findall(path.read_text()):
            found[f"{path.relative_to(ROOT)}::{name}"] = rows_of(name)
    return found


def read_results() -> dict[str, dict[str, Any]]:
    """The last result of each test that was ever run here, by its node id."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def write_results(results: dict[str, dict[str, Any]]) -> None:
    """Keep these results and no others."""
    RESULTS.parent.mkdir(exist_ok=True)
    draft = RESULTS.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(results, indent=1, default=str))
    draft.replace(RESULTS)


def find_collected(*paths: str) -> set[str]:
    """The node ids of all tests that there are now; CalledProcessError where one has an error."""
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    told = subprocess.run([*argv, *paths], cwd=ROOT, check=True, capture_output=True, text=True)
    return {line for line in told.stdout.splitlines() if "::" in line}


def forget_all_but(nodes: set[str]) -> None:
    """Drop the results of tests that were renamed or removed, and of parameters that are gone."""
    write_results({node: result for node, result in read_results().items() if node in nodes})


def page() -> str:
    """The whole page."""
    tests, forms = (
        defaultdict[int, set[str]](set),
        defaultdict[int, tuple[Form, Form]](lambda: (Form(), Form())),
    )
    for test, numbers in find_tests().items():
        for number in numbers:
            tests[number].add(test)
    for node, result in read_results().items():
        for number in rows_of(node.partition("::")[2]):
            tests[number].add(node.partition("[")[0])
            forms[number][result["slow"]].results.append(result)
    lines = [HEAD]
    for number, title in ROWS.items():
        short, full = (form.told() for form in forms[number])
        lines.append(f"| {number} | {title} | {short} | {full} |")
    lines.append(TAIL)
    for number, title in ROWS.items():
        lines.append(f"\n**{number}: {title}**\n")
        lines += [f"- `{test}`" for test in sorted(tests[number])] or ["- no test yet"]
        lines += [f"- measured: {fact}" for form in forms[number] for fact in form.measured()]
    return "\n".join(lines) + "\n"


HEAD = """\
# The fault matrix, as last run

Written by `make faults` from the tests' own results; do not edit. The short form runs in
`make test` or `make sweep`, the full form in `make faults`; a dash: there is none, or it has not
run here.

| row | fault | short form | full form |
|---|---|---|---|"""
TAIL = """
## The tests of each row"""


if __name__ == "__main__":
    try:
        forget_all_but(find_collected())
    except subprocess.CalledProcessError:
        sys.stderr.write("Some tests cannot be collected: results of removed ones stay.\n")
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
