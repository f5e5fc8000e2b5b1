"""What happens in a shop, at random, as Shopify's webhooks tell it: orders, refunds, deletions,
late arrivals, merges, words on customers and products."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from tests.segments import stores
from webhooks.tests.shopify import Json, customer, line, order, refund

T = TypeVar("T")
Told = tuple[str, Json]  # topic and body
PEOPLE, ORDERS, GOODS, CARTS = (
    tuple(range(1, 9)),
    tuple(range(101, 116)),
    (100, 101, 102),
    (201, 202),
)
CURRENCY = "GBP"
DAYS_AGO = (0, 1, 6, 7, 8, 29, 30, 31, 60, 89, 90, 91, 180, 364, 365, -1, -2)
TAGS = ("vip", "VIP-Gold", "wholesale", "O'Neil", "straße")
PLACES = (
    {"id": 1, "country_code": "US", "province_code": "NY", "city": "New York City"},
    {"id": 2, "country_code": "CA", "province_code": "ON", "city": "Ottawa"},
    {"id": 3, "country_code": "DE", "province_code": None, "city": "Berlin"},
)


@dataclass
class Shop:
    """Thinks up what happens next; its words carry times that may come in any order."""

    random: Random
    now: datetime
    minute: int = field(default=0)

    def pick(self, choices: Sequence[T]) -> T:
        """One of them; the first is the plainest."""
        return self.random.choice(choices)

    def word_at(self) -> str:
        """When it was said: mostly later than what was said before, at times earlier."""
        self.minute += 1
        late = self.pick((0, 0, 0, 0, 0, 3, 7))
        return (self.now + timedelta(minutes=self.minute - late)).isoformat()

    def day(self) -> str:
        """When it happened: some days ago, or to come."""
        hours = timedelta(hours=self.pick((0, 11, 23)))
        return (self.now - timedelta(days=self.pick(DAYS_AGO)) + hours).isoformat()

    def who(self) -> Json:
        """A customer as an order tells one."""
        number = self.pick(PEOPLE)
        return customer(
            number,
            email=self.pick(("a@example.com", "b@Gmail.com", None)),
            state=self.pick(("enabled", "disabled")),
            created_at=self.day(),
            updated_at=self.word_at(),
            default_address=self.pick(PLACES),
        )

    def next(self) -> Told:
        """Something that happens."""
        return self.pick(HAPPENINGS)(self)

    def order(self) -> Told:
        """An order is made, or told anew."""
        amount = self.pick(("10.99", "5.00", "100.00", "999.99", "0.00"))
        lines = [
            line(10 + n, product_id=self.pick(GOODS), quantity=self.pick((1, 2, 5)))
            for n in range(self.pick((1, 0, 2)))
        ]
        body = order(
            self.pick(ORDERS),
            total=amount,
            customer=self.pick((self.who(), self.who(), None)),
            processed_at=self.day(),
            updated_at=self.word_at(),
            currency=self.pick((CURRENCY, CURRENCY, "USD")),
            financial_status=self.pick(("paid", "paid", "voided", "pending")),
            cancelled_at=self.pick((None, None, None, self.day())),
            test=self.pick((False, False, False, True)),
            app_id=self.pick((1, 580111)),
            location_id=self.pick((None, 1)),
            line_items=lines,
        )
        return self.pick(("orders/create", "orders/updated")), body

    def refund(self) -> Told:
        """Money goes back, for an order that may not be here yet."""
        body = refund(
            self.pick((301, 302, 303)),
            order_id=self.pick(ORDERS),
            amount=self.pick(("1.00", "5.00")),
        )
        return "refunds/create", {**body, "created_at": self.word_at()}

    def order_gone(self) -> Told:
        """An order is deleted."""
        return "orders/delete", {"id": self.pick(ORDERS)}

    def customer_told(self) -> Told:
        """A customer is made or changed, with all addresses."""
        places = [self.pick(PLACES) for _ in range(self.pick((1, 2)))]
        body = {**self.who(), "addresses": places, "default_address": places[0]}
        return self.pick(("customers/create", "customers/update")), body

    def customer_gone(self) -> Told:
        """A customer is deleted, and does not come back."""
        number = self.pick(PEOPLE[-2:])
        return "customers/delete", {
            "id": number,
            "tax_exemptions": [],
            "admin_graphql_api_id": gid("Customer", number),
        }

    def merged(self) -> Told:
        """Two customers become one."""
        kept, gone = self.pick(((1, 6), (2, 7), (6, 5)))
        return "customers/merge", {
            "admin_graphql_api_customer_kept_id": gid("Customer", kept),
            "admin_graphql_api_customer_deleted_id": gid("Customer", gone),
            "status": "completed",
        }

    def tagged(self) -> Told:
        """A tag is put on, or taken off."""
        return self.pick(("customer.tags_added", "customer.tags_removed")), {
            "customerId": gid("Customer", self.pick(PEOPLE)),
            "tags": [self.pick(TAGS)],
            "occurredAt": self.word_at(),
        }

    def consented(self) -> Told:
        """Somebody may be written to, or no longer."""
        state = self.pick(("subscribed", "unsubscribed", "pending"))
        told = {
            "state": state,
            "opt_in_level": "single_opt_in",
            "consent_updated_at": self.word_at(),
        }
        if self.pick((True, False)):
            return "customers_email_marketing_consent/update", {
                "customer_id": self.pick(PEOPLE),
                "email_address": "x@y.z",
                "email_marketing_consent": told,
            }
        return "customers_marketing_consent/update", {
            "id": self.pick(PEOPLE),
            "phone": "+441",
            "sms_marketing_consent": told,
        }

    def summed_up(self) -> Told:
        """Shopify says what somebody bought in all."""
        return "customers/purchasing_summary", {
            "customerId": gid("Customer", self.pick(PEOPLE)),
            "numberOfOrders": self.pick((1, 3, 12)),
            "amountSpent": {"amount": self.pick(("10.99", "100.00")), "currencyCode": CURRENCY},
            "occurredAt": self.word_at(),
        }

    def product(self) -> Told:
        """A product is made, or gets other tags or another category."""
        category = self.pick((None, ("aa-1", "Apparel & Accessories"), ("hg-3", "Home")))
        told = category and {
            "admin_graphql_api_id": gid("TaxonomyCategory", category[0]),
            "name": "x",
            "full_name": category[1],
        }
        tags = {self.pick(TAGS) for _ in range(self.pick((1, 0, 2)))}
        return self.pick(("products/create", "products/update")), {
            "id": self.pick(GOODS),
            "title": "Jug",
            "updated_at": self.word_at(),
            "tags": ", ".join(sorted(tags)),
            "category": told,
        }

    def product_gone(self) -> Told:
        """A product is sold no longer."""
        return "products/delete", {"id": self.pick(GOODS[2:])}

    def cart(self) -> Told:
        """A checkout is begun, or comes to its end."""
        return self.pick(("checkouts/create", "checkouts/update")), {
            "id": self.pick(CARTS),
            "token": "t",
            "email": "a@example.com",
            "currency": CURRENCY,
            "total_price": "5.00",
            "created_at": self.day(),
            "updated_at": self.word_at(),
            "completed_at": self.pick((None, None, self.word_at())),
            "customer": self.who(),
        }

    def cart_gone(self) -> Told:
        """A checkout is deleted."""
        return "checkouts/delete", {"id": self.pick(CARTS[1:]), "presentment_currency": CURRENCY}


def gid(kind: str, number: int | str) -> str:
    """Shopify's global id."""
    return f"gid://shopify/{kind}/{number}"


HAPPENINGS: tuple[Callable[[Shop], Told], ...] = (
    Shop.order, Shop.order, Shop.order, Shop.order, Shop.refund, Shop.tagged, Shop.consented,
    Shop.customer_told, Shop.product, Shop.cart, Shop.summed_up, Shop.order_gone,
    Shop.customer_gone, Shop.merged, Shop.product_gone, Shop.cart_gone,
)  # fmt: skip
NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
assert set(TAGS) <= set(stores.TAGS)  # for which queries ask
