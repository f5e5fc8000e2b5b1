"""The ledger of reconciliations, and what the store's owners were told of."""

from django.db import models
from django.db.models.functions import Now

from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned
from webhooks.backfill.models import Sync, SyncPart


class LedgerLine(TenantOwned):
    """What a reconciliation found of one kind, counted as a whole."""

    sync = OwnedForeignKey(Sync, related_name="ledger")
    kind = models.TextField(choices=SyncPart.Kind.choices)
    missing = models.BigIntegerField(default=0, db_default=0, help_text="Not held here")
    late = models.BigIntegerField(default=0, db_default=0, help_text="Held here, but older")
    different = models.BigIntegerField(default=0, db_default=0, help_text="As old, and not equal")
    extra = models.BigIntegerField(default=0, db_default=0, help_text="Gone in Shopify")
    unmended = models.BigIntegerField(default=0, db_default=0, help_text="Still off afterwards")
    # How many there were when it ended; null where Shopify does not count, or not all of them.
    here = models.BigIntegerField(null=True)
    there = models.BigIntegerField(null=True)
    in_step = models.BooleanField(default=True, db_default=True, help_text="The counts fit")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="sync", name="ledger_line_and_sync_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "sync", "kind"], name="one_ledger_line_per_sync_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of sync {self.sync_id}"

    @property
    def found(self) -> int:
        """How many were off."""
        return self.missing + self.late + self.different + self.extra

    @property
    def settled(self) -> bool:
        """Whether nothing is off any more."""
        return self.in_step and not self.unmended


class Finding(TenantOwned):
    """One thing that was off: Shopify's id and the names of fields, never a value.

    Only the first few of a reconciliation are listed; the ledger's line counts all.
    """

    class Trouble(models.TextChoices):
        """What was wrong with it."""

        MISSING = "missing", "Missing here"
        LATE = "late", "Older here"
        DIFFERENT = "different", "Different here"
        EXTRA = "extra", "Gone in Shopify"

    sync = OwnedForeignKey(Sync, related_name="findings")
    kind = models.TextField(choices=SyncPart.Kind.choices)
    shopify_id = models.BigIntegerField()
    trouble = models.TextField(choices=Trouble.choices)
    fields = models.JSONField(default=list, help_text="Names of the fields that were off")
    mended = models.BooleanField(default=True)
    found_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="sync", name="finding_and_sync_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "sync", "kind", "shopify_id"], name="each_finding_once_a_sync"
            ),
            models.CheckConstraint(
                condition=models.Q(trouble__in=["missing", "late", "different", "extra"]),
                name="finding_trouble_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shopify_id}: {self.trouble}"


class Alarm(TenantOwned):
    """A trouble of the connection, from when it was seen until it was over; told once."""

    class Kind(models.TextChoices):
        """What is wrong."""

        CONNECTION = "connection", "The connection is broken"
        TOKEN = "token", "Shopify no longer accepts the store's token"  # no secret
        LAG = "lag", "More than an hour behind the store"
        SYNC = "sync", "A sync has waited for Shopify for more than an hour"

    kind = models.TextField(choices=Kind.choices)
    code = models.TextField(default="", db_default="", help_text="Why, for programs")
    began_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, help_text="When the owners' mail was handed over")
    over_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "kind"],
                condition=models.Q(over_at=None),
                name="one_open_alarm_per_store_and_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["connection", "token", "lag", "sync"]),
                name="alarm_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.began_at}"
