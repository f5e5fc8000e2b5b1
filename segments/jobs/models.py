"""A piece of work on segments that a worker does by turns, and how far it is."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey
from tenants.work import OrderedWork


class SegmentJob(OrderedWork):
    """The row is the queue; `mark` is how far it is, so that another worker can go on."""

    class Kind(models.TextChoices):
        """What it does."""

        TAG = "tag", "Tag the customers of a segment"
        IMPORT = "import", "Fetch the segments of Shopify"

    class State(models.TextChoices):
        """How it stands."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default="running", db_default="running")
    segment = OwnedForeignKey("segments.Segment", null=True)
    add_tags = models.JSONField(default=list, help_text="Of a tagging")
    remove_tags = models.JSONField(default=list, help_text="Of a tagging")
    # Of whom a tagging is: the members as of then, whoever joins or leaves by it.
    as_of = models.DateTimeField(db_default=Now())
    mark = models.TextField(default="", db_default="", help_text="The last one that is done")
    total = models.BigIntegerField(null=True)
    changed = models.BigIntegerField(default=0, db_default=0)
    report = models.JSONField(default=list, help_text="What became of each segment of an import")

    class Meta(OrderedWork.Meta):
        constraints = [
            *OrderedWork.Meta.constraints,
            SameTenant(field="segment", name="job_and_segment_same_tenant"),
            SameTenant(field="key", name="job_and_key_same_tenant"),
            models.CheckConstraint(
                condition=Q(kind="tag", segment__isnull=False)
                | Q(kind="import", segment__isnull=True),
                name="job_tags_a_segment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="segment_job_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(kind="import", state="running"),
                name="one_running_import_of_segments",
            ),
        ]
        indexes = [
            # Small however many there were: the sweep and the workers read only these.
            models.Index(
                fields=["tenant", "id"], condition=Q(state="running"), name="segment_job_running"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.state})"
