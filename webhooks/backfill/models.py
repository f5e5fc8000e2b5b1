"""A sync of a store's history: what was asked of Shopify, and how far it is applied."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tenants.models import User
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class Sync(TenantOwned):
    """One run over everything that Shopify tells of the store, or that changed `since`."""

    class Kind(models.TextChoices):
        """What it is for."""

        HISTORY = "history", "History"
        RECONCILIATION = "reconciliation", "Reconciliation"

    class State(models.TextChoices):
        """How far it is."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.TextField(choices=Kind.choices, default="history", db_default="history")
    since = models.DateTimeField(null=True, help_text="Only what changed after it; null: all")
    state = models.TextField(choices=State.choices, default="running", db_default="running")
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    # Why it failed, as a code; of a running one, what it waits for to be over.
    trouble = models.TextField(default="", db_default="", help_text="Why it failed, as a code")
    moved_at = models.DateTimeField(db_default=Now(), help_text="When it last got any further")
    # What was null at the first question because the app may not see it: left out of the others.
    withheld = models.JSONField(null=True)
    # Only then it can make the history complete: a scope that came later showed it nothing.
    all_orders = models.BooleanField(
        default=False, db_default=False, help_text="Orders of every age were shown as it began"
    )
    # One worker at a time: whoever holds it renews it, and a dead one's runs out.
    holder = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(state="running"),
                name="one_running_sync_per_store",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done", "failed", "cancelled"]),
                name="sync_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["history", "reconciliation"]),
                name="sync_kind_is_known",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="sync_newest_first")]

    def __str__(self) -> str:
        return f"sync {self.pk}"

    @property
    def percent(self) -> int:
        """How far it is: each part counts alike, so that it never goes back when Shopify says
        how much the next one holds."""
        if self.state == self.State.DONE:
            return 100
        shares = [part.share for part in self.parts.all()]
        return int(100 * sum(shares) / len(shares)) if shares else 0


class SyncPart(TenantOwned):
    """One kind of object within a sync: one bulk operation, and the mark up to which it is applied.

    Parts are worked in the order of their ids: what others point to comes first.
    """

    class Kind(models.TextChoices):
        """What it brings."""

        PRODUCTS = "products", "Products"
        CUSTOMERS = "customers", "Customers"
        ORDERS = "orders", "Orders"
        CHECKOUTS = "checkouts", "Abandoned checkouts"

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting"
        ASKED = "asked", "Shopify is preparing it"
        APPLYING = "applying", "Being applied"
        DONE = "done", "Done"

    ORDER: ClassVar[tuple[str, ...]] = ("products", "customers", "orders", "checkouts")

    sync = OwnedForeignKey(Sync, related_name="parts")
    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default="waiting", db_default="waiting")
    operation_id = models.BigIntegerField(null=True, help_text="Shopify's id of the operation")
    # When Shopify began to read: a word of a webhook after it is newer.
    read_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, db_default=0)
    partitions = models.IntegerField(default=0, db_default=0)
    mark = models.IntegerField(default=0, db_default=0, help_text="Partitions that are applied")
    total = models.BigIntegerField(null=True, help_text="Objects, as Shopify counts them")
    applied = models.BigIntegerField(default=0, db_default=0, help_text="Objects of applied ones")
    unreadable = models.BigIntegerField(default=0, db_default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="sync", name="sync_part_and_sync_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "sync", "kind"], name="one_part_per_sync_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of sync {self.sync_id}"

    @property
    def share(self) -> float:
        """How much of it is applied, from 0 to 1."""
        if self.state == self.State.DONE:
            return 1.0
        return min(1.0, self.applied / self.total) if self.total else 0.0
