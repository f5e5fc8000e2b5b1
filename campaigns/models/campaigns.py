"""What is to be said, to whom, and how far it has come."""

from decimal import Decimal
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models.permission import Topic
from campaigns.models.sending import Sender
from segments.models import Segment
from tenants.models import User
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned

# One row today; a further channel brings its consent, cap and providers in `channels.py`.
CHANNELS = [("email", "E-mail")]


class Content(models.Model):
    """The words of a message, in Liquid. An empty text part is made from the HTML."""

    subject = models.TextField(default="", blank=True)
    preheader = models.TextField(default="", blank=True)
    html = models.TextField("HTML", default="", blank=True)
    text = models.TextField(default="", blank=True)

    class Meta:
        abstract = True


class Template(Content, TenantOwned):
    """Content to begin a campaign from."""

    name = models.TextField()
    channel = models.TextField(choices=CHANNELS, default="email", db_default="email")
    library = models.TextField(
        default="", db_default="", editable=False, help_text="Which of the library it came from"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="one_template_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Campaign(Content, TenantOwned):
    """One message to an audience.

    `content_hash` is written by the database at every change of what is said or who says it
    (migration 0002), so an approval is of these very words. `needs_approval` is the store's rule
    when the campaign left the draft; the same trigger refuses a campaign that lacks it.
    """

    class State(models.TextChoices):
        """How far it has come. "Finished" is never written before no message is open."""

        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"

    class Clock(models.TextChoices):
        """Whose local time `scheduled_for` is in."""

        STORE = "store", "The store's time"
        RECIPIENT = "recipient", "Each recipient's time"

    class Decision(models.TextChoices):
        """By what the better variant is chosen: never by opens, which machines make."""

        CLICKS = "clicks", "Clicks"
        ORDERS = "orders", "Orders"

    name = models.TextField()
    channel = models.TextField(choices=CHANNELS, default="email", db_default="email")
    state = models.TextField(choices=State.choices, default="draft", db_default="draft")
    # Why it is paused, as a code: by_hand, late, segment, restored; '' when it is not.
    pause_reason = models.TextField(default="", db_default="", editable=False)
    sender = OwnedForeignKey(Sender, null=True, blank=True)
    topic = OwnedForeignKey(Topic, null=True, blank=True)

    # [{"key": "B", "subject": …, "preheader": …, "html": …, "text": …}]: what differs from A.
    variants = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    decided_by = models.TextField(choices=Decision.choices, default="clicks", db_default="clicks")
    # People per variant before the decision; 0: everybody is divided and nothing is decided.
    decided_at_size = models.IntegerField(default=0, db_default=0)
    decided_after_hours = models.IntegerField(default=24, db_default=24)
    winner = models.TextField(default="", db_default="", editable=False)

    holdout_percent = models.DecimalField(
        max_digits=4, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    salt = models.UUIDField(default=uuid4, editable=False)  # of the holdout and of the variants

    scheduled_for = models.DateTimeField(null=True, blank=True)
    clock = models.TextField(choices=Clock.choices, default="store", db_default="store")
    # Not begun or gone on with when it is later than this; somebody must say so again.
    lateness_hours = models.IntegerField(default=2, db_default=2)
    lateness_confirmed_at = models.DateTimeField(null=True, editable=False)

    content_hash = models.TextField(default="", db_default="", editable=False)
    needs_approval = models.BooleanField(default=False, db_default=False, editable=False)
    approved_hash = models.TextField(default="", db_default="", editable=False)
    approved_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, editable=False)
    # Who last changed what the hash is of: nobody approves their own words.
    written_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    started_at = models.DateTimeField(null=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)  # attribution and lift begin here
    progressed_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="sender", name="campaign_and_sender_same_tenant"),
            SameTenant(field="topic", name="campaign_and_topic_same_tenant"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "scheduled", "sending", "paused", "sent", "cancelled"]
                ),
                name="campaign_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(holdout_percent__gte=0) & Q(holdout_percent__lte=50),
                name="campaign_holdout_is_a_share",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(scheduled_for__isnull=False),
                name="campaign_scheduled_for_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent"]) | Q(started_at__isnull=False),
                name="campaign_sending_has_begun",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "sending"])
                | Q(needs_approval=False)
                | (Q(approved_hash=models.F("content_hash")) & ~Q(approved_hash="")),
                name="campaign_goes_out_as_it_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(written_by=None)
                | ~Q(approved_by=models.F("written_by")),
                name="nobody_approves_their_own_words",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="campaign_newest_first"),
            models.Index(
                fields=["tenant", "scheduled_for"],
                condition=Q(state__in=["scheduled", "sending"]),
                name="campaign_at_work",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Audience(TenantOwned):
    """A segment whose members a campaign is for, or (excluded) not for."""

    campaign = OwnedForeignKey(Campaign, related_name="audiences")
    segment = OwnedForeignKey(Segment)
    excluded = models.BooleanField(default=False, db_default=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="campaign", name="audience_and_campaign_same_tenant"),
            SameTenant(field="segment", name="audience_and_segment_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "segment"], name="each_segment_once_per_campaign"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "segment"], name="audience_of_segment")]

    def __str__(self) -> str:
        return f"{'not ' if self.excluded else ''}{self.segment_id}"
