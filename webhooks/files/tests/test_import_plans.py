"""A batch reads what it is about, also of a store that the planner's statistics have never seen.

Without them each look-up of the batch walks the whole store: 1,000 rows read 20 million at 10,000
customers, a dozen times slower.
"""

import io

import pytest

from customers.models import Customer
from tenants.audit import Actor
from tests.rows import make_row
from webhooks.files import importing
from webhooks.statistics import analyze
from xeno.lib.upsert import run

ROWS = 10_000
READ = """
    SELECT sum(seq_tup_read + COALESCE(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
    WHERE relname LIKE 'customers%%'
"""


def text(name: str) -> bytes:
    """A file that leaves nothing out; with other names it fills in the same people."""
    lines = ["email,first_name,country,tags,unsubscribed"]
    lines += [
        f"p{n}@example.com,{name},GB,{'VIP' if n % 5 == 0 else ''},{'yes' if n % 50 == 0 else ''}"
        for n in range(ROWS)
    ]
    return "\n".join(lines).encode()


def most_read(tenant, name: str) -> int:
    """How many rows of customers' tables the piece that read most has read."""
    file, actor = io.BytesIO(text(name)), Actor()
    row = importing.upload(actor=actor, tenant=tenant, file=file, name="people.csv")
    row = importing.start(actor=actor, tenant=tenant, row=row, mapping=row.mapping)
    most, ((before,),), more = 0, run(READ, []), True
    while more:
        more = importing.step(tenant, row.pk)
        ((after,),) = run(READ, [])
        most, before = max(most, after - before), after
    return most


@pytest.fixture
def unknown_store(in_anas_store):
    """All that the statistics know is one customer."""
    make_row(Customer)
    analyze()
    return in_anas_store


def test_no_batch_of_an_import_reads_the_store_for_each_of_its_rows(unknown_store):
    making, filling = most_read(unknown_store, "Kim"), most_read(unknown_store, "Lee")

    assert Customer.objects.filter(first_name="Lee").count() == ROWS
    # The first piece comes before any statistics; later ones may read the store a few times.
    assert making < importing.PIECE**2
    assert filling < 10 * ROWS
