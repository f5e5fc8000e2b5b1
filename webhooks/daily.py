"""What is made of a store's customers anew each day, and when it is asked for.

A row a store says what is due, so that neither Redis nor a worker can lose it. Whoever makes it
holds the row by a lease that runs out.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from orders import rfm
from tenants.models import Tenant
from xeno.lib.leases import lately_sql, over_sql
from xeno.lib.upsert import run

PATIENCE_SECONDS = 60  # without a sign of work the sweep tells a worker again


@dataclass(frozen=True)
class Daily:
    """The rows of one such thing: `asked_at`, `told_at`, `held_until`, and the day it was made."""

    table: str
    made_on: str
    lease_seconds: int

    def ask(self, *, tenant: Tenant) -> None:
        """Note, within the caller's transaction, that what is made is out of step."""
        run(
            f"INSERT INTO {self.table} (tenant_id, asked_at) VALUES (%s, clock_timestamp())"
            " ON CONFLICT (tenant_id)"
            " DO UPDATE SET asked_at = EXCLUDED.asked_at, told_at = NULL",
            [tenant.pk],
        )

    def is_due(self, *, tenant: Tenant) -> bool:
        """Whether it waits for a worker that nobody has told of late."""
        return not run(self.not_due, [tenant.pk, rfm.today(tenant)])

    @cached_property
    def not_due(self) -> str:
        """In step, being brought there, or a worker was told of it just now."""
        held = f"NOT {over_sql('held_until', seconds=self.lease_seconds)}"
        told = lately_sql("told_at", seconds=PATIENCE_SECONDS)
        return (
            f"SELECT 1 FROM {self.table} WHERE tenant_id = %s"
            f" AND (({self.made_on} >= %s AND asked_at IS NULL) OR {held} OR {told})"
        )

    def note_told(self, *, tenant: Tenant) -> None:
        """Say that a worker was told: the message may wait in the queue for a while."""
        run(
            f"INSERT INTO {self.table} (tenant_id, told_at) VALUES (%s, clock_timestamp())"
            " ON CONFLICT (tenant_id) DO UPDATE SET told_at = EXCLUDED.told_at",
            [tenant.pk],
        )

    def take(self, *, tenant: Tenant) -> tuple[datetime | None, datetime] | None:
        """Be who makes it: since when it is asked for, and until when it is held.

        None while another is at it.
        """
        over = over_sql("old.held_until", seconds=self.lease_seconds)
        taken = run(
            f"INSERT INTO {self.table} AS old (tenant_id, held_until)"
            f" VALUES (%s, clock_timestamp() + interval '{self.lease_seconds} seconds')"
            " ON CONFLICT (tenant_id) DO UPDATE SET held_until = EXCLUDED.held_until"
            f" WHERE COALESCE({over}, true)"
            " RETURNING asked_at, held_until",
            [tenant.pk],
        )
        return (taken[0][0], taken[0][1]) if taken else None
