"""One row a person and campaign: planned, handed over at most once, settled."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from campaigns.models.campaigns import Campaign
from customers.models import Customer
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned

# Whoever these are about got no message and will get none.
NOT_SENT = ("skipped", "holdout")
OPEN = ("queued", "claimed", "handing_over")


class Message(TenantOwned):
    """What one person of a frozen campaign got, will get, or why not.

    `address` is in lower case, as it was when the campaign was frozen; None when the person has
    none. `handed_at` is when the provider took it: rates and caps count by it.
    """

    class State(models.TextChoices):
        """Where it is. Moves between states are in `campaigns/sending/` alone."""

        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "Being prepared"
        HANDING_OVER = "handing_over", "Being handed over"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNCERTAIN = "uncertain", "Uncertain"
        SKIPPED = "skipped", "Not sent"
        HOLDOUT = "holdout", "Held out"

    class Reason(models.TextChoices):
        """Why a person is not written to, as the plan and the run both say."""

        NO_ADDRESS = "no_address", "No address"
        NO_CONSENT = "no_consent", "No consent"
        SUPPRESSED = "suppressed", "Suppressed"
        NOT_WANTED = "not_wanted", "Does not want this topic"
        PAUSED = "paused", "Has paused"
        DUPLICATE = "duplicate", "Same address as another"
        CAPPED = "capped", "Was written to of late"
        HOLDOUT = "holdout", "Held out to measure"
        CANCELLED = "cancelled", "Campaign cancelled"
        ERASED = "erased", "Erased"

    campaign = OwnedForeignKey(Campaign, related_name="messages")
    # None: the person was deleted or erased since.
    customer = OwnedForeignKey(Customer, null=True)
    address = models.TextField(null=True, db_collation="C")
    state = models.TextField(choices=State.choices)
    # What indexes know of the state: it stays the same from the freeze until the message is
    # settled, so that claims and marks rewrite no index.
    phase = models.GeneratedField(
        expression=Case(
            When(state__in=OPEN, then=Value("open")),
            default="state",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    reason = models.TextField(choices=Reason.choices, default="", db_default="", blank=True)
    # Of who is capped or has paused: from when on they may be written to.
    free_from = models.DateTimeField(null=True)
    # 'A', 'B'…; '' until the winner is known, and then it is not claimed.
    variant = models.TextField(default="A", db_default="A")
    not_before = models.DateTimeField(db_default=Now(), help_text="Local time, quiet hours, retry")
    attempts = models.IntegerField(default=0, db_default=0)
    holder = models.UUIDField(null=True, help_text="The claim that it is part of")
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True, help_text="When the provider last refused it")
    provider = models.TextField(default="", db_default="")
    provider_id = models.TextField(default="", db_default="", db_collation="C")
    code = models.TextField(default="", db_default="", help_text="Of a failure, for programs")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="campaign", name="message_and_campaign_same_tenant"),
            SameTenant(field="customer", name="message_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "customer"], name="one_message_per_person"
            ),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "address"],
                condition=~Q(phase__in=NOT_SENT),
                name="one_message_per_address",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "queued",
                        "claimed",
                        "handing_over",
                        "sent",
                        "failed",
                        "uncertain",
                        "skipped",
                        "holdout",
                    ]
                ),
                name="message_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOT_SENT) | Q(address__isnull=False) | Q(customer=None),
                name="message_has_an_address",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "handing_over"]) | Q(holder__isnull=False),
                name="message_at_work_has_a_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(reason=""), name="message_not_sent_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "uncertain"]) | Q(handed_at__isnull=False),
                name="message_sent_was_handed_over",
            ),
        ]
        indexes = [
            # Small beside what was sent: the claim reads only these.
            models.Index(
                fields=["tenant", "campaign", "not_before", "id"],
                condition=Q(phase="open"),
                name="message_open",
            ),
            models.Index(fields=["tenant", "campaign", "phase", "id"], name="message_by_phase"),
            models.Index(fields=["tenant", "customer", "-handed_at"], name="message_of_customer"),
            # Rates and caps: what was handed over of late; rates: also what was refused.
            models.Index(
                fields=["tenant", "handed_at"],
                include=["campaign", "customer"],
                condition=Q(handed_at__isnull=False),
                name="message_by_hand_over",
            ),
            models.Index(
                fields=["tenant", "refused_at"],
                include=["campaign"],
                condition=Q(refused_at__isnull=False),
                name="message_by_refusal",
            ),
            models.Index(
                fields=["tenant", "provider_id"],
                condition=~Q(provider_id=""),
                name="message_by_provider_id",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"


def in_state(state: str) -> Q:
    """Messages in that state, as their indexes find them."""
    return Q(phase="open" if state in OPEN else state, state=state)


class Claim(TenantOwned):
    """A few messages that one worker may hand over, with its lease on them.

    Beside the messages and not in them: a lease is written with every mark, and one row of its own
    is cheaper than as many entries in the indexes of messages.
    """

    holder = models.UUIDField(help_text="Of one claim of one worker")
    message_ids = ArrayField(models.BigIntegerField())
    lease_until = models.DateTimeField(help_text="Until when any of them may be begun")
    begun_until = models.DateTimeField(null=True, help_text="Until when the last begun may take")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "holder"], name="one_claim_of_a_holder"),
        ]

    def __str__(self) -> str:
        return f"Claim {self.pk}"
