"""A recompute of all totals that is killed in the middle: found again, and ended."""

import os
import signal
from functools import partial

from django.db import connection

from orders import totals
from tenants.models import Tenant
from tests.faults.inboxes import inside, put
from tests.faults.processes import Database
from tests.faults.test_migration_kills import die_at
from webhooks import processing, recomputing, tasks
from webhooks.tests.shopify import at, customer, order
from xeno.lib.postgres.scope import tenant_scope

CUSTOMERS = 9
IN_STEP = "SELECT count(*) FROM customers_customer WHERE total_spent = 100000"


def recompute_and_die(database: Database, chunk: int) -> int:
    """Recompute in a process that kills itself within this chunk; the signal that ended it."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        connection.settings_dict["NAME"] = database.name
        die_at(totals, "recompute_totals", chunk)()
        with tenant_scope(database.tenant_id):
            recomputing.recompute(tenant=Tenant.objects.get(pk=database.tenant_id))
        os._exit(0)
    return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_f003_a_recompute_that_is_killed_goes_on_where_it_was(database: Database, monkeypatch):
    monkeypatch.setattr(totals, "next_customers", partial(totals.next_customers, chunk=2))
    told: list[int] = []
    monkeypatch.setattr(tasks.recompute_totals, "delay", told.append)
    put(database, [order(n, currency="EUR", customer=customer(n)) for n in range(1, 1 + CUSTOMERS)])
    put(database, [{"id": 1, "currency": "EUR", "updated_at": at(5)}], prefix="s",
        topic="shop/update")  # fmt: skip
    with inside(database):
        # One delivery a batch: the orders are applied in the old currency.
        monkeypatch.setattr(processing, "BATCH_SIZES", (CUSTOMERS, 1))
        processing.apply_inbox(tenant=Tenant.objects.get(pk=database.tenant_id))
    before = database.ask(IN_STEP)

    ended = recompute_and_die(database, 3)
    after = database.ask(IN_STEP)
    database.ask("UPDATE webhooks_staletotals SET worked_at = now() - interval '61 s'")
    with inside(database):
        tasks.wake(Tenant.objects.get(pk=database.tenant_id))
    tasks_done = [recompute_in(database, store) for store in told]

    assert (before, ended, after) == (0, signal.SIGKILL, 4)
    assert tasks_done == [None]
    assert database.ask(IN_STEP) == CUSTOMERS
    assert database.ask("SELECT count(*) FROM webhooks_staletotals") == 0


def recompute_in(database: Database, tenant_id: int) -> None:
    """What a worker does with the sweep's message."""
    with inside(database):
        tasks.recompute_totals(tenant_id)
