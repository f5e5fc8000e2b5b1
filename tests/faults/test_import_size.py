"""Row 113: a file as large as one may be is read and imported in little memory."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from tenants.audit import Actor
from tenants.models import Tenant
from tests.faults.inboxes import inside
from tests.faults.processes import Database
from webhooks.files import importing, working
from webhooks.files.models import Import, ImportPiece

MB = 1024  # kB
MOST_GROWTH = 64 * MB
SIZES = [
    pytest.param(10_000, 1_000, id="short"),
    pytest.param(1_000_000, 100_000, id="long", marks=pytest.mark.slow),
]


def memory(name: str) -> int:
    """What /proc says of this process, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def growth_of(work: Callable[[], None], said: Path) -> int:
    """By how many kB a process of its own grew at most while it worked."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            before = memory("VmRSS")
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
            work()
            said.write_text(str(memory("VmHWM") - before))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return int(said.read_text())


def write_file(path: Path, rows: int) -> None:
    """People, of whom every fifth has no address."""
    with path.open("w") as file:
        file.write("email,first_name,country\n")
        file.writelines(
            f"p{n}@example.com,First{n % 977},GB\n" if n % 5 else f"nonsense{n},,\n"
            for n in range(rows)
        )


@pytest.mark.parametrize(("rows", "listed"), SIZES)
def test_f113_a_large_file_takes_little_memory_and_its_errors_are_capped(
    database: Database, tmp_path: Path, monkeypatch, record_property, rows, listed
):
    monkeypatch.setattr(importing, "MOST_REFUSALS", listed)
    write_file(tmp_path / "people.csv", rows)

    def upload() -> None:
        with inside(database), (tmp_path / "people.csv").open("rb") as file:
            tenant = Tenant.objects.get(pk=database.tenant_id)
            row = importing.upload(actor=Actor(), tenant=tenant, file=file, name="people.csv")
            importing.start(actor=Actor(), tenant=tenant, row=row, mapping=row.mapping)

    def work() -> None:
        with inside(database):
            tenant = Tenant.objects.get(pk=database.tenant_id)
            working.run_imports(tenant=tenant, seconds=3_600)

    reading, writing = (growth_of(part, tmp_path / "said") for part in (upload, work))
    record_property("kB in reading and writing", (reading, writing))

    with inside(database):
        row = Import.objects.get()
        left = ImportPiece.objects.count()
    refusals = database.ask("SELECT count(*) FROM webhooks_importrefusal")
    assert (row.state, row.made, row.refused) == ("done", rows * 4 // 5, rows // 5)
    assert (refusals, left) == (listed, 0)
    assert reading < MOST_GROWTH
    assert writing < MOST_GROWTH
