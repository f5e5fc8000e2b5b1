"""Customers as the rest of the program wants them, whatever shape they came in.

Everywhere, None means "not told": it never overwrites what is known. Times are aware, UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from msgspec import Struct

# A word without a time of its own is older than any word with one.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

# A customer payload beats one within an order when both say the same instant.
OWN_PAYLOAD = 2**63 - 1


# A struct: nearly every payload has one, and it is made ten times faster.
class AddressData(Struct, frozen=True):
    """Where somebody lives, as codes, '' for none; coordinates in micro-degrees."""

    shopify_id: int | None = None
    country: str = ""
    region: str = ""
    city: str = ""
    latitude: int | None = None
    longitude: int | None = None

    @property
    def codes(self) -> tuple[str, str, str]:
        """Country, region and city."""
        return self.country, self.region, self.city


NO_ADDRESS = AddressData()


@dataclass(frozen=True, slots=True)
class CustomerData:
    """What Shopify says of a customer; without `updated_at`, only that there is one."""

    shopify_id: int
    updated_at: datetime | None = None
    triggered_at: datetime | None = None
    version_order_id: int = OWN_PAYLOAD
    email: str | None = None
    phone: str | None = None
    email_open_tracking: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    state: str | None = None
    language: str | None = None
    note: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    created_at: datetime | None = None
    address: AddressData | None = None  # the default one, whose codes are those above
    addresses: tuple[AddressData, ...] | None = None  # all the others
    shipped_to: AddressData | None = None  # of an order, with coordinates


@dataclass(frozen=True, slots=True)
class ConsentData:
    """One word on whether a customer may be written to on a channel."""

    customer_id: int
    channel: str
    state: str
    level: str | None
    source: str
    changed_at: datetime = UNDATED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TagsData:
    """Tags added, removed, or (with `whole`) the whole list of a customer's tags."""

    customer_id: int
    tags: tuple[str, ...]
    changed_at: datetime
    present: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class TotalsData:
    """Shopify's own figures of a customer."""

    customer_id: int
    orders_count: int
    total_spent: Decimal
    currency: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class StatisticsData:
    """Shopify's own judgement of a customer, and the companies that they buy for.

    None of a judgement is told: there is none. `companies` is None when they are not told.
    """

    customer_id: int
    told_at: datetime
    rfm_group: str | None = None
    spend_tier: str | None = None
    subscriber_status: str | None = None
    companies: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class MergeData:
    """That one customer was merged into another."""

    kept_id: int
    deleted_id: int
    merged_at: datetime = UNDATED
