"""Who must not be written to, and what people said they want to hear of."""

from django.db import models
from django.db.models.functions import Now

from customers.models import Customer
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class Suppression(TenantOwned):
    """An address that gets nothing more on a channel, whoever has it."""

    class Reason(models.TextChoices):
        """Why."""

        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Complained"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BY_HAND = "by_hand", "By hand"
        IMPORTED = "imported", "Imported"

    channel = models.TextField(default="email", db_default="email")
    address = models.TextField(db_collation="C", help_text="In lower case")
    reason = models.TextField(choices=Reason.choices)
    note = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "channel", "address"], name="one_suppression_per_address"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    reason__in=["bounced", "complained", "unsubscribed", "by_hand", "imported"]
                ),
                name="suppression_reason_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="suppression_newest_first"),
            # What the sweep looks through: few, beside what was imported.
            models.Index(
                fields=["tenant", "address"],
                condition=models.Q(reason="unsubscribed"),
                name="suppression_unsubscribed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.reason}"


class Topic(TenantOwned):
    """What campaigns are about, as people see it in the preference centre."""

    name = models.TextField()
    description = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="one_topic_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Preference(TenantOwned):
    """One thing that a customer chose in the preference centre.

    A topic that is not wanted (topic), a pause (`until`), or at most so many messages in 30 days
    (`most`): exactly one of the three.
    """

    customer = OwnedForeignKey(Customer)
    topic = OwnedForeignKey(Topic, null=True)
    until = models.DateTimeField(null=True)
    most = models.IntegerField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="preference_and_customer_same_tenant"),
            SameTenant(field="topic", name="preference_and_topic_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer", "topic"], name="one_word_per_customer_and_topic"
            ),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=models.Q(until__isnull=False),
                name="one_pause_per_customer",
            ),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=models.Q(most__isnull=False),
                name="one_frequency_per_customer",
            ),
            models.CheckConstraint(
                condition=models.Q(topic__isnull=False, until=None, most=None)
                | models.Q(topic=None, until__isnull=False, most=None)
                | models.Q(topic=None, until=None, most__gte=0),
                name="preference_says_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Preference of customer {self.customer_id}"


class Reach(TenantOwned):
    """How many customers could be written to on a day, as a worker last counted on it."""

    day = models.DateField(help_text="The store's")
    customers = models.IntegerField(help_text="Whom the store knows")
    reachable = models.IntegerField(help_text="With consent and an address that is not suppressed")
    counted_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "day"], name="one_reach_per_day"),
            models.CheckConstraint(
                condition=models.Q(reachable__gte=0, customers__gte=models.F("reachable")),
                name="who_is_reached_is_a_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reachable} of {self.customers}"
