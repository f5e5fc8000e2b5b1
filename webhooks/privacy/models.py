"""Privacy requests, who may not come back, and the receipts of what was erased."""

from django.db import models
from django.db.models.functions import Now

from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned

NONE = models.Value([], models.JSONField())


class PrivacyRequest(TenantOwned):
    """What was asked for, by Shopify in most cases, to be worked off by `due_at`.

    Of the person only Shopify's id is kept. The address is read from the webhook's body, which
    is blanked when the request is done; what staff ask has none, and keeps it here until then.
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        DATA = "data", "A customer's data"
        REDACT = "redact", "Erase a customer"
        SHOP = "shop", "Erase the store"

    class Origin(models.TextChoices):
        """Who asks."""

        SHOPIFY = "shopify", "Shopify"
        STAFF = "staff", "Staff"
        BACKUP = "backup", "A restored backup"

    kind = models.TextField(choices=Kind.choices)
    origin = models.TextField(choices=Origin.choices, default="shopify", db_default="shopify")
    customer_shopify_id = models.BigIntegerField(null=True)
    emails = models.JSONField(default=list, db_default=NONE, help_text="Emptied when it is done")
    phones = models.JSONField(default=list, db_default=NONE, help_text="Emptied when it is done")
    order_ids = models.JSONField(default=list, help_text="Shopify's ids of the orders it names")
    delivery = OwnedForeignKey("webhooks.Delivery", null=True)
    triggered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, db_default=0)
    trouble = models.TextField(default="", db_default="", help_text="Why it is not done, as a code")
    # Not to be taken before: a worker is at it, or it waits for its next attempt.
    held_until = models.DateTimeField(null=True)
    mark = models.BigIntegerField(default=0, db_default=0, help_text="Bodies searched, by id")
    bundle = models.BinaryField(null=True, help_text="The answer: JSON, for the merchant")
    bundle_expires_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="delivery", name="privacy_request_and_delivery_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "delivery"], name="one_privacy_request_per_delivery"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["data", "redact", "shop"]),
                name="privacy_request_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=["shopify", "staff", "backup"]),
                name="privacy_request_origin_is_known",
            ),
            # Whoever presses the button twice has asked once.
            models.UniqueConstraint(
                fields=["tenant", "customer_shopify_id"],
                condition=models.Q(kind="redact", origin="staff", done_at=None),
                name="one_open_erasure_by_staff",
            ),
        ]
        indexes = [
            # What is open is little beside what was done.
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(done_at=None),
                name="privacy_request_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.customer_shopify_id or ''}".strip()


class Redacted(TenantOwned):
    """A customer or order of which nothing personal is taken in again, whoever tells it."""

    class Kind(models.TextChoices):
        """What the id is of."""

        CUSTOMER = "customer", "Customer"
        ORDER = "order", "Order"

    kind = models.TextField(choices=Kind.choices)
    shopify_id = models.BigIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "kind", "shopify_id"], name="redacted_only_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["customer", "order"]), name="redacted_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shopify_id}"


class ErasureReceipt(models.Model):
    """That somebody, or a whole store, was erased: a keyed hash, and nothing of theirs.

    It outlives the store, answers whoever asks again, and finds them in an old backup.
    """

    subject_hash = models.CharField(max_length=64, unique=True)
    done_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"erased {self.done_at}"
