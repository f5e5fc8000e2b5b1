"""What a payload tells of addresses: the default one, the others, and where parcels went."""

import msgspec
import pytest

from customers.data import NO_ADDRESS, AddressData
from webhooks.mapping.addresses import coordinates
from webhooks.mapping.context import Envelope
from webhooks.mapping.customers import map_customer
from webhooks.mapping.orders import map_order

HOME = {"id": 1, "city": "Leeds", "province_code": "ENG", "country_code": "GB", "default": True}
AWAY = {"id": 2, "city": "Oslo", "country_code": "NO", "default": False}
LEEDS = AddressData(1, "GB", "GB-ENG", "GB-ENG-Leeds")
OSLO = AddressData(2, "NO", "", "NO-Oslo")
ENVELOPE = Envelope("customers/update", "ana.myshopify.com", None)


def told(**keys):
    body = {"id": 7, "updated_at": "2026-03-01T12:00:00Z", **keys}
    [customer] = map_customer(msgspec.json.encode(body), ENVELOPE).customers
    return customer.address, customer.addresses


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, (None, None)),
        ({"default_address": HOME}, (LEEDS, None)),
        ({"default_address": None}, (NO_ADDRESS, None)),
        ({"default_address": HOME, "addresses": [HOME, AWAY]}, (LEEDS, (OSLO,))),
        ({"default_address": HOME, "addresses": [AWAY]}, (LEEDS, (OSLO,))),
        ({"default_address": HOME, "addresses": []}, (LEEDS, ())),
        ({"default_address": HOME, "addresses": None}, (LEEDS, None)),
        ({"default_address": None, "addresses": []}, (NO_ADDRESS, ())),
        ({"addresses": [AWAY, HOME]}, (LEEDS, (OSLO,))),
        ({"addresses": [AWAY]}, (None, (OSLO,))),
    ],
)
def test_the_default_address_and_the_others(keys, expected):
    assert told(**keys) == expected


@pytest.mark.parametrize(
    ("degrees", "micro"),
    [
        ((53.8008, -1.5491), (53_800_800, -1_549_100)),
        ((0, 180), (0, 180_000_000)),
        ((None, 1.5), (None, None)),
        ((1.5, None), (None, None)),
        ((91.0, 0.0), (None, None)),
        ((0.0, -180.1), (None, None)),
    ],
)
def test_coordinates_are_whole_micro_degrees_on_the_globe(degrees, micro):
    assert coordinates(*degrees) == micro


def shipped(address):
    body = {
        "id": 1, "total_price": "5", "currency": "GBP", "updated_at": "2026-03-01T12:00:00Z",
        "customer": {"id": 7, "email": "dee@example.com"}, "shipping_address": address,
    }  # fmt: skip
    _, news = map_order(msgspec.json.encode(body), ENVELOPE)
    return news.customers[0].shipped_to


def test_an_order_tells_where_its_address_is():
    expected = AddressData(None, *LEEDS.codes, 53_800_800, -1_549_100)

    assert shipped({**HOME, "id": None, "latitude": 53.8008, "longitude": -1.5491}) == expected


@pytest.mark.parametrize("address", [None, HOME, {**HOME, "latitude": 53.8}])
def test_an_order_without_coordinates_tells_of_no_place(address):
    assert shipped(address) is None
