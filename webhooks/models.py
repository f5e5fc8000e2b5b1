"""The inbox: every webhook as it came, byte for byte, and what became of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.models import Tenant
from tenants.scoping.constraints import TenantPolicy
from tenants.scoping.owned import TenantOwned
from webhooks.backfill.models import Sync as Sync
from webhooks.backfill.models import SyncPart as SyncPart
from webhooks.files.models import Export as Export
from webhooks.files.models import ExportPiece as ExportPiece
from webhooks.files.models import Import as Import
from webhooks.files.models import ImportPiece as ImportPiece
from webhooks.files.models import ImportRefusal as ImportRefusal
from webhooks.outbox.models import Edit as Edit
from webhooks.outbox.models import SenderLease as SenderLease
from webhooks.privacy.models import ErasureReceipt as ErasureReceipt
from webhooks.privacy.models import PrivacyRequest as PrivacyRequest
from webhooks.privacy.models import Redacted as Redacted
from webhooks.reconciliation.models import Alarm as Alarm
from webhooks.reconciliation.models import Finding as Finding
from webhooks.reconciliation.models import LedgerLine as LedgerLine


class State(models.TextChoices):
    """What became of a delivery."""

    PENDING = "pending", "Pending"
    APPLIED = "applied", "Applied"
    WAITING = "waiting", "Waiting for another"
    PARKED = "parked", "Parked"
    NOT_HANDLED = "not_handled", "Not handled"


class Delivery(TenantOwned):
    """One webhook. Written before anything is parsed; a repeat of its id is the same row."""

    webhook_id = models.TextField()
    topic = models.TextField()
    event_id = models.TextField(default="", db_default="")
    api_version = models.TextField(default="", db_default="")
    triggered_at = models.TextField(default="", db_default="", help_text="The header as it came")
    body = models.BinaryField()
    body_hash = models.BinaryField(help_text="SHA-256 of the body")
    received_at = models.DateTimeField(db_default=Now())

    state = models.TextField(choices=State.choices, default="pending", db_default="pending")
    attempts = models.IntegerField(default=0, db_default=0)
    code = models.TextField(default="", db_default="", help_text="Why it is parked, for programs")
    reason = models.TextField(default="", db_default="", help_text="Why it is parked or waits")
    waits_for = models.TextField(default="", db_default="", help_text="Such as order:450789469")
    done_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            # Any store's webhook may come in before anybody has asked which tenant it is.
            TenantPolicy(name="webhooks_delivery_tenant_policy", open_insert=True),
            models.UniqueConstraint(
                fields=["tenant", "id"], name="webhooks_delivery_tenant_id_key"
            ),
            models.UniqueConstraint(fields=["tenant", "webhook_id"], name="each_webhook_once"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="delivery_state_is_known"
            ),
        ]
        indexes = [
            # Small however long the history is: the sweep and the applier read only these.
            models.Index(
                fields=["tenant", "id"], condition=Q(state="pending"), name="delivery_pending"
            ),
            models.Index(
                fields=["tenant", "waits_for"],
                condition=Q(state="waiting"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["tenant", "state", "-id"],
                condition=Q(state__in=["parked", "not_handled"]),
                name="delivery_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.webhook_id}"


class ApplierLease(models.Model):
    """Who applies a store's inbox now: one at a time, until the lease runs out."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    holder = models.UUIDField(null=True)
    expires_at = models.DateTimeField(db_default=Now())
    applied = models.BigIntegerField(db_default=0, editable=False)  # deliveries, ever
    analyzed = models.BigIntegerField(db_default=0, editable=False)  # of them at the last ANALYZE
    bodies_from = models.BigIntegerField(db_default=0, editable=False)  # before it: all dropped

    def __str__(self) -> str:
        return f"Applier of {self.tenant_id}"


class StaleTotals(models.Model):
    """A store whose totals are out of step as a whole, and how far they have been recomputed.

    The row is the queue: it is there until the last customer is done.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    done_to = models.BigIntegerField(db_default=0)  # the id of the last customer who is in step
    worked_at = models.DateTimeField(null=True)  # when a worker last was at it or was told

    def __str__(self) -> str:
        return f"Totals of {self.tenant_id}"


class Scoring(models.Model):
    """When a store's customers were last scored, and whether they are to be before midnight."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    scored_on = models.DateField(null=True)  # the store's day
    asked_at = models.DateTimeField(null=True)  # something came that changes scores
    told_at = models.DateTimeField(null=True)  # when a worker was told
    held_until = models.DateTimeField(null=True)  # of a dead worker too

    def __str__(self) -> str:
        return f"Scores of {self.tenant_id}"
