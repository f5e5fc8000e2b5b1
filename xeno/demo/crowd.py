"""Inventing people: put together from the lists, never taken from life."""

from datetime import datetime, timedelta
from random import Random

from xeno.demo.people import (
    FIRST_NAMES,
    HOME_COUNTRY,
    LAST_NAMES,
    MAIL_DOMAINS,
    PLACES,
    STREETS,
)
from xeno.demo.purchases import Person, Shopper

PULLS = [place.pull for place in PLACES]
SUBSCRIBERS = 0.62
FOUND_BY = ("instagram", "market-stall", "friend-of-the-shop", "press")
MOST_LOYAL = 14.0
DAYS_STAYED = 260


def invent_person(dice: Random, number: int, at: datetime) -> Person:
    """Somebody with a name, an address and a mailbox that cannot exist."""
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    place = dice.choices(PLACES, PULLS)[0]
    # Ofcom keeps 07700 900000 to 900999 free for stories.
    reachable = number and place.code == HOME_COUNTRY and dice.random() < 0.35
    mailbox = f"{first}.{last}{number or dice.randrange(1000, 9999)}".lower()
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=f"{mailbox}@{dice.choice(MAIL_DOMAINS)}",
        phone=f"+447700900{number % 1000:03}" if reachable else None,
        place=place,
        street=f"{dice.randrange(1, 120)} {dice.choice(STREETS)}",
        joined=at,
        has_account=dice.random() < 0.3,
    )


def invent_shopper(dice: Random, number: int, at: datetime) -> Shopper:
    """A new customer. Few are very loyal, most are not, and everybody leaves one day."""
    subscribed = dice.random() < SUBSCRIBERS
    loyalty = min(dice.paretovariate(1.1), MOST_LOYAL)
    leaves = at + timedelta(days=20 + dice.expovariate(1 / DAYS_STAYED))
    tags: set[str] = {"newsletter", "welcome-offer"} if subscribed else set()
    if dice.random() < 0.4:
        tags.add(dice.choice(FOUND_BY))
    if loyalty == MOST_LOYAL:
        tags |= {"trade", "wholesale"}
    person = invent_person(dice, number, at)
    return Shopper(person, subscribed, loyalty, leaves.date(), tags=tags)
