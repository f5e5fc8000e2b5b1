"""What a bulk operation tells of a customer beside the customer: addresses, Shopify's judgement."""

import json
from datetime import UTC, date, datetime

import pytest
from graphql import parse

from customers.data import NO_ADDRESS, AddressData
from tenants.shopify.documents import document
from webhooks.backfill.asking import bulk_query
from webhooks.mapping import bulk_customers as mapping
from webhooks.mapping.context import Envelope
from webhooks.mapping.customers import map_customer
from webhooks.mapping.decoding import decode
from xeno.demo.shopify.bulk import flatten, node_of
from xeno.demo.shopify.nodes import customer_node
from xeno.demo.story import tell_story

READ_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", "city": "Leeds",
        "provinceCode": "ENG", "countryCodeV2": "GB", "latitude": 53.8008,
        "longitude": -1.5491}  # fmt: skip
AWAY = {"id": "gid://shopify/MailingAddress/2?model_name=CustomerAddress", "city": "Oslo",
        "provinceCode": None, "countryCodeV2": "NO", "latitude": None,
        "longitude": None}  # fmt: skip
LEEDS = AddressData(1, "GB", "GB-ENG", "GB-ENG-Leeds", 53_800_800, -1_549_100)
OSLO = AddressData(2, "NO", "", "NO-Oslo")
PEOPLE = [
    event
    for event in tell_story(opening=date(2026, 1, 1), until=date(2026, 2, 1))
    if event.topic == "customers/create"
]


def told(*addresses: dict, **keys):
    body = {"id": "gid://shopify/Customer/7", "updatedAt": "2026-03-01T12:00:00Z", **keys}
    node = decode(json.dumps(body).encode(), mapping.CustomerNode)
    nodes = [decode(json.dumps(each).encode(), mapping.AddressNode) for each in addresses]
    return mapping.customer_news(node, nodes, READ_AT)


@pytest.mark.parametrize(
    ("addresses", "keys", "expected"),
    [
        ([HOME, AWAY], {"defaultAddress": HOME}, (LEEDS, (OSLO,))),
        ([HOME], {"defaultAddress": HOME}, (LEEDS, ())),
        ([], {"defaultAddress": None}, (NO_ADDRESS, ())),
        ([], {}, (None, None)),  # both were withheld from the question
    ],
)
def test_every_address_is_told_with_its_place(addresses, keys, expected):
    [customer] = told(*addresses, **keys).customers

    assert (customer.address, customer.addresses) == expected


ADDRESS = {"emailAddress": "kim@example.com", "marketingState": "SUBSCRIBED"}


@pytest.mark.parametrize(
    ("keys", "level"),
    [
        ({"defaultEmailAddress": {**ADDRESS, "openTrackingLevel": "OPTED_OUT"}}, "OPTED_OUT"),
        ({"defaultEmailAddress": ADDRESS}, None),  # a shop's older version does not know the field
        ({"defaultEmailAddress": None}, None),
        ({}, None),
    ],
)
def test_whether_opens_may_be_counted_is_told_where_it_is(keys, level):
    [customer] = told(**keys).customers

    assert customer.email_open_tracking == level


def test_shopifys_judgement_is_told_as_of_when_it_was_read():
    [word] = told(
        statistics={"rfmGroup": "AT_RISK", "predictedSpendTier": "HIGH"},
        productSubscriberStatus="NEVER_SUBSCRIBED",
        companyContactProfiles=[{"company": {"id": "gid://shopify/Company/4"}}],
    ).statistics

    assert (word.rfm_group, word.spend_tier) == ("AT_RISK", "HIGH")
    assert (word.subscriber_status, word.companies) == ("NEVER_SUBSCRIBED", (4,))
    assert word.told_at == READ_AT


def test_companies_that_were_not_asked_for_are_not_none():
    kept, none = (
        told(statistics={}, **keys).statistics[0].companies
        for keys in ({}, {"companyContactProfiles": []})
    )

    assert (kept, none) == (None, ())


def test_somebody_has_two_addresses():
    assert any(len(event.body["addresses"]) > 1 for event in PEOPLE)


@pytest.mark.parametrize("event", PEOPLE, ids=lambda event: event.cause)
def test_addresses_by_bulk_are_those_by_webhook(event):
    asked = node_of(parse(document("bulk_customers")).definitions[0].selection_set.selections[0])
    root, children = flatten(customer_node(event.body), asked)
    nodes = [decode(line, mapping.AddressNode) for line in children]
    by_bulk = mapping.customer_news(decode(root, mapping.CustomerNode), nodes, READ_AT).customers[0]
    body = json.dumps(event.body).encode()
    by_webhook = map_customer(body, Envelope(event.topic, "x", event.at)).customers[0]

    assert places(by_bulk) == places(by_webhook)
    assert all(each.latitude is not None for each in (by_bulk.address, *by_bulk.addresses))


def places(customer) -> list[tuple]:
    """Ids and codes, the default address first."""
    return [(a.shopify_id, *a.codes) for a in (customer.address, *customer.addresses)]


def test_what_a_shop_may_not_be_asked_for_is_left_out():
    withheld = ["addressesV2", "companyContactProfiles", "defaultAddress"]
    text = bulk_query("customers", since=None, withheld=withheld)

    assert not any(field in text for field in withheld)
    assert "productSubscriberStatus" in text
    parse(text)
