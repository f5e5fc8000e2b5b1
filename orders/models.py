"""What a store sold: orders with lines and refunds, products, abandoned checkouts."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from customers.models import Customer, TotalsSource, code_column
from orders import dates
from orders.predicting.models import Prediction, PredictionFit
from orders.querysets import OrderManager
from orders.rollups import models as rollups  # noqa: F401  # Django looks for tables here
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantKey, TenantOwned
from xeno.lib.money import MoneyField

__all__ = ["Prediction", "PredictionFit"]  # where Django looks for tables

# An order in one of these states brought nothing; neither did a test or a cancelled one.
NOT_PAID_FOR = ("voided", "expired")


class Order(TenantOwned):
    """One order. `amount` is Shopify's total_price, `current_amount` what is left of it
    after edits and refunds."""

    shopify_id = models.BigIntegerField()
    name = models.TextField(db_collation="C", help_text="As printed, such as #1001")
    name_search = models.GeneratedField(
        expression=Lower("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    customer = OwnedForeignKey(Customer, null=True, blank=True, related_name="orders")
    email = code_column(help_text="As given with the order; a guest has no other")
    amount = MoneyField()
    # What Shopify said is left; current_amount also counts refunds newer than its word.
    reported_amount = MoneyField()
    current_amount = MoneyField()
    refunded_amount = MoneyField(default=0)
    currency = models.CharField(max_length=3)
    financial_status = code_column()
    fulfillment_status = code_column()
    processed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    test = models.BooleanField(default=False)
    counted = models.GeneratedField(
        expression=models.Case(
            models.When(
                Q(test=False)
                & Q(cancelled_at=None)
                & (Q(financial_status=None) | ~Q(financial_status__in=NOT_PAID_FOR)),
                then=models.Value(True),
            ),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    source = models.TextField(null=True, blank=True)
    discount_codes = models.JSONField(null=True, blank=True, help_text="A list of codes")
    landing_site = models.TextField(null=True, blank=True)
    # Which app and which shop of bricks sold it; webhooks alone tell the latter.
    app_id = models.BigIntegerField(null=True, blank=True)
    location_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(help_text="In Shopify")
    updated_at = models.DateTimeField(help_text="In Shopify")
    triggered_at = models.DateTimeField()
    synced_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[OrderManager[Any]] = OrderManager()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="order_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_order_per_shopify_id"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "customer", "-processed_at"],
                include=["current_amount", "counted", "currency"],
                name="order_of_customer",
            ),
            models.Index(
                fields=["tenant", "-processed_at", "-id"],
                include=["customer", "current_amount"],
                name="order_by_day",
            ),
            models.Index(fields=["tenant", "-amount", "-id"], name="order_by_amount"),
            models.Index(fields=["tenant", "-updated_at", "-id"], name="order_by_update"),
            models.Index(fields=["tenant", "-synced_at", "-id"], name="order_by_sync"),
            models.Index(fields=["tenant", "name_search"], name="order_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def oddly_dated(self) -> bool:
        """Whether its date cannot be true, such as 2099; kept as it was told."""
        return dates.is_odd(self.processed_at)


class LineItem(TenantOwned):
    """What was bought in an order. Carries the customer, the day and whether the order counts,
    so that an audience by product reads one table."""

    # Its order is always there, of the same store by the composite key, and that store exists:
    # a key of its own would look the store up again for every line.
    tenant = TenantKey(db_constraint=False)
    shopify_id = models.BigIntegerField()
    order = OwnedForeignKey(Order, related_name="line_items")
    customer = OwnedForeignKey(Customer, null=True, blank=True)
    ordered_at = models.DateTimeField()
    counted = models.BooleanField(db_default=True)
    # Shopify's ids, not keys: a line outlives its product, and may come before it.
    product_shopify_id = models.BigIntegerField(null=True)
    variant_shopify_id = models.BigIntegerField(null=True)
    title = models.TextField(default="")
    sku = models.TextField(default="")
    quantity = models.IntegerField()
    current_quantity = models.IntegerField()
    price = MoneyField()
    discount = MoneyField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="order", name="line_and_order_same_tenant"),
            SameTenant(field="customer", name="line_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "order", "shopify_id"], name="one_line_per_order_and_id"
            ),
        ]
        indexes = [
            # What did not count was not bought, whoever asks by product.
            models.Index(
                fields=["tenant", "product_shopify_id", "ordered_at"],
                include=["customer", "quantity", "order"],
                condition=Q(counted=True),
                name="line_of_product",
            ),
            # Of all lines: a customer's erasure needs it too, composite keys have no index.
            models.Index(
                fields=["tenant", "customer", "ordered_at"],
                include=["product_shopify_id", "quantity", "counted"],
                name="line_of_customer",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Refund(TenantOwned):
    """Money that went back for an order."""

    tenant = TenantKey(db_constraint=False)  # by its order, as a line's
    shopify_id = models.BigIntegerField()
    order = OwnedForeignKey(Order, related_name="refunds")
    amount = MoneyField()
    refunded_at = models.DateTimeField()
    note = models.TextField(default="", blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="order", name="refund_and_order_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_refund_per_shopify_id"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "order"], name="refund_of_order")]

    def __str__(self) -> str:
        return f"Refund {self.shopify_id}"


class Product(TenantOwned):
    """What the store sells, as Shopify last told."""

    shopify_id = models.BigIntegerField()
    title = models.TextField(default="")
    title_search = models.GeneratedField(
        expression=Lower("title"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    vendor = models.TextField(null=True, blank=True)
    product_type = models.TextField(null=True, blank=True)
    status = code_column()
    tags = models.JSONField(null=True, blank=True, help_text="A list of tags")
    category_id = code_column(help_text="Of Shopify's taxonomy, such as aa-1-13-8")
    category = models.TextField(null=True, blank=True, help_text="Its whole name")
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    triggered_at = models.DateTimeField()
    synced_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_product_per_shopify_id"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "title_search", "id"], name="product_by_title"),
            models.Index(fields=["tenant", "-updated_at", "-id"], name="product_by_update"),
            models.Index(fields=["tenant", "-synced_at", "-id"], name="product_by_sync"),
        ]

    def __str__(self) -> str:
        return self.title


class ProductTag(TenantOwned):
    """That a product has a tag: a row for each of `Product.tags`, which an index finds."""

    product = OwnedForeignKey(Product, related_name="tag_rows")
    product_shopify_id = models.BigIntegerField(help_text="As lines name it")
    tag = models.TextField()
    tag_key = models.TextField(db_collation="C", help_text="The tag in lower case")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="product", name="tag_and_product_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "product", "tag_key"], name="each_tag_of_a_product_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "tag_key", "product_shopify_id"], name="product_by_tag")
        ]

    def __str__(self) -> str:
        return self.tag


class Checkout(TenantOwned):
    """A checkout that was begun; without `completed_at` it was abandoned."""

    shopify_id = models.BigIntegerField()
    customer = OwnedForeignKey(Customer, null=True, blank=True)
    email = code_column()
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    recovery_url = models.TextField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    triggered_at = models.DateTimeField()
    synced_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="checkout_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_checkout_per_shopify_id"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-created_at"], name="checkout_of_customer"),
            models.Index(
                fields=["tenant", "created_at"],
                include=["customer"],
                condition=Q(completed_at=None),
                name="abandoned_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Checkout {self.shopify_id}"


class RfmGroup(models.TextChoices):
    """Shopify's groups of customers by recency, frequency and money, in its words."""

    CHAMPIONS = "CHAMPIONS", "Champions"
    LOYAL = "LOYAL", "Loyal"
    ACTIVE = "ACTIVE", "Active"
    NEW = "NEW", "New"
    PROMISING = "PROMISING", "Promising"
    NEEDS_ATTENTION = "NEEDS_ATTENTION", "Needs attention"
    AT_RISK = "AT_RISK", "At risk"
    ALMOST_LOST = "ALMOST_LOST", "Almost lost"
    PREVIOUSLY_LOYAL = "PREVIOUSLY_LOYAL", "Previously loyal"
    DORMANT = "DORMANT", "Dormant"
    PROSPECTS = "PROSPECTS", "Prospects"


