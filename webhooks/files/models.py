"""Exports and imports: the row is the queue, and the file lies beside it in pieces.

In the database and not on a disk: any host serves what any other has made, what is half written is
rolled back, and an erasure reaches it.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from tenants.models import ApiKey, User
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantManager, TenantOwned, TenantQuerySet
from tenants.work import OrderedWork


class FileWork(OrderedWork):
    """Somebody's file that workers are at, one at a time and turn by turn, up to a mark."""

    state: Any  # each has its own
    total: Any
    attempts = models.IntegerField(default=0, db_default=0, help_text="That failed, one by one")

    class Meta(OrderedWork.Meta):
        abstract = True

    @property
    def percent(self) -> int:
        """How much of it is written; 100 only when it is over."""
        if self.state == "done":
            return 100
        return min(99, 100 * self.done // max(1, self.total or 1))


class State(models.TextChoices):
    """How an export stands."""

    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"
    GONE = "gone", "Removed"


class ExportQuerySet(TenantQuerySet[Any]):
    """What one asks of a store's exports."""

    def made_by(self, *, user: User | None, key: ApiKey | None) -> "ExportQuerySet":
        """Those of one person, or of one API key: nobody else sees them."""
        if key is not None:
            return self.filter(key_id=key.pk)
        return self.filter(user_id=user.pk) if user is not None else self.none()


ExportManager = TenantManager.from_queryset(ExportQuerySet)


class Export(FileWork):
    """One file, for whoever ordered it and nobody else, until it expires."""

    class Kind(models.TextChoices):
        """What is in it."""

        CUSTOMERS = "customers", "Customers"
        ORDERS = "orders", "Orders"
        MESSAGES = "messages", "Messages of a campaign"
        REPORT = "report", "Report of a campaign"

    class Format(models.TextChoices):
        """What it is written as."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    kind = models.TextField(choices=Kind.choices)
    format = models.TextField(choices=Format.choices)
    state = models.TextField(choices=State.choices, default="running", db_default="running")
    filters = models.JSONField(default=dict, help_text="Of the list, as they were asked for")
    segment = OwnedForeignKey("segments.Segment", null=True)
    campaign = OwnedForeignKey("campaigns.Campaign", null=True)
    mark = models.BigIntegerField(default=0, db_default=0, help_text="The last row that is written")
    total = models.BigIntegerField(null=True, help_text="Rows, as counted when it began")
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar[ExportManager[Any]] = ExportManager()

    class Meta(FileWork.Meta):
        constraints = [
            *FileWork.Meta.constraints,
            SameTenant(field="segment", name="export_and_segment_same_tenant"),
            SameTenant(field="campaign", name="export_and_campaign_same_tenant"),
            SameTenant(field="key", name="export_and_key_same_tenant"),
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed", "gone"]),
                name="export_state_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "id"], condition=Q(state="running"), name="export_running"
            ),
            models.Index(
                fields=["tenant", "expires_at"], condition=Q(state="done"), name="export_ready"
            ),
            models.Index(fields=["tenant", "user", "-id"], name="export_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_format_display()})"

    @property
    def file_name(self) -> str:
        """What a browser calls the file."""
        return f"{self.kind}-{self.created_at:%Y-%m-%d}-{self.pk}.{self.format}"


class Stage(models.TextChoices):
    """How far an import is."""

    DRAFT = "draft", "To be checked"
    RUNNING = "running", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Failed"
    GONE = "gone", "Removed"


class Import(FileWork):
    """A file of customers: read once, checked by who brought it, then written piece by piece."""

    file_name = models.TextField()
    encoding = models.TextField(help_text="As it was read: utf-8, cp1252, xlsx")
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=list, help_text="A field, or '', for each header")
    state = models.TextField(choices=Stage.choices, default="draft", db_default="draft")
    total = models.BigIntegerField(default=0, db_default=0, help_text="Rows of the file")
    made = models.BigIntegerField(default=0, db_default=0)
    changed = models.BigIntegerField(default=0, db_default=0)
    unsubscribed = models.BigIntegerField(default=0, db_default=0)
    refused = models.BigIntegerField(default=0, db_default=0)
    mark = models.BigIntegerField(default=0, db_default=0, help_text="The last piece written")

    class Meta(FileWork.Meta):
        constraints = [
            *FileWork.Meta.constraints,
            SameTenant(field="key", name="import_and_key_same_tenant"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "running", "done", "failed", "gone"]),
                name="import_state_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "id"], condition=Q(state="running"), name="import_running"
            ),
            models.Index(
                fields=["tenant", "created_at"], condition=Q(state="draft"), name="import_draft"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(TenantOwned):
    """Some rows of a file that is to be imported, as compressed JSON: the line and the cells."""

    upload = OwnedForeignKey(Import)
    number = models.IntegerField(help_text="From 1")
    content = models.BinaryField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="upload", name="piece_and_import_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "upload", "number"], name="each_piece_of_import_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Piece {self.number}"


class ImportRefusal(TenantOwned):
    """A row that could not be taken, and why; nothing of the row itself is kept."""

    upload = OwnedForeignKey(Import)
    line = models.BigIntegerField(help_text="Of the file, from 1")
    column = models.TextField(default="", help_text="The field, where it is about one")
    code = models.TextField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="upload", name="refusal_and_import_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "upload", "line"], name="each_line_is_refused_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.code}"


class ExportPiece(TenantOwned):
    """Some rows of an export, compressed, as they stand in its file."""

    export = OwnedForeignKey(Export)
    number = models.BigIntegerField(help_text="The last row in it; 0 for the headers")
    content = models.BinaryField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="export", name="piece_and_export_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "export", "number"], name="each_piece_of_export_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Piece {self.number}"
