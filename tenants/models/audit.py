"""The audit trail: who did what in a store."""

from django.db import models
from django.db.models.functions import Now

from tenants.models.keys import ApiKey
from tenants.models.people import User
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class AuditEntry(TenantOwned):
    """Who did what in a store. Ids and names of fields, never values: nothing to erase in it.

    Append-only: the application's role may neither change nor delete a row.
    """

    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    key = OwnedForeignKey(ApiKey, null=True, help_text="The API key that acted, if none signed in")
    action = models.TextField(help_text="Such as customer.changed")
    object_type = models.TextField(help_text="Such as customers.customer")
    object_id = models.TextField(default="")
    fields = models.JSONField(default=list, help_text="Names of the fields that changed")
    seen = models.JSONField(default=list, help_text="Our ids of the rows that were read")
    address = models.GenericIPAddressField(null=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "audit trail"
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="key", name="audit_entry_key_of_same_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_newest_first"),
            models.Index(
                fields=["tenant", "object_type", "object_id", "-id"], name="audit_of_object"
            ),
            models.Index(fields=["tenant", "actor", "-id"], name="audit_of_actor"),
            models.Index(fields=["tenant", "action", "-id"], name="audit_of_action"),
            models.Index(fields=["tenant", "happened_at"], name="audit_by_time"),
            # Few entries are a key's, and all the others need no place in its index.
            models.Index(
                fields=["tenant", "key", "-id"],
                condition=models.Q(key__isnull=False),
                name="audit_of_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
