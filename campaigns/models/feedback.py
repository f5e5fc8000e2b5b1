"""What came back of messages: opens, clicks, bounces, and what the providers told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models.campaigns import Campaign
from campaigns.models.messages import Message
from customers.models import Customer
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class Link(TenantOwned):
    """An address that a campaign's messages lead to; clicks lead nowhere else."""

    campaign = OwnedForeignKey(Campaign, related_name="links")
    url = models.TextField()
    url_hash = models.TextField(db_collation="C", help_text="SHA-256; no index holds a long URL")
    position = models.IntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="campaign", name="link_and_campaign_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "url_hash"], name="each_link_once_per_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"


class Touch(TenantOwned):
    """One thing that happened to a message. Attribution and rates are read from these rows.

    `machine` is '' for a person's; else what told that no person did it: agent, head, timing,
    all_links. Such are kept, shown, and left out of rates and segments.
    """

    class Kind(models.TextChoices):
        """What happened."""

        DELIVERED = "delivered", "Delivered"
        OPENED = "opened", "Opened"
        CLICKED = "clicked", "Clicked"
        BOUNCED = "bounced", "Bounced"
        SOFT_BOUNCED = "soft_bounced", "Bounced for now"
        COMPLAINED = "complained", "Marked as spam"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    message = OwnedForeignKey(Message, related_name="touches")
    campaign = OwnedForeignKey(Campaign)
    customer = OwnedForeignKey(Customer, null=True)
    kind = models.TextField(choices=Kind.choices)
    link = OwnedForeignKey(Link, null=True)
    machine = models.TextField(default="", db_default="")
    happened_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "touches"
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="message", name="touch_and_message_same_tenant"),
            SameTenant(field="campaign", name="touch_and_campaign_same_tenant"),
            SameTenant(field="customer", name="touch_and_customer_same_tenant"),
            SameTenant(field="link", name="touch_and_link_same_tenant"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "delivered",
                        "opened",
                        "clicked",
                        "bounced",
                        "soft_bounced",
                        "complained",
                        "unsubscribed",
                    ]
                ),
                name="touch_kind_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "campaign", "kind", "customer"],
                include=["happened_at", "machine"],
                name="touch_of_campaign",
            ),
            models.Index(
                fields=["tenant", "customer", "kind", "-happened_at"],
                include=["campaign", "machine"],
                name="touch_of_customer",
            ),
            models.Index(fields=["tenant", "message", "kind"], name="touch_of_message"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class ProviderEvent(TenantOwned):
    """That a provider's event was taken in, so that its repeat does nothing."""

    provider = models.TextField()
    event_id = models.TextField(db_collation="C")
    received_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "provider", "event_id"], name="each_provider_event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
