"""Customers from a file, beside COPY of the same rows into a table of the same shape."""

import io
import json
import sys
import time
from typing import Any

import django
import psycopg

from bench.arrival import make_store
from bench.figures import REPETITIONS, Figure, in_turn, middle, spread

BATCH = 1_000  # rows of one commit, here as in webhooks.files.importing
COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'customers_customer'::regclass AND attnum > 0 AND attgenerated = ''
        AND NOT attisdropped
"""


def measurements() -> int:
    """How many single ones there are."""
    return 2 * REPETITIONS


class Shop:
    """The store that is measured, and files of people whom nobody has seen."""

    def __init__(self, env: dict[str, str], each: int) -> None:
        self.admin_url, self.each, self.files = env["DATABASE_ADMIN_URL"], each, 0
        self.tenant_id = make_store(self.admin_url)
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute("CREATE SCHEMA floor")
            admin.execute("CREATE TABLE floor.customer (LIKE customers_customer INCLUDING ALL)")
            found = admin.execute(COLUMNS).fetchone()
            self.columns = str(found[0]) if found else ""

    def text(self) -> bytes:
        """A file of people, one in a hundred of them unsubscribed."""
        self.files += 1
        lines = ["email,first_name,last_name,phone,country,unsubscribed"]
        lines += [
            f"p{self.files}.{n}@example.com,First{n % 977},Last{n % 9_973},+44 7700 {n:06},GB,"
            f"{'yes' if n % 100 == 0 else ''}"
            for n in range(self.each)
        ]
        return "\n".join(lines).encode()

    def bring(self) -> float:
        """Rows a second from an uploaded file to customers, in this process."""
        from tenants.audit import Actor
        from tenants.models import Tenant
        from webhooks.files import importing
        from xeno.lib.postgres.scope import tenant_scope

        text = io.BytesIO(self.text())
        with tenant_scope(self.tenant_id):
            tenant, actor = Tenant.objects.get(pk=self.tenant_id), Actor()
            began = time.perf_counter()
            row = importing.upload(actor=actor, tenant=tenant, file=text, name="bench.csv")
            importing.start(actor=actor, tenant=tenant, row=row, mapping=row.mapping)
            while importing.step(tenant, row.pk):
                pass
            seconds = time.perf_counter() - began
            row.refresh_from_db()
        if row.made != self.each:
            raise RuntimeError(f"{self.each} rows made {row.made} customers")
        return self.each / seconds

    def copy(self) -> float:
        """Rows a second: those of the last file, with a commit a batch."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin, admin.cursor() as cursor:
            batches = []
            for first in range(0, self.each, BATCH):
                rows = (
                    f"SELECT {self.columns} FROM customers_customer WHERE tenant_id ="
                    f" {self.tenant_id} ORDER BY id DESC LIMIT {BATCH} OFFSET {first}"
                )
                with cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
                    batches.append(b"".join(bytes(part) for part in copy))
            began = time.perf_counter()
            for batch in batches:
                with cursor.copy(f"COPY floor.customer ({self.columns}) FROM STDIN") as copy:
                    copy.write(batch)
            return self.each / (time.perf_counter() - began)


def measure(env: dict[str, str], each: int, on_done: Any) -> Figure:
    """The row of the table."""
    shop = Shop(env, each)
    ours, base = in_turn(shop.bring, shop.copy, on_done=on_done)
    ratio = middle(ours) / middle(base)
    return Figure(
        f"import of {each:,} customers from CSV",
        "COPY of the same rows, with all indexes",
        f"{middle(ours):,.0f}/s ({spread(ours)})",
        f"{middle(base):,.0f}/s ({spread(base)})",
        ratio,
        f"{ratio:.2f}",
        0.2,
        0.3,
    )


def main() -> None:
    """Print the figure, and a line for each measurement."""
    import os

    django.setup()
    figure = measure(dict(os.environ), int(sys.argv[1]), lambda: print("done", flush=True))
    print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main()
