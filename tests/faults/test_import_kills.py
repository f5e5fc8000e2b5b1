"""A worker that imports people is killed with -9: its successor ends as if nothing had been."""

import io
import os
import signal
from collections.abc import Callable

import pytest
from django.db import connection

from customers.models import ConsentChange, Customer, CustomerTag
from tenants.audit import Actor
from tenants.models import AuditEntry, Tenant
from tests.faults.inboxes import add_store, inside
from tests.faults.processes import Database
from tests.faults.test_migration_kills import die_at
from webhooks.files import importing, working
from webhooks.files.models import Import, ImportPiece, ImportRefusal
from xeno.lib.postgres.scope import tenant_scope

CLEAN = "clean.myshopify.com"
EXPIRE = "UPDATE webhooks_import SET held_until = now()"
TEXT = "email,first_name,tags,unsubscribed\n" + "".join(
    f"p{n}@example.com,Kim{n},{'VIP' if n % 3 == 0 else ''},{'yes' if n % 5 == 0 else ''}\n"
    if n % 7
    else "nonsense,,,\n"
    for n in range(60)
)


def begin(database: Database, tenant_id: int) -> None:
    """The store has a file to import, in six pieces."""
    with inside(database, tenant_id):
        tenant, file = Tenant.objects.get(pk=tenant_id), io.BytesIO(TEXT.encode())
        row = importing.upload(actor=Actor(), tenant=tenant, file=file, name="people.csv")
        importing.start(actor=Actor(), tenant=tenant, row=row, mapping=row.mapping)


def work(database: Database, tenant_id: int) -> None:
    """A worker that lives."""
    with inside(database, tenant_id):
        working.run_imports(tenant=Tenant.objects.get(pk=tenant_id), seconds=60)


def work_and_die(database: Database, prepare: Callable[[], None]) -> int:
    """A worker in a process of its own; the signal by which it ended."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.settings_dict["NAME"] = database.name
            prepare()
            with tenant_scope(database.tenant_id):
                tenant = Tenant.objects.get(pk=database.tenant_id)
                working.run_imports(tenant=tenant, seconds=60)
        finally:
            os._exit(0)
    return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def end_of(database: Database, tenant_id: int) -> dict[str, object]:
    """All that an import leaves, without ids and moments."""
    with inside(database, tenant_id):
        counts = ("state", "total", "done", "made", "changed", "unsubscribed", "refused", "mark")
        people = Customer.objects.order_by("email")
        return {
            "import": Import.objects.values(*counts).get(),
            "people": list(people.values_list("email", "first_name", "email_consent")),
            "tags": sorted(CustomerTag.objects.values_list("customer__email", "tag")),
            "words": sorted(ConsentChange.objects.values_list("customer__email", "state")),
            "refusals": sorted(ImportRefusal.objects.values_list("line", "column", "code")),
            "pieces": ImportPiece.objects.count(),
            "audit": sorted(AuditEntry.objects.values_list("action", flat=True)),
        }


# Each in the second piece that it writes, or at the very end.
POINTS: dict[str, Callable[[], None]] = {
    "before": die_at(importing, "save_people", 2),
    "written": die_at(importing, "list_refusals", 2),
    "counted": die_at(importing, "count_applied", 2),
    "ending": die_at(importing, "finish", 1),
}


def test_f113_a_killed_import_goes_on_and_ends_as_a_clean_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "PIECE", 10)
    clean = add_store(database, CLEAN)
    begin(database, clean)
    work(database, clean)
    begin(database, database.tenant_id)

    endings = []
    for prepare in POINTS.values():
        endings.append(work_and_die(database, prepare))
        database.ask(EXPIRE)
    work(database, database.tenant_id)

    assert endings == [signal.SIGKILL] * len(POINTS)
    told = end_of(database, database.tenant_id)
    assert told == end_of(database, clean)
    assert told["import"]["made"] == len(told["people"]) > 40
