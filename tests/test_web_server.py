"""The web server finds the application as nobody else has loaded it."""

import os
import subprocess
import sys

from tests.faults.processes import ROOT


def test_the_application_is_loaded_where_nothing_of_django_is_set_up():
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "xeno.settings", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import xeno.wsgi"],
        env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
