"""What happens in the story: who comes, what they buy, what becomes of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from xeno.demo.catalogue import Product
from xeno.demo.people import HOME_COUNTRY, PLACES, Place

PENNY = Decimal("0.01")
NOTHING = Decimal("0.00")
FREE_SHIPPING_FROM = Decimal(60)
OTHER_ADDRESS_EVERY = 6  # people
SHIPPING_HOME, SHIPPING_ABROAD = Decimal("3.95"), Decimal("9.95")


@dataclass(frozen=True)
class Person:
    """Somebody with an address, known to the shop since `joined`."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str | None
    place: Place
    street: str
    joined: datetime
    has_account: bool

    @property
    def shopify_id(self) -> int:
        """As Shopify would number them."""
        return 7_100_000_000_000 + self.number

    @property
    def other_place(self) -> Place | None:
        """Where some have a second address: a parent's house, a summer's."""
        if self.number % OTHER_ADDRESS_EVERY:
            return None
        # Not thrown: the story's dice fall as they fell before there were second addresses.
        others = [place for place in PLACES if place != self.place]
        return others[self.number // OTHER_ADDRESS_EVERY % len(others)]


@dataclass(frozen=True)
class Item:
    """Some pieces of one product; the discount is of the whole line."""

    product: Product
    quantity: int
    percent_off: int

    @property
    def full(self) -> Decimal:
        """Before the discount."""
        return self.product.price * self.quantity

    @property
    def discount(self) -> Decimal:
        """What the code took off."""
        return (self.full * self.percent_off / 100).quantize(PENNY)

    @property
    def net(self) -> Decimal:
        """What was paid for it."""
        return self.full - self.discount


@dataclass(frozen=True)
class Change:
    """What later became of a purchase. `returned` are positions of its items."""

    topic: str
    at: datetime
    status: str
    returned: tuple[int, ...] = ()
    cancelled: bool = False


@dataclass(frozen=True)
class Purchase:
    """A basket that was paid for, or is going to be."""

    number: int
    at: datetime
    buyer: Person
    is_guest: bool
    items: tuple[Item, ...]
    code: str
    status: str
    is_test: bool
    landing_site: str | None

    @property
    def shopify_id(self) -> int:
        """As Shopify would number it."""
        return 5_400_000_000_000 + self.number

    @property
    def goods(self) -> Decimal:
        """The items after discounts."""
        return sum((item.net for item in self.items), NOTHING)

    @property
    def shipping(self) -> Decimal:
        """Free at home from a certain worth on."""
        if self.buyer.place.code != HOME_COUNTRY:
            return SHIPPING_ABROAD
        return NOTHING if self.goods >= FREE_SHIPPING_FROM else SHIPPING_HOME

    @property
    def total(self) -> Decimal:
        """What the buyer owed when it was placed."""
        return self.goods + self.shipping

    def returned(self, change: Change) -> Decimal:
        """What the change gave back; who returns everything has the shipping back too."""
        goods = sum((self.items[position].net for position in change.returned), NOTHING)
        return goods + (self.shipping if len(change.returned) == len(self.items) else NOTHING)


@dataclass
class Shopper:
    """A customer through their days: how loyal, until when, and how much they bought."""

    person: Person
    subscribed: bool
    loyalty: float
    leaves: date
    orders: int = 0
    spent: Decimal = NOTHING
    tags: set[str] = field(default_factory=set)
