"""Customers of a store: who they are, what they agreed to, their tags and totals.

A null text means that Shopify has not told us; an empty one that the customer has none.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Func
from django.db.models.functions import Collate, Lower, Now

from customers.querysets import CustomerManager
from tenants.scoping.constraints import SameTenant
from tenants.scoping.owned import OwnedForeignKey, TenantKey, TenantOwned
from xeno.lib.money import MoneyField


class Consent(models.TextChoices):
    """Whether a customer may be written to, in Shopify's words."""

    SUBSCRIBED = "subscribed", "Subscribed"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
    NOT_SUBSCRIBED = "not_subscribed", "Not subscribed"
    PENDING = "pending", "Pending"
    INVALID = "invalid", "Invalid"
    REDACTED = "redacted", "Redacted"


class Channel(models.TextChoices):
    """What a consent is for."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"


class TotalsSource(models.TextChoices):
    """Where a total comes from."""

    COMPUTED = "computed", "Computed from the orders held here"
    SHOPIFY = "shopify", "Shopify's own figure"


def code_column(**options: object) -> models.TextField[str | None, str | None]:
    """A nullable text that sorts and compares by code point, as prefix search needs."""
    return models.TextField(null=True, blank=True, db_collation="C", **options)  # type: ignore[arg-type]


def lowered(column: str | Func) -> models.GeneratedField:
    """A stored lower-cased copy of a column, for prefix search."""
    return models.GeneratedField(
        expression=Lower(column),
        output_field=models.TextField(null=True, db_collation="C"),
        db_persist=True,
    )


def behind_last_at(column: str) -> Func:
    """What stands behind the last @ of an address; null where there is none."""
    pattern = models.Value("@([^@]+)$")
    domain = Func(column, pattern, function="SUBSTRING", output_field=models.TextField())
    # Under the column's own collation lower() knows ASCII only, and domains have umlauts.
    return Collate(domain, "default")


class Customer(TenantOwned):
    """One customer of one store, as Shopify last told and as our orders add up."""

    shopify_id = models.BigIntegerField(help_text="Below zero: imported, unknown to Shopify")
    email = code_column()
    phone = code_column()
    first_name = models.TextField(null=True, blank=True)
    last_name = models.TextField(null=True, blank=True)
    email_search = lowered("email")
    email_domain = lowered(behind_last_at("email"))
    first_name_search = lowered("first_name")
    last_name_search = lowered("last_name")
    state = code_column()
    language = code_column()
    note = models.TextField(null=True, blank=True)
    country = code_column(help_text="ISO 3166-1, such as CA")
    region = code_column(help_text="ISO 3166-2, such as US-NY")
    city = code_column(help_text="Shopify's form, such as US-NY-NewYorkCity")
    email_consent = models.TextField(choices=Consent.choices, null=True, db_collation="C")
    email_consent_level = models.TextField(null=True)
    email_consent_at = models.DateTimeField(null=True)
    # Shopify's `openTrackingLevel`; webhooks do not tell it. Null: not told.
    email_open_tracking = code_column(help_text="OPTED_IN, OPTED_OUT or UNKNOWN")
    sms_consent = models.TextField(choices=Consent.choices, null=True, db_collation="C")
    sms_consent_level = models.TextField(null=True)
    sms_consent_at = models.DateTimeField(null=True)

    # Totals: recomputed from the orders, never incremented.
    orders_count = models.IntegerField(default=0)
    total_spent = MoneyField(default=Decimal(0))
    orders_count_source = models.TextField(choices=TotalsSource.choices, default="computed")
    total_spent_source = models.TextField(choices=TotalsSource.choices, default="computed")
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    # Shopify's own figures, used while the store's history is incomplete.
    remote_orders_count = models.IntegerField(null=True)
    remote_total_spent = MoneyField(null=True)
    remote_currency = models.CharField(max_length=3, null=True)
    remote_totals_at = models.DateTimeField(null=True)
    # Shopify's own judgement, as the Admin API spells it; webhooks do not tell it.
    remote_rfm_group = code_column(help_text="Such as CHAMPIONS")
    remote_spend_tier = code_column(help_text="HIGH, MEDIUM or LOW")
    subscriber_status = code_column(help_text="Of products, such as ACTIVE")
    remote_statistics_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField(null=True, help_text="In Shopify")
    updated_at = models.DateTimeField(null=True, help_text="In Shopify; null until it told us")
    # With updated_at, the version of the fields above: a full tie goes to the larger order.
    triggered_at = models.DateTimeField(null=True)
    version_order_id = models.BigIntegerField(default=0)
    # When the whole list of tags was last told, by which an older single tag is known.
    tags_at = models.DateTimeField(null=True)
    # The version of the list of addresses: who tells the newest need not tell it.
    addresses_at = models.DateTimeField(null=True)
    addresses_triggered_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[CustomerManager[Any]] = CustomerManager()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "shopify_id"], name="one_customer_per_shopify_id"
            ),
            # Of whom Shopify does not know: a number below zero, and the address says who it is.
            models.UniqueConstraint(
                fields=["tenant", "email_search"],
                condition=models.Q(shopify_id__lt=0),
                name="one_imported_customer_per_email",
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{channel}_consent__in": Consent.values})
                    | models.Q(**{f"{channel}_consent": None}),
                    name=f"customer_{channel}_consent_is_known",
                )
                for channel in Channel.values
            ),
            models.CheckConstraint(
                condition=models.Q(orders_count__gte=0), name="customer_orders_count_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-last_order_at", "-id"],
                include=["orders_count", "total_spent"],
                name="customer_by_last_order",
            ),
            models.Index(fields=["tenant", "-total_spent", "-id"], name="customer_by_spend"),
            models.Index(fields=["tenant", "-updated_at", "-id"], name="customer_by_update"),
            models.Index(fields=["tenant", "-synced_at", "-id"], name="customer_by_sync"),
            models.Index(fields=["tenant", "email_search"], name="customer_by_email"),
            models.Index(fields=["tenant", "email_domain"], name="customer_by_email_domain"),
            models.Index(fields=["tenant", "first_name_search"], name="customer_by_first_name"),
            models.Index(fields=["tenant", "last_name_search"], name="customer_by_last_name"),
            models.Index(fields=["tenant", "country"], name="customer_by_country"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"Customer {self.shopify_id}"

    @property
    def name(self) -> str:
        """First and last name as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class CustomerAddress(TenantOwned):
    """Where a customer has parcels sent, as codes; '' for none.

    The default address is the customer's own country, region and city; the others are those of
    the newest list. Latitude and longitude are in micro-degrees.
    """

    # Its customer is always there, of the same store by the composite key.
    tenant = TenantKey(db_constraint=False)
    customer = OwnedForeignKey(Customer, related_name="addresses")
    shopify_id = models.BigIntegerField(null=True, help_text="Null: told without one")
    country = models.TextField(db_collation="C", help_text="ISO 3166-1, such as CA")
    region = models.TextField(db_collation="C", help_text="ISO 3166-2, such as US-NY")
    city = models.TextField(db_collation="C", help_text="Shopify's form, such as US-NY-NewYorkCity")
    latitude = models.IntegerField(null=True)
    longitude = models.IntegerField(null=True)
    is_default = models.BooleanField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="address_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=models.Q(is_default=True),
                name="one_default_address",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "country", "customer"], name="address_by_country"),
            models.Index(fields=["tenant", "region", "customer"], name="address_by_region"),
            models.Index(fields=["tenant", "city", "customer"], name="address_by_city"),
            models.Index(fields=["tenant", "customer"], name="address_of_customer"),
            # A box around a place; most addresses are told without coordinates.
            models.Index(
                fields=["tenant", "latitude", "longitude"],
                include=["customer"],
                condition=models.Q(latitude__isnull=False),
                name="address_by_coordinates",
            ),
        ]

    def __str__(self) -> str:
        return self.city or self.region or self.country


