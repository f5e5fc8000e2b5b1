"""Small hand-made invoices, and where the files of real ones are."""

from decimal import Decimal
from pathlib import Path

from bench.deliveries import Delivery, deliveries
from bench.events import Event
from bench.online_retail import Invoice, Line

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURE = REPOSITORY / "tests" / "data" / "online_retail_500.csv.gz"
FULL_FILE = REPOSITORY.parent / "shared" / "data" / "online_retail.csv.gz"

SHOP = "demo.myshopify.com"
SECRET = "hush"


def invoice(
    number: str,
    minute: int,
    *sold: tuple[str, int, str],
    customer: int | None = 7,
    country: str = "Norway",
) -> Invoice:
    """An invoice of one morning; `sold` are (stock code, quantity, price)."""
    lines = tuple(
        Line(n, code, code.lower(), pieces, Decimal(price))
        for n, (code, pieces, price) in enumerate(sold, 1)
    )
    return Invoice(number, f"2011-03-01T09:{minute:02}:00+00:00", customer, country, lines)


def signed(events: list[Event]) -> list[Delivery]:
    return deliveries(events, shop=SHOP, secret=SECRET)
