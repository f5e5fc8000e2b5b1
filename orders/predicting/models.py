"""What is expected of each customer, and how that was found."""

from django.db import models
from django.db.models import Q

from customers.models import Customer
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantOwned
from xeno.lib.money import MoneyField


class ChurnBand(models.TextChoices):
    """How likely a customer is lost, in words."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    UNKNOWN = "unknown", "Unknown"


class Refusal(models.TextChoices):
    """Why nothing is predicted in a store."""

    HISTORY = "history_incomplete", "Not all of the history is here"
    CUSTOMERS = "too_few_customers", "Too few customers with an order"
    REPEATS = "too_few_repeats", "Too few customers who came back"
    DAYS = "too_short", "The first order is too short ago"
    NO_FIT = "no_fit", "The customers follow no such pattern"


class PredictionFit(TenantOwned):
    """The last fit of a store's models, or why there is none, and when the next one is due."""

    fitted_on = models.DateField(null=True, help_text="The store's day")
    refusal = models.TextField(choices=Refusal.choices, null=True, db_collation="C")
    customers = models.IntegerField(db_default=0, help_text="With an order")
    repeating = models.IntegerField(db_default=0, help_text="With orders on two days and more")
    days = models.IntegerField(db_default=0, help_text="Since the first order")
    currency = models.CharField(max_length=3, db_default="", help_text="Of the values")
    parameters = models.JSONField(null=True, help_text="r, alpha, a, b by weeks; p, q, v by amount")
    log_likelihood = models.FloatField(null=True, help_text="Of when customers bought")
    quality = models.JSONField(null=True, help_text="What an earlier fit expected, and what came")
    bands = models.JSONField(null=True, help_text="Customers and what is expected, by churn band")
    # The row is the queue too.
    asked_at = models.DateTimeField(null=True, help_text="Something came that changes predictions")
    told_at = models.DateTimeField(null=True, help_text="When a worker was told")
    held_until = models.DateTimeField(null=True, help_text="Of a dead worker too")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="one_fit_per_store"),
            models.CheckConstraint(
                condition=Q(refusal=None) | Q(parameters=None), name="a_refused_fit_has_no_model"
            ),
        ]

    def __str__(self) -> str:
        return f"Fit of {self.fitted_on}"

    @property
    def values(self) -> bool:
        """Whether money is predicted too."""
        return "p" in (self.parameters or {})


class Prediction(TenantOwned):
    """What is expected of a customer from a day on, in the store's currency."""

    customer = OwnedForeignKey(Customer)
    predicted_on = models.DateField(help_text="The store's day from which it reckons")
    orders_30 = models.FloatField(help_text="Expected in the next 30 days")
    orders_90 = models.FloatField()
    orders_365 = models.FloatField()
    value_30 = MoneyField(null=True, help_text="Null where spending follows no pattern")
    value_90 = MoneyField(null=True)
    value_365 = MoneyField(null=True)
    alive = models.FloatField(null=True, help_text="0 to 1; null after a single order")
    churn = models.TextField(choices=ChurnBand.choices, db_collation="C")
    next_order_on = models.DateField(null=True, help_text="By then an order is as likely as not")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="prediction_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer"], name="one_prediction_per_customer"
            ),
            models.CheckConstraint(
                condition=Q(alive=None) | Q(alive__gte=0, alive__lte=1),
                name="alive_is_a_probability",
            ),
            models.CheckConstraint(
                condition=Q(churn__in=ChurnBand.values), name="churn_band_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-value_365", "-orders_365", "customer"],
                name="customer_by_expected_value",
            )
        ]

    def __str__(self) -> str:
        return f"{self.orders_365:.2f} orders"
