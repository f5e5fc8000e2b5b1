"""The local mailbox: what was "sent" where nothing leaves the machine."""

from django.db import models
from django.db.models.functions import Now

from campaigns.models.campaigns import Campaign
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class LocalMail(TenantOwned):
    """A message that was "sent" into the local mailbox, where development can read it.

    Of a campaign there is one to each address; a test send is of none.
    """

    sender = models.TextField()
    recipient = models.TextField()
    subject = models.TextField(default="", db_default="")
    raw = models.BinaryField()
    campaign = OwnedForeignKey(Campaign, null=True)
    received_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        verbose_name = "local mail"
        verbose_name_plural = "local mailbox"
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="campaign", name="local_mail_and_campaign_same_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="local_mail_newest_first"),
            models.Index(fields=["tenant", "campaign", "-id"], name="local_mail_of_campaign"),
        ]

    def __str__(self) -> str:
        return self.subject
