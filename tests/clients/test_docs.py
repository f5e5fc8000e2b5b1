"""The commands of docs/api/README.md, run as somebody would who reads it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import DOCS, Shop

# `-s` is silent about the status; this tells it on the other channel, after each request.
TELL = 'write-out = "%{stderr}%{http_code}\\n"\n'
ASKS = re.compile(r"(?m)^\s*[^#\n]*?\bcurl -s(?:.*\\\n)*.*$")


def commands() -> str:
    """All of the page's shell, in order."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", (DOCS / "README.md").read_text(), re.S))


def expected() -> list[str]:
    """The first digit of a success, or the whole status that stands behind a command."""
    stated = [re.search(r"# (\d{3})$", asked) for asked in ASKS.findall(commands())]
    return [found[1] if found else "2" for found in stated]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_each_command_of_the_page_does_what_it_says(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text(TELL)
    python = Path(shutil.which("python3")).parent
    script = re.sub(r"(?m)^API=.*$", f"API={shop.address}", commands())

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": f"{python}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    statuses = re.findall(r"(?m)^\d{3}$", done.stderr)
    told = [s if len(wanted) == 3 else s[0] for s, wanted in zip(statuses, expected(), strict=True)]
    assert (told, done.returncode) == (expected(), 0), done.stderr + done.stdout
