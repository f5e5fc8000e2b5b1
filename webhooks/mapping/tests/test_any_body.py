"""Whatever a body of any topic holds, its handler hears it or says that it is unreadable."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from webhooks.mapping.decoding import Unreadable
from webhooks.mapping.tests.payloads import checkout, customer, envelope, line, order, refund
from webhooks.news import HANDLERS, News

CONSENT = {"state": "subscribed"}
MERGE = {
    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
}
OF_CUSTOMER = {"customerId": "gid://shopify/Customer/7", "occurredAt": "2026-03-01T12:00:00Z"}
SUMMARY = {"numberOfOrders": "3", "amountSpent": {"amount": "1", "currencyCode": "GBP"}}
ASKED = {"shop_domain": "ana.myshopify.com", "customer": {"id": 7, "email": "d@example.com"}}

# A body that each topic takes; what is not named is an order's, a customer's or a bare id.
SOUND = {
    "refunds/create": refund(transactions=[], refund_line_items=[]),
    "customers/merge": MERGE,
    "customer.tags_added": {**OF_CUSTOMER, "tags": ["VIP"]},
    "customer.tags_removed": {**OF_CUSTOMER, "tags": ["VIP"]},
    "customers/purchasing_summary": {**OF_CUSTOMER, **SUMMARY},
    "customers_email_marketing_consent/update": {
        "customer_id": 7,
        "email_marketing_consent": CONSENT,
    },
    "customers_marketing_consent/update": {"id": 7, "sms_marketing_consent": CONSENT},
    "products/create": {"id": 5, "title": "Jug", "tags": "a, b"},
    "products/update": {"id": 5, "title": "Jug", "tags": ["a"]},
    "checkouts/create": checkout(customer=customer(), abandoned_checkout_url=""),
    "checkouts/update": checkout(name="#6", created_at="2026-03-01T12:00:00Z"),
    "shop/update": {"id": 1, "name": "Ana", "myshopify_domain": "ana.myshopify.com"},
    "app/uninstalled": {"id": 1, "currency": "GBP"},
    "customers/data_request": {**ASKED, "orders_requested": [1], "data_request": {"id": 9}},
    "customers/redact": {**ASKED, "orders_to_redact": [1]},
    "shop/redact": {"shop_id": 1, "shop_domain": "ana.myshopify.com"},
    "app/scopes_update": {"id": "gid://shopify/App/1", "current": ["read_orders"]},
}
ORDER = order(customer=customer(email="d@example.com"), line_items=[line()], order_status_url="")


def sound_body(topic):
    """A body that this topic's handler takes."""
    other = {"id": 1} if topic.endswith("/delete") else ORDER
    return SOUND.get(topic, customer(tags="a") if topic.startswith("customers/c") else other)


def hear(topic, raw):
    """What the handler gathers; any other error than Unreadable fails the test."""
    news = News()
    HANDLERS[topic](raw, envelope(topic), news)
    return news


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["https://[", "[", "gid://shopify/Customer/0", "1e400", "NaN", "abc", "\x00"])
    | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "subscribed"])
)
values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text(max_size=3), leaves)


@st.composite
def damaged(draw):
    """A topic, and a sound body of it in which some values became something else."""
    topic = draw(st.sampled_from(sorted(HANDLERS)))
    payload = dict(sound_body(topic))
    for key in draw(st.lists(st.sampled_from(sorted(payload)), min_size=1, max_size=3)):
        payload[key] = draw(values)
    return topic, json.dumps(payload).encode()


@pytest.mark.parametrize("topic", HANDLERS)
def test_the_sound_body_of_each_topic_is_heard(topic):
    news = hear(topic, json.dumps(sound_body(topic)).encode())

    assert any(getattr(news, name) for name in News.__dataclass_fields__)


@given(damaged())
@examples(max_examples=120, deadline=None)
def test_a_damaged_body_is_heard_or_unreadable(told):
    with suppress(Unreadable):
        assert hear(*told)


# Of the end of an operation nothing is read: that it came makes us ask Shopify.
READING = sorted(set(HANDLERS) - {"bulk_operations/finish"})


@pytest.mark.parametrize("topic", READING)
@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{}", b"\xff", b"1", b'"x"'])
def test_what_is_no_object_of_the_topic_is_unreadable(topic, raw):
    with pytest.raises(Unreadable):
        hear(topic, raw)


@pytest.mark.parametrize(
    "count",
    ["abc", "", "1.5", " 3", "٣", "1_0", "-1", "2147483648", -1, 2**31, 2**70, "9" * 5_000],
    ids=lambda count: str(count)[:12],
)
def test_a_number_of_orders_that_is_none_is_unreadable(count):
    payload = {**sound_body("customers/purchasing_summary"), "numberOfOrders": count}

    with pytest.raises(Unreadable):
        hear("customers/purchasing_summary", json.dumps(payload).encode())


@pytest.mark.parametrize("address", ["https://[", "https://[x]/", "http://]x"])
def test_an_address_that_is_none_is_unreadable(address):
    payload = order(order_status_url=address)

    with pytest.raises(Unreadable):
        hear("orders/create", json.dumps(payload).encode())
