"""`screenshots` has no place in production, and says what it lacks."""

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from xeno.demo import picturing
from xeno.management.commands import screenshots


def test_production_refuses_in_one_line(settings: LazySettings) -> None:
    settings.XENO_ENV = "production"

    with pytest.raises(CommandError, match="only where XENO_ENV=development"):
        call_command("screenshots")


def test_without_a_browser_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(screenshots, "check_answers", lambda url: None)
    monkeypatch.setattr(screenshots, "show_something", lambda: None)
    monkeypatch.setattr(picturing.shutil, "which", lambda name: None)

    with pytest.raises(CommandError, match="apt install chromium"):
        call_command("screenshots", folder=tmp_path)
