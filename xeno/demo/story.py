"""The shop's life, day by day, as a list of webhooks-to-be.

Every day throws its own dice and sees only the days before it. So the same opening day always
gives the same story, and a later look only adds to its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random
from typing import Any

from xeno.demo.baskets import fill_basket, find_code, find_landing_site
from xeno.demo.catalogue import PRODUCTS
from xeno.demo.crowd import invent_person, invent_shopper
from xeno.demo.payloads import checkouts, customers, orders, products, refunds
from xeno.demo.payloads.shapes import ZONE
from xeno.demo.purchases import Change, Person, Purchase, Shopper
from xeno.demo.seasons import HOURS, expected_orders

GUESTS, NEWCOMERS = 0.07, 0.27  # shares of all orders
SIGN_UPS_A_DAY, CHECKOUTS_A_DAY = 0.11, 0.4
VIP_FROM = 450
SUMMARY_EVERY = 5  # orders, then Shopify tells its own figures of the customer

# What becomes of a purchase, with its share; the rest is paid and stays so.
FATES = (
    ("part_refunded", 0.018),
    ("refunded", 0.008),
    ("cancelled", 0.010),
    ("voided", 0.006),
    ("paid_later", 0.006),
    ("test", 0.003),
)
STATUS_AT_FIRST = {"cancelled": "authorized", "voided": "authorized", "paid_later": "pending"}


@dataclass(frozen=True)
class Event:
    """Something that Shopify tells. Topic, cause and time name it among all others."""

    topic: str
    at: datetime
    cause: str
    body: dict[str, Any]


@dataclass
class Life:
    """The shop as it stands while the days go by."""

    opening: date
    name: str
    shoppers: list[Shopper] = field(default_factory=list)
    people: int = 0
    orders: int = 0
    checkouts: int = 0
    events: list[Event] = field(default_factory=list)

    def tell(self, topic: str, at: datetime, cause: str, body: dict[str, Any]) -> None:
        """Add one thing to the story."""
        self.events.append(Event(topic, at, cause, body))


def tell_story(*, opening: date, until: date, name: str = "Hart & Thread") -> list[Event]:
    """All that happens from the opening until the night before `until`, in its order; a shop of
    another name has other people."""
    life = Life(opening, name)
    stock_shelves(life)
    for number in range((until - opening).days):
        live_day(life, opening + timedelta(days=number))
    end = midnight(until)
    return sorted((event for event in life.events if event.at < end), key=lambda event: event.at)


def midnight(day: date) -> datetime:
    """The instant at which the day begins in the store's time zone."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def stock_shelves(life: Life) -> None:
    """The products, made in the week before the opening."""
    for product in PRODUCTS:
        at = midnight(life.opening) - timedelta(days=7) + timedelta(hours=9, minutes=product.number)
        life.tell("products/create", at, product.sku, products.product(product, at))


def live_day(life: Life, day: date) -> None:
    """One day's orders, sign-ups and abandoned checkouts."""
    dice = Random(f"{life.name}, {day}")  # noqa: S311 - a story, no secret
    for at in moments(dice, day, expected_orders(day, life.opening)):
        buy(life, at, dice)
    for at in moments(dice, day, SIGN_UPS_A_DAY):
        join(life, at, dice)
    for at in moments(dice, day, CHECKOUTS_A_DAY):
        abandon(life, at, dice)


def moments(dice: Random, day: date, expected: float) -> list[datetime]:
    """When something happens that happens so often a day on average (Knuth's Poisson)."""
    count, product, limit = 0, dice.random(), exp(-expected)
    while product > limit:
        count, product = count + 1, product * dice.random()
    hours = dice.choices(list(HOURS), list(HOURS.values()), k=count)
    return sorted(
        midnight(day) + timedelta(hours=hour, seconds=dice.randrange(3600)) for hour in hours
    )


def join(life: Life, at: datetime, dice: Random) -> Shopper:
    """Somebody new is known from now on, with what they agreed to."""
    life.people += 1
    shopper = invent_shopper(dice, life.people, at)
    person, cause = shopper.person, f"customer {life.people}"
    life.tell("customers/create", at, cause, customers.new_customer(person, at))
    for topic, told_at, body in consents(shopper, at, dice):
        life.tell(topic, told_at, cause, body)
    if shopper.tags:
        body = customers.tags(person, sorted(shopper.tags), at)
        life.tell("customer.tags_added", at, cause, body)
    life.shoppers.append(shopper)
    return shopper


def consents(
    shopper: Shopper, at: datetime, dice: Random
) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """Whether they may be written to; some change their minds."""
    email, sms = "customers_email_marketing_consent/update", "customers_marketing_consent/update"
    person = shopper.person
    otherwise = "pending" if dice.random() < 0.12 else "not_subscribed"
    state = "subscribed" if shopper.subscribed else otherwise
    yield email, at, customers.email_consent(person, state, at)
    if shopper.subscribed and dice.random() < 0.12:
        later = at + timedelta(days=2 + dice.expovariate(1 / 80))
        yield email, later, customers.email_consent(person, "unsubscribed", later)
    if person.phone and dice.random() < 0.5:
        yield sms, at, customers.sms_consent(person, "subscribed", at)


