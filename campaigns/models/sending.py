"""Who sends, by what rules, and how the way out is doing."""

from django.core.validators import EmailValidator
from django.db import models
from django.db.models.functions import Now

from tenants.models import Tenant
from tenants.scoping.owned import TenantOwned
from xeno.lib.encryption import EncryptedTextField


class Sender(TenantOwned):
    """A From of the store, with what was last seen of its domain's DNS records."""

    name = models.TextField(help_text="As recipients see it")
    email = models.TextField(validators=[EmailValidator()])
    reply_to = models.TextField(default="", db_default="", blank=True)
    dkim_selector = models.TextField(
        default="", db_default="", blank=True, help_text="The provider's name of its DKIM key"
    )
    # {"spf": {"ok": true, "found": "…"}, "dkim": …, "dmarc": …}
    records = models.JSONField(default=dict, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False, help_text="To be looked at now")
    verified_at = models.DateTimeField(null=True, editable=False, help_text="All records are there")
    per_minute = models.IntegerField(null=True, blank=True, help_text="Messages; empty: no limit")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "email"], name="one_sender_per_address"),
            models.CheckConstraint(
                condition=models.Q(per_minute=None) | models.Q(per_minute__gt=0),
                name="sender_rate_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class SendingSettings(TenantOwned):
    """The store's rules for all campaigns; a store without a row has the defaults."""

    postal_address = models.TextField(
        default="", db_default="", blank=True, help_text="CAN-SPAM asks for it in every mail"
    )
    require_approval = models.BooleanField(default=False, db_default=False)
    cap_messages = models.IntegerField(default=1, db_default=1, help_text="Per person")
    cap_hours = models.IntegerField(default=16, db_default=16, help_text="within so many hours")
    # Of the recipient's local day, or the store's; empty: none.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    per_minute = models.IntegerField(null=True, blank=True, help_text="Messages; empty: no limit")
    provider = models.TextField(
        default="", db_default="", blank=True, help_text="'': the install's"
    )
    # An e-mail URL or a provider's key, as `providers/` reads it.
    credentials = EncryptedTextField(blank=True, default="", editable=False)
    track_opens = models.BooleanField(default=True, db_default=True)
    track_clicks = models.BooleanField(default=True, db_default=True)
    click_days = models.IntegerField(default=5, db_default=5, help_text="Attribution window")
    open_days = models.IntegerField(default=5, db_default=5, help_text="Attribution window")

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "sending settings"
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="one_row_of_sending_settings"),
            models.CheckConstraint(
                condition=models.Q(cap_messages__gt=0, cap_hours__gte=0), name="cap_is_a_number"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"Sending settings of {self.tenant_id}"


class SendingState(models.Model):
    """The store's way out: its rate's lock, and whether the circuit is open. Shared table."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True)
    failures = models.IntegerField(db_default=0)  # of the provider, in a row
    open_until = models.DateTimeField(null=True)  # nothing is handed over before
    trouble = models.TextField(default="", db_default="")  # as a code

    def __str__(self) -> str:
        return f"Way out of {self.tenant_id}"
