"""Small data sets by hand: people told in a line, in the words of the store's own clock.

The store is in New York, its currency is USD, and it is noon of Monday, 15 June 2026, there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from tests.segments.facts import (
    Address,
    Checkout,
    Customer,
    Line,
    Order,
    Product,
    Segment,
    Store,
)

NEW_YORK = ZoneInfo("America/New_York")


def at(shown: str) -> datetime:
    """The moment at which the store's clock shows this."""
    return datetime.fromisoformat(shown).replace(tzinfo=NEW_YORK).astimezone(UTC)


NOON = at("2026-06-15T12:00")


@dataclass(frozen=True)
class Person:
    """Somebody, with what they ordered and left in a checkout."""

    facts: dict[str, Any]
    happened: Sequence[Order | Checkout]


@dataclass(frozen=True)
class Told:
    """A query in a merchant's words: whom it finds, and whom it leaves,
    each of them for a reason."""

    query: str
    finds: Sequence[Person] = ()
    leaves: Sequence[Person] = ()
    products: Sequence[Product] = ()
    segments: Sequence[Segment] = ()
    expected: set[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "expected", set(range(1, len(self.finds) + 1)))

    @property
    def store(self) -> Store:
        """The people in one store: those who are found are numbered from 1, then the others."""
        customers, orders, checkouts, numbers = [], [], [], count(1000)
        for customer, person in enumerate([*self.finds, *self.leaves], 1):
            customers.append(Customer(customer, **person.facts))
            for each in person.happened:
                mine = replace(each, id=next(numbers), customer=customer)
                (orders if isinstance(mine, Order) else checkouts).append(mine)
        return Store(
            NEW_YORK,
            "USD",
            customers=tuple(customers),
            orders=tuple(orders),
            checkouts=tuple(checkouts),
            products=tuple(self.products),
            segments=tuple(self.segments),
        )


def who(*happened: Order | Checkout, **facts: Any) -> Person:
    """Somebody of whom this is known."""
    return Person(facts, happened)


NOBODY = who()


def order(shown: str = "2026-06-01T12:00", left: str = "20", *lines: Line, **facts: Any) -> Order:
    """An order at a time of the store's clock, with what is left of it."""
    known = {"currency": "USD", "status": "paid", **facts}
    return Order(0, 0, at(shown), Decimal(left), lines=lines, **known)


def bought(*shown: str, **facts: Any) -> Person:
    """Somebody who ordered at these times."""
    return who(*(order(each) for each in shown), **facts)


def spent(*lefts: str, **facts: Any) -> Person:
    """Somebody with orders of which this is left."""
    return who(*(order(left=each) for each in lefts), **facts)


def ordered(number: int, **facts: Any) -> Person:
    """Somebody with so many orders."""
    return who(*(order() for _ in range(number)), **facts)


def of(product: int | None, quantity: int = 1, shown: str = "2026-06-01T12:00") -> Order:
    """An order of one product."""
    return order(shown, "20", Line(product, quantity))


def left_cart(shown: str, *, done: bool = False) -> Checkout:
    """A checkout that was begun then."""
    return Checkout(0, 0, at(shown), NOON if done else None)


def tagged(*tags: str, **facts: Any) -> Person:
    """Somebody with these tags."""
    return who(tags=tags, **facts)


def lives(*places: str, **facts: Any) -> Person:
    """Somebody with these addresses: `CA`, `US-NY`, `US-NY-NewYorkCity`."""
    return who(addresses=tuple(place(each) for each in places), **facts)


def place(code: str) -> Address:
    """An address of a country, of a region, or of a city."""
    country, _, rest = code.partition("-")
    region, _, city = rest.partition("-")
    return Address(country, f"{country}-{region}" if region else None, code if city else None)


def located(latitude: float, longitude: float) -> Person:
    """Somebody at a point."""
    return who(addresses=(Address("DE", None, None, latitude, longitude),))


def says(consent: str, *happened: Order | Checkout, **facts: Any) -> Person:
    """Somebody with this consent to e-mail."""
    return who(*happened, email_consent=consent, **facts)
