"""Rollups of orders: what numbers are read from, and what keeps them in step.

Days are the store's; an amount is in thousandths of its row's currency, or of the store's.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tenants.scoping.owned import TenantOwned
from xeno.lib.money import MoneyField


class Unit(models.TextChoices):
    """How long a stretch is that is recounted at once."""

    DAY = "day", "Day"
    WEEK = "week", "Week, from Monday"
    MONTH = "month", "Month"


class SalesDay(TenantOwned):
    """What counted orders of one currency brought, placed on one day."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    orders = models.IntegerField()
    revenue = MoneyField(help_text="After refunds and edits")
    new_orders = models.IntegerField(help_text="Of customers who had not ordered before the day")
    new_revenue = MoneyField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "day", "currency"],
                include=["orders", "revenue", "new_orders", "new_revenue"],
                name="one_row_of_sales_per_day_and_currency",
            ),
            models.CheckConstraint(
                condition=Q(orders__gt=0, new_orders__gte=0, new_orders__lte=F("orders")),
                name="sales_of_new_customers_are_among_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class BuyersDay(TenantOwned):
    """How many customers ordered on one day, and how many of them for the first time."""

    day = models.DateField()
    buyers = models.IntegerField()
    newcomers = models.IntegerField(help_text="Who had not ordered before the day")
    newcomers_again = models.IntegerField(help_text="Newcomers with a second order on the day")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "day"],
                include=["buyers", "newcomers", "newcomers_again"],
                name="one_row_of_buyers_per_day",
            ),
            models.CheckConstraint(
                condition=Q(
                    newcomers_again__gte=0,
                    newcomers__gte=F("newcomers_again"),
                    buyers__gte=F("newcomers"),
                ),
                name="newcomers_are_among_the_buyers",
            ),
        ]

    def __str__(self) -> str:
        return str(self.day)


class ReturnDay(TenantOwned):
    """How many customers who ordered on one day had last done so on another.

    Whoever ordered in a period is counted once by leaving out those who had last ordered within
    it too: so every period has its customers from sums alone.
    """

    day = models.DateField()
    previous = models.DateField()
    customers = models.IntegerField()
    second = models.IntegerField(help_text="Of them, those for whom it was the second order")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "day", "previous"],
                include=["customers", "second"],
                name="one_row_of_returns_per_two_days",
            ),
            models.CheckConstraint(
                condition=Q(previous__lt=F("day")), name="who_returns_was_there_before"
            ),
            models.CheckConstraint(
                condition=Q(customers__gt=0, second__gte=0, second__lte=F("customers")),
                name="second_orders_are_among_returns",
            ),
        ]
        indexes = [
            # Of a period's returns only those from within it are asked for.
            models.Index(
                fields=["tenant", "previous", "day"],
                include=["customers", "second"],
                name="returns_by_day_before",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} after {self.previous}"


class ProductDay(TenantOwned):
    """What was sold of one product on one day in one currency, at its lines' prices."""

    day = models.DateField()
    product_shopify_id = models.BigIntegerField(help_text="As lines name it")
    currency = models.CharField(max_length=3)
    orders = models.IntegerField()
    quantity = models.BigIntegerField()
    revenue = MoneyField(help_text="Of what was not taken back, after the lines' discounts")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "day", "product_shopify_id", "currency"],
                include=["orders", "quantity", "revenue"],
                name="one_row_per_day_product_and_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.product_shopify_id}"


class CohortCell(TenantOwned):
    """Of the customers whose first order lies in one week or month, who ordered in another."""

    unit = models.TextField(choices=Unit.choices[1:], db_collation="C")
    cohort = models.DateField(help_text="The first day of the week or month of the first order")
    period = models.DateField(help_text="The first day of the week or month that is looked at")
    customers = models.IntegerField()
    orders = models.IntegerField(help_text="In whatever currency")
    revenue = MoneyField(help_text="In the store's currency")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "unit", "period", "cohort"], name="one_cell_per_cohort_and_period"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=[Unit.WEEK, Unit.MONTH]), name="cohorts_are_weeks_or_months"
            ),
            models.CheckConstraint(
                condition=Q(cohort__lte=F("period")), name="a_cohort_begins_with_its_first_order"
            ),
            models.CheckConstraint(
                condition=Q(customers__gt=0, orders__gte=F("customers")),
                name="who_is_in_a_cell_has_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.cohort} in {self.period}"


class SalesChange(TenantOwned):
    """That a batch wrote orders: whose, and of when. Inserted and deleted, never changed."""

    touched = models.JSONField(help_text="Our id of the customer or 0, and seconds of the epoch")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [*TenantOwned.Meta.constraints]

    def __str__(self) -> str:
        return f"Change {self.pk}"


class StaleStretch(TenantOwned):
    """A day, week or month that must be recounted."""

    unit = models.TextField(choices=Unit.choices, db_collation="C")
    begins = models.DateField()
    stale_since = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "unit", "begins"], name="stale_once"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="stale_unit_is_known"),
        ]
        indexes = [
            models.Index(fields=["tenant", "unit", "stale_since"], name="stale_in_order_of_notes")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.begins}"


class RollupState(TenantOwned):
    """What a store's rollups are true of. Its lock is who is recounting."""

    timezone = models.TextField()
    currency = models.CharField(max_length=3)
    version = models.BigIntegerField(default=1, help_text="Moves with every recount")
    counted_at = models.DateTimeField(null=True, help_text="When the last recount ended")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="one_state_of_rollups"),
        ]

    def __str__(self) -> str:
        return f"Version {self.version}"


class RfmCell(TenantOwned):
    """How many customers have these scores, with their orders and money, when they were scored."""

    recency = models.IntegerField()
    frequency = models.IntegerField()
    monetary = models.IntegerField()
    rfm_group = models.TextField(db_collation="C")
    customers = models.IntegerField()
    orders = models.BigIntegerField()
    spent = MoneyField(help_text="In the store's currency")
    scored_on = models.DateField(help_text="The store's day")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "recency", "frequency", "monetary", "rfm_group"],
                name="one_cell_per_scores_and_group",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{score}__range": (0, 5)}),
                    name=f"cell_of_{score}_is_none_to_five",
                )
                for score in ("recency", "frequency", "monetary")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rfm_group} {self.recency}{self.frequency}{self.monetary}"
