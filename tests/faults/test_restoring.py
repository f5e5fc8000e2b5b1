"""A backup that is older than an erasure comes back; those who were erased do not. Row 121."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models.functions import Now

from tests.faults.conftest import dropped
from tests.faults.inboxes import inside
from tests.faults.processes import ROOT, Database, wait_until
from tests.faults.test_privacy_kills import ask, left, work_on
from webhooks.privacy.tests.person import ID, WHO

REDACT = "customers/redact", {"customer": {"id": ID, "email": WHO["email"]}}


def manage(database: Database, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """manage.py on this database, as an operator calls it."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True,
        env={**database.environment(), "XENO_HOME": str(home), "DATABASE_POOL_SIZE": "0"},
    )  # fmt: skip


@pytest.fixture
def home(settings, tmp_path):
    settings.XENO_HOME = tmp_path / "home"
    settings.XENO_HOME.mkdir()
    return settings.XENO_HOME


@pytest.fixture
def fresh(database: Database) -> Iterator[Database]:
    """An empty database beside it."""
    made = Database(f"{database.name}_fresh", database.app, database.admin, database.tenant_id)
    postgres = Database("postgres", database.app, database.admin)
    postgres.ask(f'CREATE DATABASE "{made.name}"')
    made.ask(f"GRANT USAGE ON SCHEMA public TO {database.app['USER']}")
    yield made
    wait_until(lambda: dropped(postgres, made.name), what="the end of all sessions")


@pytest.fixture
def backup(database, home, tmp_path):
    """A backup from before the person's erasure, which is done since."""
    ask(database, *REDACT)
    file = tmp_path / "xeno.dump"
    with inside(database):
        from campaigns.models import Campaign

        Campaign.objects.create(name="Yesterday's")
        began = ("scheduled_for", "started_at", "frozen_at", "progressed_at")
        Campaign.objects.update(state="sending", **dict.fromkeys(began, Now()))
    said = manage(database, home, "backup", str(file))
    assert said.returncode == 0, said.stderr
    work_on(database)
    assert left(database) == set()
    return file


def counts(database: Database) -> list[int]:
    tables = ("orders_order", "orders_lineitem", "webhooks_delivery", "tenants_tenant")
    return [database.ask(f"SELECT count(*) FROM {table}") for table in tables]


def test_f121_a_restored_backup_is_erased_again_from_the_ledger(database, fresh, backup, home):
    said = manage(fresh, home, "restore", str(backup))

    assert said.returncode == 0, said.stderr
    assert "erased again: 0 stores, 1 customers" in said.stdout
    assert left(fresh) == set()
    assert counts(fresh) == counts(database)
    with inside(fresh):
        from customers.models import Customer

        assert not Customer.objects.filter(shopify_id=ID).exists()
    held = fresh.ask("SELECT state || ': ' || pause_reason FROM campaigns_campaign")
    assert held == "paused: restored"
    assert "Campaigns paused until somebody resumes them: 1." in said.stdout
    check_walls(fresh)


def check_walls(database: Database) -> None:
    """The policies, the functions and the rights came back as they were."""
    assert database.ask("SELECT count(*) FROM pg_policy") > 11
    definers = "SELECT count(*) FROM pg_proc WHERE prosecdef"
    public = "AND NOT has_function_privilege('public', oid, 'EXECUTE')"
    assert database.ask(f"{definers} {public}") == database.ask(definers) >= 2
    app = database.app["USER"]
    right = "SELECT has_table_privilege(%s, 'tenants_auditentry', %s)"
    assert database.ask(right, app, "INSERT")
    assert not database.ask(right, app, "DELETE")


def test_f121_without_a_ledger_the_replaced_database_tells(database, backup, home):
    before = counts(database)
    (home / "erasures.jsonl").unlink()

    said = manage(database, home, "restore", str(backup), "--replace")

    assert said.returncode == 0, said.stderr
    assert left(database) == set()
    assert counts(database) == before


def test_f121_a_store_that_was_erased_does_not_come_back(database, fresh, home, tmp_path):
    ask(database, "shop/redact", {})
    file = tmp_path / "xeno.dump"
    manage(database, home, "backup", str(file))
    database.ask("UPDATE tenants_tenant SET uninstalled_at = now()")
    work_on(database)

    said = manage(fresh, home, "restore", str(file))

    assert "erased again: 1 stores, 0 customers" in said.stdout, said.stderr
    assert left(fresh) == set()
    assert counts(fresh) == [0, 0, 0, 0]


def test_nothing_is_thrown_away_unasked_or_for_no_backup(database, backup, home, tmp_path):
    (no_backup := tmp_path / "no.dump").write_text("hello")
    before = counts(database)
    unasked = manage(database, home, "restore", str(backup))
    for_none = manage(database, home, "restore", str(no_backup), "--replace")

    assert (unasked.returncode, for_none.returncode) == (1, 1)
    assert "--replace" in unasked.stderr
    assert counts(database) == before
    assert backup.stat().st_mode & 0o777 == 0o600
