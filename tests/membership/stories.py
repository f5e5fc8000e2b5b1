"""What may happen in a store, as the webhooks that Shopify would send of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from webhooks.tests.shopify import Json, customer, line, order, refund

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE, ORDERS, PRODUCTS = st.integers(1, 4), st.integers(1, 6), st.integers(5, 7)
MINUTES = st.integers(0, 40)  # of the word's own time: late ones arrive after newer ones
DAYS = st.integers(-40, 3)  # an order's day beside noon, the future too
Word = tuple[str, Json]


def at(minutes: int = 0, days: int = 0) -> str:
    return (NOON + timedelta(days=days, minutes=minutes)).isoformat()


@st.composite
def orders(draw: st.DrawFn) -> Word:
    number, minutes = draw(ORDERS), draw(MINUTES)
    day = at(days=draw(DAYS))
    told = order(
        number,
        total=draw(st.sampled_from(["10.00", "100.00", "600.00"])),
        minutes=minutes,
        processed_at=day,
        created_at=day,
        updated_at=at(minutes),
        cancelled_at=draw(st.sampled_from([None, None, at(minutes)])),
        customer=draw(
            st.sampled_from([None, *(customer(who, minutes=minutes) for who in range(1, 5))])
        ),
        line_items=[line(number * 10, product_id=draw(PRODUCTS), quantity=draw(st.integers(1, 3)))],
    )
    return "orders/updated", told


@st.composite
def refunds(draw: st.DrawFn) -> Word:
    number = draw(ORDERS)
    return "refunds/create", refund(number + 100, order_id=number, minutes=draw(MINUTES))


@st.composite
def tags(draw: st.DrawFn) -> Word:
    told = {
        "customerId": f"gid://shopify/Customer/{draw(PEOPLE)}",
        "tags": [draw(st.sampled_from(["vip", "new"]))],
        "occurredAt": at(draw(MINUTES)),
    }
    return draw(st.sampled_from(["customer.tags_added", "customer.tags_removed"])), told


@st.composite
def consents(draw: st.DrawFn) -> Word:
    state = draw(st.sampled_from(["subscribed", "unsubscribed", "pending"]))
    told = {
        "state": state,
        "opt_in_level": "single_opt_in",
        "consent_updated_at": at(draw(MINUTES)),
    }
    body = {"customer_id": draw(PEOPLE), "email_address": "x@y.z", "email_marketing_consent": told}
    return "customers_email_marketing_consent/update", body


@st.composite
def people(draw: st.DrawFn) -> Word:
    place = draw(st.sampled_from([("GB", "ENG"), ("US", "NY")]))
    address = {"id": 1, "city": "X", "country_code": place[0], "province_code": place[1]}
    told = customer(draw(PEOPLE), minutes=draw(MINUTES), default_address=address)
    return "customers/update", told


@st.composite
def products(draw: st.DrawFn) -> Word:
    minutes = draw(MINUTES)
    told = {
        "id": draw(PRODUCTS),
        "title": "Jug",
        "tags": draw(st.sampled_from(["", "sale", "sale, new"])),
        "updated_at": at(minutes),
    }
    return "products/update", told


@st.composite
def checkouts(draw: st.DrawFn) -> Word:
    minutes, number = draw(MINUTES), draw(st.integers(1, 3))
    told = {
        "id": number,
        "total_price": "5.00",
        "currency": "GBP",
        "created_at": at(days=draw(DAYS)),
        "updated_at": at(minutes),
        "completed_at": draw(st.sampled_from([None, at(minutes)])),
        "customer": customer(draw(PEOPLE), minutes=minutes),
    }
    return "checkouts/update", told


@st.composite
def merges(draw: st.DrawFn) -> Word:
    kept, deleted = draw(st.permutations([1, 2, 3, 4]))[:2]
    return "customers/merge", {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{deleted}",
        "status": "completed",
    }


def deletions(topic: str, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Word]:
    return numbers.map(lambda number: (topic, {"id": number}))


WORDS: st.SearchStrategy[Any] = st.one_of(
    orders(), orders(), orders(), refunds(), tags(), consents(), people(), products(), checkouts(),
    merges(), deletions("orders/delete", ORDERS), deletions("customers/delete", PEOPLE),
    deletions("products/delete", PRODUCTS), deletions("checkouts/delete", st.integers(1, 3)),
)  # fmt: skip
# Words of one batch, then what the clock does, in days, before the keeper comes; None: it does
# not come yet.
TURNS = st.lists(
    st.tuples(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from([0, 0, 0, 1, 7, None])),
    min_size=2,
    max_size=7,
)
