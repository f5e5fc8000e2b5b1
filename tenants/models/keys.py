"""API keys of servers, and the answers that are given again to who asks twice."""

from django.db import models
from django.db.models.functions import Now

from tenants.models.people import User
from tenants.scoping.owned import TenantOwned
from xeno.lib.encryption import EncryptedTextField


class ApiKey(TenantOwned):
    """What a server of the merchant's presents: names its store, shown once, kept as a hash."""

    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64)
    hint = models.CharField(max_length=8, help_text="Its last characters, to tell it from others")
    rights = models.JSONField(default=list)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantOwned.Meta):
        verbose_name = "API key"
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "key_hash"], name="api_key_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class IdempotentAnswer(TenantOwned):
    """The first answer to a POST with an Idempotency-Key, written in the POST's transaction.

    Encrypted, because an answer may hold a secret that is shown once. Kept for a day.
    """

    caller = models.TextField(help_text="Such as user:12 or key:3")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    answer = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "caller", "key"], name="one_answer_per_caller_and_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.created_at}"
