"""The audit trail of the open store."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants.models import AuditEntry
from tenants.roles import Right
from tenants.scoping.admin import (
    TenantModelAdmin,
)
from tenants.scoping.display import NOTHING
from tenants.scoping.filtering import DayRangeFilter


@admin.register(AuditEntry)
class AuditAdmin(TenantModelAdmin[AuditEntry]):
    """Who did what in the open store; nobody may change or delete a line of it."""

    rights = {"view": Right.MANAGE_TEAM}
    empty_text = "Whatever somebody changes or reads of people in this store is noted here."
    many = "entries"
    list_display = ("happened_at", "who", "action", "what", "changed", "rows_seen")
    list_select_related = ("actor", "key")
    ordering = ("-pk",)
    list_filter = (("happened_at", DayRangeFilter),)
    fields = ("happened_at", "who", "action", "what", "changed", "rows_seen", "seen_ids", "address")

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        """The person, the API key, or the system."""
        key = f"API key {entry.key.name} (…{entry.key.hint})" if entry.key else "Xeno"
        return str(entry.actor or key)

    @admin.display(description="Object")
    def what(self, entry: AuditEntry) -> SafeString:
        """What it was done to."""
        return format_html("{} {}", entry.object_type.partition(".")[2], entry.object_id)

    @admin.display(description="Fields")
    def changed(self, entry: AuditEntry) -> str:
        """The names of the fields that changed."""
        return ", ".join(entry.fields) or NOTHING

    @admin.display(description="Rows seen")
    def rows_seen(self, entry: AuditEntry) -> str:
        """How many rows were shown to whoever asked."""
        return f"{len(entry.seen):,}" if entry.seen else NOTHING

    @admin.display(description="Their ids")
    def seen_ids(self, entry: AuditEntry) -> str:
        """Our ids of the rows that were shown."""
        return ", ".join(map(str, entry.seen)) or NOTHING
