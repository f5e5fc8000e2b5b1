"""A worker that is killed with -9 in the middle of an erasure; the next one ends it. Row 119."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tenants.models import Tenant
from tests.faults.inboxes import inside, put
from tests.faults.processes import Database
from webhooks import processing
from webhooks.models import Delivery
from webhooks.privacy import erasing, leaving, requests, working
from webhooks.privacy.tests.person import ID, WHO, buy, files, forms, whole
from webhooks.tests.shopify import order
from xeno.lib.postgres.scope import tenant_scope

# After which of its calls the worker dies: the module and the function.
OF_A_CUSTOMER = {
    "the door closed": (erasing, "close_the_door"),
    "a span blanked": (erasing, "blank_span"),
    "the bodies blanked": (erasing, "blank_bodies"),
    "a table erased, before the commit": (erasing, "erase_of_table"),
    "the rows erased, before the commit": (erasing, "erase_rows"),
    "done, before the commit": (erasing, "finish"),
    "committed": (erasing, "redact_customer"),
}
OF_A_STORE = {
    "a batch deleted": (leaving, "delete_in_batches"),
    "the ledger written": (leaving.receipts, "save_receipt"),
    "committed": (leaving, "forget_stores"),
}
WORDS = ("canaryson", "canary@example.com", "+447700900123")


def ask(database: Database, topic: str, body: dict[str, Any]) -> None:
    """The person's story, then the request; all of it applied, nothing worked off."""
    orders = [buy(number) for number in range(501, 541)]
    put(database, [whole()], prefix="c", topic="customers/create")
    put(database, [*orders, order(900, email="dee@example.com", customer=None)])
    put(database, [{"shop_id": 1, "shop_domain": "fault.myshopify.com", **body}],
        prefix="p", topic=topic)  # fmt: skip
    with inside(database):
        processing.apply_inbox(tenant=Tenant.objects.get(pk=database.tenant_id), seconds=60)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}


def work_and_die(database: Database, module: Any, name: str) -> None:
    """A worker of its own process, which dies after the first call of this function."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.connection = None
            connection.settings_dict["NAME"] = database.name
            healthy = getattr(module, name)

            def call(*args: Any, **kwargs: Any) -> Any:
                healthy(*args, **kwargs)
                os.kill(os.getpid(), signal.SIGKILL)

            for holder in (module, working):
                if getattr(holder, name, None) is healthy:
                    setattr(holder, name, call)
            working.WORK = {
                kind: call if done is healthy else done for kind, done in working.WORK.items()
            }
            work(database)
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"it did not die after {name}"


def work(database: Database) -> None:
    with tenant_scope(database.tenant_id):
        for tenant in Tenant.objects.filter(pk=database.tenant_id):
            working.work_off(tenant=tenant)


def work_on(database: Database) -> None:
    """The next worker, once the dead one's lease is over."""
    database.ask("UPDATE webhooks_privacyrequest SET held_until = NULL")
    with inside(database):
        work(database)


def left(database: Database) -> set[str]:
    """The tables, as the migrator sees them, and files that still tell of the person."""
    tables = database.ask(
        "SELECT array_agg(relname::text) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    found = {path for path, text in files(settings.XENO_HOME).items() if names(text)}
    for table in tables:
        text = database.ask(f"SELECT string_agg(t::text, '|') FROM (SELECT * FROM \"{table}\") t")
        if names(text or ""):
            found.add(table)
    return found


def names(text: str) -> bool:
    """Whether the text tells of the person, in letters or as the digits of bytes."""
    known = {form for word in WORDS for form in forms(word)}
    return any(form in text.lower() or form.encode().hex() in text.lower() for form in known)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.XENO_HOME = tmp_path


@pytest.mark.parametrize("point", OF_A_CUSTOMER)
def test_f119_a_kill_in_the_middle_of_a_customers_erasure_shows_nowhere(
    database: Database, point: str
) -> None:
    ask(database, "customers/redact", {"customer": {"id": ID, "email": WHO["email"]}})
    assert left(database) >= {"customers_customer", "orders_order", "webhooks_delivery"}

    work_and_die(database, *OF_A_CUSTOMER[point])
    work_on(database)

    assert left(database) == set()
    assert database.ask("SELECT count(*) FROM webhooks_privacyrequest WHERE done_at IS NULL") == 0
    assert database.ask("SELECT count(*) FROM webhooks_erasurereceipt") == 1
    assert database.ask("SELECT count(*) FROM orders_order") == 41
    assert database.ask("SELECT count(*) FROM customers_customer") == 0


@pytest.mark.parametrize("point", OF_A_STORE)
def test_f119_a_kill_in_the_middle_of_a_stores_erasure_shows_nowhere(
    database: Database, point: str
) -> None:
    ask(database, "shop/redact", {})
    database.ask("UPDATE tenants_tenant SET uninstalled_at = now()")

    work_and_die(database, *OF_A_STORE[point])
    work_on(database)

    assert left(database) == set()
    assert database.ask("SELECT count(*) FROM tenants_tenant") == 0
    assert database.ask("SELECT count(*) FROM webhooks_delivery") == 0
    assert database.ask("SELECT count(*) FROM webhooks_erasurereceipt") == 1
    assert requests.LEASE.total_seconds() >= settings.CELERY_TASK_TIME_LIMIT