class SpendTier(models.TextChoices):
    """How much a customer is expected to spend, in Shopify's words."""

    HIGH = "HIGH", "High"
    MEDIUM = "MEDIUM", "Medium"
    LOW = "LOW", "Low"


class TierSource(models.TextChoices):
    """Whose word a spend tier is: Shopify's, or ours by what we expect or by what was spent."""

    SHOPIFY = "shopify", "Shopify"
    PREDICTED = "predicted", "Predicted spending"
    COMPUTED = "computed", "What was spent"


SCORES = ("recency", "frequency", "monetary")


class CustomerScore(TenantOwned):
    """How a customer stands among the store's others: the scores are ours (`orders/rfm.py`),
    group and tier Shopify's own where it told them, else ours."""

    customer = OwnedForeignKey(Customer)
    recency = models.IntegerField(null=True, help_text="1 to 5; null without an order")
    frequency = models.IntegerField(null=True, help_text="1 to 5; null without an order")
    monetary = models.IntegerField(null=True, help_text="1 to 5; null without an order")
    rfm_group = models.TextField(choices=RfmGroup.choices, db_collation="C")
    spend_tier = models.TextField(choices=SpendTier.choices, null=True, db_collation="C")
    group_source = models.TextField(choices=TotalsSource.choices, default="computed")
    tier_source = models.TextField(choices=TierSource.choices, default="computed")
    scored_on = models.DateField(help_text="The store's day on which they came to be as they are")

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="score_and_customer_same_tenant"),
            models.UniqueConstraint(fields=["tenant", "customer"], name="one_score_per_customer"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{score}__range": (1, 5)}) | Q(**{score: None}),
                    name=f"score_of_{score}_is_one_to_five",
                )
                for score in SCORES
            ),
            models.CheckConstraint(
                condition=Q(rfm_group__in=RfmGroup.values), name="score_group_is_known"
            ),
            models.CheckConstraint(
                condition=Q(spend_tier__in=SpendTier.values) | Q(spend_tier=None),
                name="score_tier_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "rfm_group", "customer"], name="customer_by_rfm_group"),
            models.Index(fields=["tenant", "spend_tier", "customer"], name="customer_by_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.rfm_group} {self.recency}{self.frequency}{self.monetary}"
