"""What was edited here and Shopify is to be told; who tells it."""

from django.db import models
from django.db.models.functions import Now

from customers.models import Customer
from tenants.models import Tenant
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class Edit(TenantOwned):
    """The last edit of one field of a customer, from when it was made until Shopify has it.

    What is to be told is read from the customer when it is sent. `payload` holds what tells our
    word from Shopify's until then: tags by name, hashes of the notes that stood before, the
    moment of a consent. It is emptied as soon as the edit is settled.
    """

    class Field(models.TextChoices):
        """What was edited."""

        TAGS = "tags", "Tags"
        NOTE = "note", "Note"
        EMAIL_CONSENT = "email_consent", "E-mail consent"

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "On its way"
        SENT = "sent", "In Shopify"
        OVERTAKEN = "overtaken", "Overtaken by a later change in Shopify"
        PARKED = "parked", "Refused by Shopify"

    customer = OwnedForeignKey(Customer)
    field = models.TextField(choices=Field.choices)
    state = models.TextField(choices=State.choices, default="pending", db_default="pending")
    payload = models.JSONField(default=dict)
    edited_at = models.DateTimeField()
    attempts = models.IntegerField(default=0, db_default=0)
    held_until = models.DateTimeField(null=True, help_text="Not to be tried before")
    code = models.TextField(default="", db_default="", help_text="Why, for programs")
    reason = models.TextField(default="", db_default="", help_text="Why it is not in Shopify")
    done_at = models.DateTimeField(null=True)
    # Shopify's version of the customer with our word in it: what it tells of before is older.
    told_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        verbose_name = "edit for Shopify"
        verbose_name_plural = "edits for Shopify"
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="edit_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer", "field"], name="one_edit_per_customer_and_field"
            ),
            models.CheckConstraint(
                condition=models.Q(field__in=["tags", "note", "email_consent"]),
                name="edit_field_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sent", "overtaken", "parked"]),
                name="edit_state_is_known",
            ),
            # Nothing of the person is kept for longer than it is needed.
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "parked"]) | models.Q(payload={}),
                name="settled_edit_holds_nothing",
            ),
        ]
        indexes = [
            # Small however many were ever made: the sweep and the sender read only these.
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(state="pending"),
                name="edit_pending",
            ),
            models.Index(
                fields=["tenant", "state", "-id"],
                condition=models.Q(state__in=["parked", "overtaken"]),
                name="edit_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of customer {self.customer_id}"


class SenderLease(models.Model):
    """Who sends a store's edits now, and until when nobody does because Shopify is in trouble."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    holder = models.UUIDField(null=True)
    held_until = models.DateTimeField(db_default=Now())
    trouble = models.TextField(default="", db_default="", help_text="Why nobody does, as a code")

    def __str__(self) -> str:
        return f"Sender of {self.tenant_id}"
