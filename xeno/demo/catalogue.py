"""What Hart & Thread sells. Invented, as everything in this folder."""

from dataclasses import dataclass
from decimal import Decimal

HOME, THREAD = "Hart & Thread", "Wold Weavers"
CLAY, WAX, PAPER = "Saltmarsh Pottery", "Ember & Ash", "Plain Jane Press"

WINTER, SPRING, SUMMER, AUTUMN, GIFTS = "winter", "spring", "summer", "autumn", "gifts"

# In which months a season's things sell better.
SEASON_MONTHS = {
    WINTER: frozenset({11, 12, 1, 2}),
    SPRING: frozenset({3, 4, 5}),
    SUMMER: frozenset({5, 6, 7, 8}),
    AUTUMN: frozenset({9, 10, 11}),
    GIFTS: frozenset({11, 12}),
}
IN_SEASON = 3.0
# What walkers and runners buy, by the tag of the shelf.
OUTDOORS = dict.fromkeys(("Merino beanie", "Ribbed wool socks", "Bandana, indigo"), "Sports wear")
# The kinds within Shopify's taxonomy.
CATEGORIES = {
    "Textiles": ("hg-15", "Home & Garden > Linens & Bedding"),
    "Tableware": ("hg-11", "Home & Garden > Kitchen & Dining"),
    "Candles": ("hg-3", "Home & Garden > Decor"),
    "Clothing": ("aa-1", "Apparel & Accessories > Clothing"),
    "Paper": ("os", "Office Supplies"),
}


@dataclass(frozen=True)
class Product:
    """One thing on the shelf; `pull` is how often it is chosen beside the others."""

    number: int
    title: str
    kind: str
    vendor: str
    price: Decimal
    pull: float
    season: str = ""

    @property
    def sku(self) -> str:
        """Such as HT-007."""
        return f"HT-{self.number:03}"

    @property
    def tags(self) -> tuple[str, ...]:
        """What the shop labels it with."""
        lasting = "made-to-last" if self.price > 60 else ""
        words = (self.kind.lower(), self.season, lasting, OUTDOORS.get(self.title, ""))
        return tuple(word for word in words if word)

    def pull_in(self, month: int) -> float:
        """How often it is chosen in this month."""
        return self.pull * (IN_SEASON if month in SEASON_MONTHS.get(self.season, ()) else 1.0)


SHELVES: dict[str, tuple[tuple[str, str, str, float, str], ...]] = {
    "Textiles": (
        ("Lambswool throw, oat", THREAD, "89.00", 2.0, WINTER),
        ("Lambswool throw, moss", THREAD, "89.00", 1.5, WINTER),
        ("Recycled wool picnic blanket", THREAD, "64.00", 1.5, SUMMER),
        ("Washed linen tablecloth", HOME, "58.00", 1.2, SPRING),
        ("Linen napkins, set of four", HOME, "28.00", 2.0, ""),
        ("Waffle tea towel", HOME, "12.00", 4.0, ""),
        ("Striped tea towels, pair", HOME, "18.50", 3.0, GIFTS),
        ("Block-print cushion cover", THREAD, "34.00", 2.0, ""),
        ("Velvet cushion, rust", THREAD, "42.00", 1.3, AUTUMN),
        ("Cotton bath towel", HOME, "26.00", 1.6, ""),
    ),
    "Tableware": (
        ("Stoneware mug, speckled", CLAY, "16.00", 5.0, ""),
        ("Stoneware mug, ink blue", CLAY, "16.00", 4.0, ""),
        ("Breakfast bowl", CLAY, "18.00", 3.0, ""),
        ("Pasta plate", CLAY, "22.00", 2.0, ""),
        ("Serving platter", CLAY, "48.00", 1.2, GIFTS),
        ("Teapot for two", CLAY, "54.00", 1.0, WINTER),
        ("Salt pig with spoon", CLAY, "24.00", 1.2, ""),
        ("Olive wood board", HOME, "38.00", 1.5, ""),
        ("Water carafe", HOME, "29.50", 1.3, SUMMER),
    ),
    "Candles": (
        ("Candle, fig leaf", WAX, "19.00", 3.5, ""),
        ("Candle, wood smoke", WAX, "19.00", 3.5, WINTER),
        ("Candle, sea kale", WAX, "19.00", 2.5, SUMMER),
        ("Beeswax dinner candles, six", WAX, "15.00", 3.0, WINTER),
        ("Matches in a jar", WAX, "9.50", 3.5, GIFTS),
        ("Reed diffuser, tomato vine", WAX, "27.00", 1.6, SPRING),
    ),
    "Clothing": (
        ("Fisherman jumper, navy", THREAD, "118.00", 1.4, WINTER),
        ("Fisherman jumper, ecru", THREAD, "118.00", 1.2, WINTER),
        ("Merino beanie", THREAD, "32.00", 2.2, WINTER),
        ("Ribbed wool socks", THREAD, "16.50", 4.5, WINTER),
        ("Linen shirt, chalk", HOME, "72.00", 1.5, SUMMER),
        ("Linen shirt, clay", HOME, "72.00", 1.2, SUMMER),
        ("Chore jacket", HOME, "96.00", 1.0, AUTUMN),
        ("Canvas apron", HOME, "44.00", 1.6, GIFTS),
        ("Bandana, indigo", HOME, "14.00", 2.4, SUMMER),
        ("Silk-wool scarf", THREAD, "58.00", 1.4, AUTUMN),
    ),
    "Paper": (
        ("Linen-bound notebook", PAPER, "17.00", 2.6, ""),
        ("Wall calendar", PAPER, "16.00", 1.4, WINTER),
        ("Letter set", PAPER, "13.50", 1.6, SPRING),
        ("Gift wrap, three sheets", PAPER, "8.00", 2.6, GIFTS),
        ("Cards, box of eight", PAPER, "14.50", 2.2, GIFTS),
    ),
}

PRODUCTS = tuple(
    Product(number, title, kind, vendor, Decimal(price), pull, season)
    for number, (kind, (title, vendor, price, pull, season)) in enumerate(
        ((kind, row) for kind, rows in SHELVES.items() for row in rows), start=1
    )
)
