"""Random small stores, made of what is hard: edges of days, ties, odd texts, nothing at all.

Everything is chosen from short lists, the plainest first, so that values meet and Hypothesis
shrinks to what is plain. `random` may be Hypothesis's or Python's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from tests.segments.days import clock_shows, day_at, first_moment, moved
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

T = TypeVar("T")
TICK = timedelta(microseconds=1)
CURRENCY = "EUR"

# Each with moments of its clock at which something happens to days.
ZONES: dict[str, tuple[str, ...]] = {
    "UTC": ("2026-06-15T12:00:00",),
    "Europe/Berlin": ("2026-03-29T03:00:00", "2026-10-25T02:30:00"),
    "America/New_York": ("2026-03-08T12:00:00", "2026-11-01T01:30:00"),
    "Africa/Cairo": ("2026-04-24T01:00:00", "2026-04-25T00:00:00"),  # no midnight
    "America/Santiago": ("2026-09-06T01:00:00",),  # no midnight either
    "Asia/Kolkata": ("2026-06-15T00:15:00",),
    "Australia/Lord_Howe": ("2026-10-04T02:30:00",),  # half an hour
    "Pacific/Kiritimati": ("2026-01-01T00:00:00",),  # + 14
    "Pacific/Pago_Pago": ("2025-12-31T23:59:59",),  # - 11
    "America/Goose_Bay": ("2010-11-08T00:30:00",),  # whose 0:01 was 23:01 again
}  # fmt: skip
NOWS = (
    "2026-06-15T12:00:00", "2024-02-29T12:00:00", "2026-03-31T00:00:00",
    "2025-12-31T23:59:59", "2026-01-01T00:00:00", "2025-03-01T12:00:00",
)  # fmt: skip
DISTANCES = (
    0, -1, 1, -7, -2, -14, -28, -29, -30, -31, -59, -60, -89, -90, -91, -180, -181, -364, -365,
    -366, -730, -3000, 2, 30, 365,
)  # fmt: skip
EDGE_DAYS = (
    date(2024, 2, 29), date(2023, 2, 28), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 29),
    date(2026, 10, 25), date(2026, 4, 24), date(1999, 12, 31), date(2099, 1, 1),
)  # fmt: skip

AMOUNTS = tuple(
    map(Decimal, ("0", "10.99", "5", "0.001", "100", "999.99", "1000.99", "4310", "123456789.5"))
)
CURRENCIES = (CURRENCY, CURRENCY, CURRENCY, "USD", "JPY")
STATUSES = ("paid", None, "refunded", "pending", "voided", "expired", "partially_refunded")
TAGS = (
    "vip", "VIP-Gold", "wholesale", "vip gold", "O'Neil", "back\\slash", 'quo"te', "straße",
    "STRASSE", "İstanbul", "ΟΔΟΣ", "é", "e\u0301", "日本", "😀", "a%b", "_", "-30d", "AND",
    "50 % off; DROP TABLE", "x" * 255,
)  # fmt: skip
EMAILS = (
    None, "a@example.com", "B@Gmail.COM", "c@gmail.com", "d@mail.gmail.com", "a@b@example.com",
    "nobody", "", "e@BÜCHER.example", "f@o'neil.example",
)  # fmt: skip
LANGUAGES = (None, "en", "en-US", "EN", "de", "pt-BR")
STATES = (None, "enabled", "disabled", "invited", "declined")
CONSENTS = (
    None, "subscribed", "unsubscribed", "not_subscribed", "pending", "invalid", "redacted",
)  # fmt: skip
GROUPS = (None, "CHAMPIONS", "LOYAL", "AT_RISK", "PROSPECTS")
TIERS = (None, "HIGH", "MEDIUM", "LOW")
SUBSCRIBERS = (None, "ACTIVE", "CANCELLED", "NEVER_SUBSCRIBED")
PLACES = (
    ("US", "US-NY", "US-NY-NewYorkCity"), ("US", "US-CA", "US-CA-LosAngeles"),
    ("CA", "CA-ON", None),
    ("DE", None, "DE--Köln"), ("GB", "GB-ENG", "GB-ENG-O'Town"), ("FR", None, None),
    (None, None, None),
)  # fmt: skip
POINTS = (  # in millionths of a degree, as they are kept
    None, (52_520_000, 13_405_000), (52_500_000, 13_400_000), (40_712_800, -74_006_000),
    (-17_700_000, 179_999_000), (-17_700_000, -179_999_000), (89_999_000, 0), (-90_000_000, 0),
    (0, 0), (0, 180_000_000), (-33_868_800, 151_209_300),
)  # fmt: skip
APPS = (None, 1, 580111, 2**62)
COMPANIES = (1, 77, 2**53 + 1)
PRODUCTS = (100, 101, 102, 2012162031638, 2**60 + 1)
CATEGORIES = (
    (None, None), ("aa-1", "Apparel & Accessories"), ("hg-3", None),
    ("aa-1-13", "Apparel & Accessories > Clothing"),
)  # fmt: skip
NAMES = ("hands", "O'Brien's", "Good \\ bad", "großer Umsatz")


@dataclass(frozen=True)
class Case:
    """A store and the moment at which it is asked."""

    store: Store
    now: datetime


@dataclass
class Builder:
    """Makes one store by asking `random` for each choice."""

    random: Random
    zone: ZoneInfo
    now: datetime

    def pick(self, choices: Sequence[T]) -> T:
        """One of them; the first is the plainest."""
        return self.random.choice(choices)

    def some(self, choices: Sequence[T], most: int) -> tuple[T, ...]:
        """A few of them, none twice."""
        return tuple(dict.fromkeys(self.pick(choices) for _ in range(self.random.randint(0, most))))

    def seldom(self) -> bool:
        """True once in six."""
        return self.pick((False, False, False, False, False, True))

    def moment(self) -> datetime:
        """A moment at, just before, just after an edge of a day, or within it."""
        today = day_at(self.now, self.zone)
        edge = self.seldom()
        day = self.pick(EDGE_DAYS) if edge else moved(today, self.pick(DISTANCES), "d")
        start = first_moment(day, self.zone)
        four = clock_shows(datetime.combine(day, time(16)), self.zone)
        half = timedelta(milliseconds=500)
        noon = timedelta(hours=12)
        return self.pick((start + noon, start, start - TICK, start + TICK, four, four + half))

    def address(self) -> Address:
        """A place with or without its point."""
        country, region, city = self.pick(PLACES)
        point = self.pick(POINTS)
        latitude, longitude = (None, None) if point is None else (each / 1e6 for each in point)
        return Address(country, region, city, latitude, longitude)

    def customer(self, number: int) -> Customer:
        """Somebody of whom nothing is known, or something of each."""
        if self.seldom():
            return Customer(number)
        tags = self.some(TAGS, 3)
        keys = {tag.lower() for tag in tags}
        told = self.seldom()
        return Customer(
            number,
            email=self.pick(EMAILS),
            language=self.pick(LANGUAGES),
            state=self.pick(STATES),
            email_consent=self.pick(CONSENTS),
            sms_consent=self.pick([each for each in CONSENTS if each != "invalid"]),
            created_at=None if self.seldom() else self.moment(),
            tags=tags,
            lost_tags=tuple(tag for tag in self.some(TAGS, 1) if tag.lower() not in keys),
            addresses=tuple(self.address() for _ in range(self.random.randint(0, 2))),
            companies=self.some(COMPANIES, 2) if self.seldom() else (),
            remote_orders_count=self.pick((3, 0, 250)) if told else None,
            remote_total_spent=self.pick(AMOUNTS) if told else None,
            remote_currency=self.pick(CURRENCIES) if told else None,
            scores=self.pick((None, (5, 4, 3), (1, 1, 1), (5, 5, 5), (2, 3, 4))),
            our_group=self.pick(GROUPS[1:]),  # who is judged at all has a group
            our_tier=self.pick(TIERS),
            remote_group=self.pick(GROUPS),
            remote_tier=self.pick(TIERS),
            subscriber=self.pick(SUBSCRIBERS),
        )

    def order(self, number: int, customers: Sequence[int | None]) -> Order:
        """An order of one of them, or of a guest."""
        line = range(self.random.randint(0, 3))
        return Order(
            number,
            customer=self.pick(customers),
            processed_at=self.moment(),
            left=self.pick(AMOUNTS),
            currency=self.pick(CURRENCIES),
            status=self.pick(STATUSES),
            test=self.seldom(),
            cancelled_at=self.now if self.seldom() else None,
            app=self.pick(APPS),
            location=self.pick(APPS),
            lines=tuple(Line(self.pick((*PRODUCTS, None)), self.pick((1, 2, 5))) for _ in line),
        )

    def product(self, number: int) -> Product:
        """A product with tags and a category, or without."""
        category, name = self.pick(CATEGORIES)
        return Product(number, self.some(TAGS, 2), category, name)

    def checkout(self, number: int, customers: Sequence[int | None]) -> Checkout:
        """A checkout, abandoned or completed."""
        done = self.pick((None, None, self.now))
        return Checkout(number, self.pick(customers), self.moment(), done)

    def store(self, most: int) -> Store:
        """A store with up to so many customers."""
        ids = range(1, 2 + self.random.randint(0, most - 1))
        buyers = (*ids, None)
        products = PRODUCTS[: self.random.randint(0, len(PRODUCTS))]
        return Store(
            zone=self.zone,
            currency=CURRENCY,
            complete=self.pick((True, True, False)),
            customers=tuple(self.customer(number) for number in ids),
            orders=tuple(
                self.order(1000 + n, buyers) for n in range(self.random.randint(0, 2 * most))
            ),
            products=tuple(self.product(number) for number in products),
            checkouts=tuple(
                self.checkout(2000 + n, buyers) for n in range(self.random.randint(0, most))
            ),
            segments=tuple(
                Segment(n, name, members=frozenset(self.some(ids, 3)))
                for n, name in enumerate(NAMES[: self.random.randint(0, 2)], 1)
            ),
        )


def make_case(random: Random, *, most: int = 8) -> Case:
    """A random store of at most so many customers, and a moment that is hard for its clock."""
    name = random.choice(tuple(ZONES))
    zone = ZoneInfo(name)
    shown = random.choice((*ZONES[name], *NOWS))
    now = clock_shows(datetime.fromisoformat(shown), zone).astimezone(UTC)
    return Case(Builder(random, zone, now).store(most), now)
