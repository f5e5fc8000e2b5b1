"""A TypeScript client made of our description, type-checked, and run by node against a server.

The file that keeps the tokens is the one that docs/api/spa-tokens.md shows.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import DOCS, Shop

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
STRICT = ["--strict", "--noUncheckedIndexedAccess", "--skipLibCheck"]  # not the compiler's own
MODULES = ["--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"]

pytestmark = [
    pytest.mark.skipif(not shutil.which("node"), reason="needs node (apt install nodejs npm)"),
    pytest.mark.skipif(not PACKAGES.is_dir(), reason="needs `make clients`, which asks npm"),
]


def run(*argv: Any, cwd: Path) -> str:
    """What the command printed; the test fails with what it said when it failed."""
    done = subprocess.run([str(word) for word in argv], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(description: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client, its types made of the description, compiled."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(PACKAGES)
    (folder / "package.json").write_text('{"type": "module"}')
    for name in ("story.ts", "run.mjs"):
        shutil.copy(HERE / name, folder)
    page = (DOCS / "spa-tokens.md").read_text()
    (folder / "session.ts").write_text(re.search(r"```ts\n(.*?)```", page, re.S)[1])
    run("node_modules/.bin/openapi-typescript", description, "-o", "schema.d.ts", cwd=folder)
    run("node_modules/.bin/tsc", *STRICT, *MODULES, "story.ts", cwd=folder)
    return folder


@pytest.fixture
def tell(built: Path, shop: Shop) -> Callable[[str], Any]:
    """Run one of the stories; gives what it returned."""
    return lambda story: json.loads(
        run("node", "run.mjs", story, shop.address, shop.password, cwd=built)
    )


def test_a_typescript_client_signs_in_refreshes_and_walks_a_list(tell):
    assert tell("walk") == {
        "seen": [f"{n}@example.com" for n in (4, 3, 2, 1, 0)],
        "rotated": True,
    }


def test_two_tabs_refresh_at_once_and_both_stay_signed_in(tell):
    assert tell("tabs") == [200] * 4


def test_a_typescript_client_reads_each_refusal_in_one_shape(tell):
    assert tell("refusals") == [
        [400, "unknown_parameter", "citty"],
        [400, "invalid", "country"],
        [404, "store_not_found", None],
        [401, "not_authenticated", None],
    ]


def test_signing_out_in_one_tab_tells_the_other_to_sign_in(tell):
    assert tell("leaving") == {"wrong": "wrong_credentials", "after": "SignedOut"}