def buy(life: Life, at: datetime, dice: Random) -> None:
    """One order: by a guest, somebody new or somebody known."""
    shopper = find_buyer(life, at, dice)
    person = shopper.person if shopper else invent_person(dice, 0, at)
    fate = find_fate(dice)
    code = find_code(dice, at.date(), shopper)
    life.orders += 1
    purchase = Purchase(
        number=life.orders,
        at=at,
        buyer=person,
        is_guest=shopper is None,
        items=fill_basket(dice, at, code),
        code=code.code if code else "",
        status=STATUS_AT_FIRST.get(fate, "paid"),
        is_test=fate == "test",
        landing_site=find_landing_site(dice, at),
    )
    cause = f"order {purchase.number}"
    life.tell("orders/create", at, cause, orders.order(purchase))
    for change in find_changes(fate, purchase, dice):
        tell_change(life, purchase, change)
    if shopper and fate not in ("test", "cancelled", "voided"):
        remember(life, shopper, purchase)


def find_buyer(life: Life, at: datetime, dice: Random) -> Shopper | None:
    """Who buys; None is a guest. The loyal come more often, and one day no more."""
    chance = dice.random()
    if chance < GUESTS:
        return None
    known = [shopper for shopper in life.shoppers if shopper.leaves >= at.date()]
    if chance < GUESTS + NEWCOMERS or not known:
        return join(life, at - timedelta(minutes=3), dice)
    return dice.choices(known, [shopper.loyalty for shopper in known])[0]


def find_fate(dice: Random) -> str:
    """What will become of a purchase."""
    names = [name for name, _ in FATES]
    shares = [share for _, share in FATES]
    return dice.choices([*names, "paid"], [*shares, 1 - sum(shares)])[0]


def find_changes(fate: str, purchase: Purchase, dice: Random) -> Iterator[Change]:
    """What Shopify will tell of the order later."""
    at, everything = purchase.at, tuple(range(len(purchase.items)))
    weeks_later = at + timedelta(days=dice.uniform(4, 18))
    if fate == "cancelled":
        yield Change("orders/cancelled", at + timedelta(hours=5), "voided", cancelled=True)
    elif fate == "voided":
        yield Change("orders/updated", at + timedelta(days=7), "voided")
    elif fate == "paid_later":
        yield Change("orders/paid", at + timedelta(days=3), "paid")
    elif fate == "refunded" or (fate == "part_refunded" and len(everything) == 1):
        yield Change("orders/updated", weeks_later, "refunded", everything)
    elif fate == "part_refunded":
        yield Change("orders/updated", weeks_later, "partially_refunded", everything[:1])


def tell_change(life: Life, purchase: Purchase, change: Change) -> None:
    """A refund, if there is one, and the order as it is after the change."""
    cause = f"order {purchase.number} {change.status}"
    if change.returned:
        life.tell("refunds/create", change.at, cause, refunds.refund(purchase, change))
    life.tell(change.topic, change.at, cause, orders.order(purchase, change))


def remember(life: Life, shopper: Shopper, purchase: Purchase) -> None:
    """The shop's own memory: a good customer's tag, a used welcome, Shopify's figures."""
    shopper.orders += 1
    shopper.spent += purchase.total
    person, at, cause = shopper.person, purchase.at, f"order {purchase.number}"
    if "welcome-offer" in shopper.tags and purchase.code:
        shopper.tags.remove("welcome-offer")
        body = customers.tags(person, ["welcome-offer"], at)
        life.tell("customer.tags_removed", at, cause, body)
    if shopper.spent >= VIP_FROM and "vip" not in shopper.tags:
        shopper.tags.add("vip")
        life.tell("customer.tags_added", at, cause, customers.tags(person, ["vip"], at))
    if shopper.orders % SUMMARY_EVERY == 0:
        body = customers.purchasing_summary(shopper, purchase)
        life.tell("customers/purchasing_summary", at, cause, body)


def abandon(life: Life, at: datetime, dice: Random) -> None:
    """A basket left behind, by somebody known or by a guest who had typed an address."""
    life.checkouts += 1
    person: Person | None = None
    if life.shoppers and dice.random() < 0.7:
        person = dice.choice(life.shoppers).person
    left_by = person or invent_person(dice, 0, at)
    body = checkouts.checkout(
        number=life.checkouts,
        at=at,
        left_by=left_by,
        is_guest=person is None,
        items=fill_basket(dice, at, None),
    )
    life.tell("checkouts/create", at, f"checkout {life.checkouts}", body)
