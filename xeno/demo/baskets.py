"""What lies in a basket, with which code, and where the buyer came from."""

from datetime import date, datetime
from random import Random

from xeno.demo.catalogue import PRODUCTS
from xeno.demo.purchases import Item, Shopper
from xeno.demo.seasons import WELCOME, Promotion, find_promotion

SIZES = {1: 46, 2: 30, 3: 16, 4: 8}  # different products in a basket
MANY = frozenset({"Tableware", "Candles"})  # things of which one takes several

LANDING_SITES = {
    None: 60,
    "/?utm_source=newsletter&utm_medium=email&utm_campaign={season}": 18,
    "/?utm_source=instagram&utm_medium=social&utm_campaign={season}": 14,
    "/collections/all?utm_source=google&utm_medium=cpc&utm_campaign=brand": 8,
}
SEASONS = ("winter", "spring", "summer", "autumn")


def fill_basket(dice: Random, at: datetime, code: Promotion | None) -> tuple[Item, ...]:
    """One to four different products, the ones of the season more often."""
    size = dice.choices(list(SIZES), list(SIZES.values()))[0]
    pulls = [product.pull_in(at.month) for product in PRODUCTS]
    chosen = dict.fromkeys(dice.choices(PRODUCTS, pulls, k=size))
    percent = code.percent if code else 0
    return tuple(
        Item(product, dice.choice((1, 2, 2, 4) if product.kind in MANY else (1, 1, 1, 2)), percent)
        for product in chosen
    )


def find_code(dice: Random, day: date, shopper: Shopper | None) -> Promotion | None:
    """The promotion of the day for many; else a first order's welcome for some."""
    promotion = find_promotion(day)
    if promotion and dice.random() < 0.45:
        return promotion
    newly_subscribed = shopper is not None and "welcome-offer" in shopper.tags
    return WELCOME if newly_subscribed and dice.random() < 0.6 else None


def find_landing_site(dice: Random, at: datetime) -> str | None:
    """The page on which the visit began, where it is known."""
    page = dice.choices(list(LANDING_SITES), list(LANDING_SITES.values()))[0]
    return page.format(season=SEASONS[at.month % 12 // 3]) if page else None
