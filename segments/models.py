"""Segments: what each asks for, who is and was in it, how fresh that is, and what waits."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Trim

from customers.models import Customer
from segments.jobs.models import SegmentJob as SegmentJob
from segments.querysets import SegmentManager
from tenants.models import Tenant
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantKey, TenantOwned


class Segment(TenantOwned):
    """A named part of a store's customers: those whom a query finds, or those put in by hand."""

    class Kind(models.TextChoices):
        """How its members come about. It stays what it was made."""

        DYNAMIC = "dynamic", "By its query"
        STATIC = "static", "By hand"

    name = models.CharField(max_length=255)
    description = models.TextField(default="", db_default="", blank=True)
    kind = models.TextField(choices=Kind.choices)
    query = models.TextField(default="", db_default="", blank=True)
    shopify_id = models.BigIntegerField(null=True, editable=False)
    template = models.TextField(
        default="", db_default="", editable=False, help_text="The template it was made from"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    # Nobody sees it any more; its rows go batch by batch, and then its own.
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[SegmentManager] = SegmentManager()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=Q(deleted_at=None),
                name="one_segment_per_name",
            ),
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_segment_per_shopify_id"
            ),
            models.CheckConstraint(
                condition=Q(name=Trim("name")) & ~Q(name=""), name="segment_name_is_trimmed"
            ),
            models.CheckConstraint(
                condition=Q(kind="dynamic") & ~Q(query="") | Q(kind="static", query=""),
                name="segment_has_a_query_if_dynamic",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-updated_at", "-id"], name="segment_by_update"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def dynamic(self) -> bool:
        """Whether its members follow the data."""
        return self.kind == self.Kind.DYNAMIC


class SegmentState(TenantOwned):
    """How far a segment's membership follows; of its own, so that edits wait for no refresh.

    `asked` counts the times that a whole refresh was asked for, `done` those that one has seen:
    what is asked in the middle of a refresh is not lost, and no flag can stay up.
    """

    segment = OwnedForeignKey(Segment, related_name="states")
    members_count = models.BigIntegerField(default=0, db_default=0)
    refreshed_at = models.DateTimeField(null=True, help_text="Of the last whole refresh")
    moved_at = models.DateTimeField(null=True, help_text="When somebody last joined or left")
    asked = models.BigIntegerField(default=0, db_default=0)
    done = models.BigIntegerField(default=0, db_default=0)
    stale_since = models.DateTimeField(null=True)
    # What the last whole refresh was true of: the store's day and settings.
    day = models.DateField(null=True)
    timezone = models.TextField(default="", db_default="")
    currency = models.TextField(default="", db_default="")
    follows_the_day = models.BooleanField(default=False, db_default=False)
    includes = models.JSONField(default=list, help_text="Ids of the segments that its query names")
    took_ms = models.IntegerField(null=True)
    trouble = models.TextField(default="", db_default="", help_text="Why it fails, as a code")
    attempts = models.IntegerField(default=0, db_default=0)
    held_until = models.DateTimeField(null=True, help_text="Not to be tried before")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="segment", name="state_and_segment_same_tenant"),
            models.UniqueConstraint(fields=["tenant", "segment"], name="one_state_per_segment"),
            models.CheckConstraint(
                condition=Q(members_count__gte=0), name="members_count_not_negative"
            ),
            models.CheckConstraint(condition=Q(done__lte=F("asked")), name="refresh_was_asked_for"),
        ]

    def __str__(self) -> str:
        return f"State of segment {self.segment_id}"


class SegmentMember(TenantOwned):
    """That a customer was in a segment from `valid_from` up to, not with, `valid_to`.

    The row is open, `valid_to` null, while they are in.
    """

    # Its segment and customer are of the store by the composite keys, and that store exists.
    tenant = TenantKey(db_constraint=False)
    segment = OwnedForeignKey(Segment)
    customer = OwnedForeignKey(Customer, related_name="memberships")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="segment", name="member_and_segment_same_tenant"),
            SameTenant(field="customer", name="member_and_customer_same_tenant"),
            # Also the members of now in the order of their pages, and the refresh's merge.
            models.UniqueConstraint(
                fields=["tenant", "segment", "customer"],
                condition=Q(valid_to=None),
                name="one_open_row_per_member",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
                name="member_joined_before_leaving",
            ),
        ]
        indexes = [
            # The members of any moment, page by page.
            models.Index(
                fields=["tenant", "segment", "customer", "valid_from"],
                include=["valid_to"],
                name="member_at_a_moment",
            ),
            # Who joined, and who left, between two moments.
            models.Index(fields=["tenant", "segment", "valid_from"], name="member_by_joining"),
            models.Index(
                fields=["tenant", "segment", "valid_to"],
                condition=Q(valid_to__isnull=False),
                name="member_by_leaving",
            ),
            # A customer's timeline, the page of a customer, an erasure.
            models.Index(fields=["tenant", "customer", "segment"], name="member_of_customer"),
        ]

    def __str__(self) -> str:
        return f"Customer {self.customer_id} in segment {self.segment_id}"


class DataChange(TenantOwned):
    """What was written in one transaction that segments may read; the row is the queue.

    Only ever inserted and deleted, so that the applier waits for nobody.
    """

    customers = models.JSONField(default=list, help_text="Our ids of who was touched")
    kinds = models.JSONField(default=list, help_text="What changed, such as orders or tags")
    everybody = models.BooleanField(default=False, db_default=False)
    # Open rows that went with deleted customers: {segment's id: how many}.
    removed = models.JSONField(default=dict)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [*TenantOwned.Meta.constraints]

    def __str__(self) -> str:
        return f"Change {self.pk}"


class MembershipLease(models.Model):
    """Who keeps a store's segments now: one at a time, until the lease runs out."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    holder = models.UUIDField(null=True)
    expires_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"Keeper of {self.tenant_id}"