class CustomerCompany(TenantOwned):
    """That a customer buys for a company (B2B), by Shopify's id of it."""

    customer = OwnedForeignKey(Customer, related_name="companies")
    company_id = models.BigIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="company_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer", "company_id"], name="customer_of_company_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "company_id", "customer"], name="customer_by_company")
        ]

    def __str__(self) -> str:
        return f"Company {self.company_id}"


class CustomerTag(TenantOwned):
    """That a customer has, or no longer has, a tag: the newest word on each tag wins.

    A removed tag keeps its row, so that an older "added" that arrives late is known as old.
    """

    customer = OwnedForeignKey(Customer, related_name="tag_rows")
    tag = models.TextField()
    tag_key = models.TextField(db_collation="C", help_text="The tag in lower case")
    present = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="tag_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer", "tag_key"], name="one_word_per_customer_and_tag"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "tag_key", "customer"],
                condition=models.Q(present=True),
                name="customer_by_tag",
            )
        ]

    def __str__(self) -> str:
        return self.tag


class ConsentChange(TenantOwned):
    """One word on a consent: the history that shows when, how and from where it came."""

    customer = OwnedForeignKey(Customer)
    channel = models.TextField(choices=Channel.choices)
    state = models.TextField(choices=Consent.choices)
    level = models.TextField(null=True)
    source = models.TextField(help_text="The webhook topic, or what else told us")
    reason = models.TextField(
        default="", db_default="", help_text="How they agreed, where we said so"
    )
    changed_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            SameTenant(field="customer", name="consent_and_customer_same_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "customer", "channel", "changed_at", "state"],
                name="each_word_on_consent_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.state}"


class Tombstone(TenantOwned):
    """That Shopify deleted something, so that a late create or update cannot bring it back.

    A merged customer's tombstone says into whom: later words on it mean the kept one.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        ORDER = "order", "Order"
        PRODUCT = "product", "Product"
        CHECKOUT = "checkout", "Checkout"

    kind = models.TextField(choices=Kind.choices)
    shopify_id = models.BigIntegerField()
    merged_into = models.BigIntegerField(null=True, help_text="Shopify's id of the kept customer")
    deleted_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        constraints = [
            *TenantOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "kind", "shopify_id"], name="deleted_only_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shopify_id}"
