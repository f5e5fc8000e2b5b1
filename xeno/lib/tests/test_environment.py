"""A setting that is wrong is told in one line that quotes no password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xeno.lib.environment import (
    Environment,
    WrongSetting,
    check_database_url,
    check_port,
    check_redis_url,
    read_email_url,
)

PROJECT = Path(__file__).resolve().parents[3]
env = Environment()


@pytest.mark.parametrize(("text", "number"), [("8001", 8001), ("", 7), (" ", 7), ("0", 0)])
def test_a_number_is_read_and_an_empty_one_is_unset(monkeypatch, text, number):
    monkeypatch.setenv("SOME_NUMBER", text)

    assert env.int("SOME_NUMBER", 7) == number


def test_a_number_that_is_not_set_is_its_default(monkeypatch):
    monkeypatch.delenv("SOME_NUMBER", raising=False)

    assert env.int("SOME_NUMBER", 7) == 7


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "²"])
def test_what_is_no_number_is_refused(monkeypatch, text):
    monkeypatch.setenv("SOME_NUMBER", text)

    with pytest.raises(WrongSetting, match=f"SOME_NUMBER is wrong: '{text}' is no whole number"):
        env.int("SOME_NUMBER", 7)


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_has_its_bounds(port):
    with pytest.raises(WrongSetting, match="PORT is wrong"):
        check_port("PORT", port)
    assert check_port("PORT", 65535) == 65535


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h:5432/x", "postgres://u@:5432/x?host=/run/it", "psql://u@h/x"]
)
def test_a_database_on_postgresql_is_taken(url):
    assert check_database_url("DATABASE_URL", url) == url


@pytest.mark.parametrize(
    "url",
    ["garbage", "mysql://u:hidden@h/x", "postgresql://u:hidden@h", "postgresql://u:hidden@h:a/x"],
)
def test_any_other_database_is_refused(url):
    with pytest.raises(WrongSetting, match=r"DATABASE_URL is wrong: .*use postgresql://") as told:
        check_database_url("DATABASE_URL", url)
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://h", "unix:///run/socket?db=0"])
def test_an_address_of_redis_is_taken(url):
    assert check_redis_url("REDIS_URL", url) == url


@pytest.mark.parametrize("url", ["nonsense", "redis:6379", "http://h", "redis://h:port/0"])
def test_any_other_address_is_refused(url):
    with pytest.raises(WrongSetting, match=r"REDIS_URL is wrong: .*use redis://"):
        check_redis_url("REDIS_URL", url)


def test_mail_is_read_and_what_is_no_mail_server_refused():
    assert read_email_url("EMAIL_URL", "smtp+tls://u:p@h:587")["EMAIL_PORT"] == 587
    for wrong in ("foo", "smtp://h:port"):
        with pytest.raises(WrongSetting, match=r"EMAIL_URL is wrong: .*consolemail"):
            read_email_url("EMAIL_URL", wrong)


@pytest.mark.parametrize("command", ["diffsettings", "migrate"])
def test_the_command_line_tells_it_without_a_traceback(command):
    ended = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=PROJECT,
        env=os.environ | {"PORT": "abc"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    said = "manage.py: PORT is wrong: 'abc' is no whole number.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", said)
