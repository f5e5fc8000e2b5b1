"""`demo` prints what is there and who may log in; a mistake is one line."""

import io
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tenants.models import Tenant
from xeno.demo.building import Summary
from xeno.demo.store import PASSWORD
from xeno.management.commands import demo

HELD = Summary(posted=3, customers=2, orders=1, revenue=Decimal("12.5"), set_aside=0)


def test_prints_what_is_there_and_who_may_log_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "build_demo", lambda **_: HELD)
    monkeypatch.setattr(demo, "check_answers", lambda url: None)
    monkeypatch.setattr(demo, "password_works", lambda: True)
    out = io.StringIO()

    call_command("demo", url="http://127.0.0.1:8123/", stdout=out)

    said = out.getvalue()
    assert "counted orders  1\n" in said
    assert "revenue         GBP 12.50" in said
    assert "http://127.0.0.1:8123/admin/" in said
    assert "analyst@demo.example" in said
    assert PASSWORD in said


def test_production_refuses_in_one_line(db: None, settings: LazySettings) -> None:
    settings.XENO_ENV = "production"

    with pytest.raises(CommandError, match="only where XENO_ENV=development"):
        call_command("demo")

    assert not Tenant.objects.exists()


def test_nothing_is_made_where_no_server_answers(db: None) -> None:
    with pytest.raises(CommandError, match="Nothing answers at http"):
        call_command("demo", url="http://127.0.0.1:9")

    assert not Tenant.objects.exists()
