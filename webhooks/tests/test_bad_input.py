"""Whatever a signed webhook holds: 200 and parked with its reason, or 413; never 500."""

import gzip
import json
import tarfile
from pathlib import Path

import pytest

from customers.models import Customer
from orders.models import Order
from webhooks.models import Delivery, State
from webhooks.tests.shopify import at, customer, order, sample

SUITE = Path(__file__).resolve().parents[3] / "shared/data/jsontestsuite_test_parsing.tar.gz"


def raw(**texts: str) -> bytes:
    """An order in which some values are written by hand, as no JSON library would."""
    known = {"id": "1", "total_price": '"5.00"', "currency": '"GBP"', "updated_at": f'"{at(0)}"'}
    members = (f'"{key}": {value}' for key, value in (known | texts).items())
    return ("{" + ", ".join(members) + "}").encode("utf-8", "surrogatepass")


BAD = {
    "not JSON": b"not JSON at all",
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "half": raw()[:-5],
    "f062 a NUL byte": raw()[:-1] + b"\x00}",
    "f062 an escaped NUL": raw(name='"a\\u0000b"'),
    "f062 a NUL in a part that nobody reads": raw(other='[{"deep": "\\u0000"}]'),
    "f062 a lone surrogate": raw(name='"\\ud800"'),
    "f062 a lone surrogate in bytes": raw(name='"\ud800"'),
    "f062 broken UTF-8": raw(name='"x"').replace(b'"x"', b'"\xff\xfe"'),
    "f063 nesting": b"[" * 100_000 + b"]" * 100_000,
    "f063 nesting within": raw(other="[" * 100_000 + "]" * 100_000),
    "f065 a number of 5,000 digits": raw(id="9" * 5000),
    "f065 beyond 64 bits": raw(id=str(2**63)),
    "f065 zero": raw(id="0"),
    "f065 negative": raw(id="-1"),
    "f065 infinite": raw(total_price="1e309"),
    "f065 infinite by name": raw(total_price='"Infinity"'),
    "f065 no number": raw(total_price='"NaN"'),
    "f065 NaN": raw(total_price="NaN"),
    "f065 an amount too large to store": raw(total_price='"99999999999999999"'),
    "f065 an exponent": raw(total_price='"1e999999999"'),
    "f065 a quantity too large": raw(
        line_items=f'[{{"id": 1, "quantity": {2**31}, "price": "1"}}]'
    ),
    "f067 a byte order mark": b"\xef\xbb\xbf" + raw(),
    "f067 UTF-16": raw().decode().encode("utf-16"),
    "an amount missing": b'{"id": 1, "currency": "GBP"}',
    "a currency of no currency": raw(currency='"pounds"'),
    "a date of no calendar": raw(updated_at='"2026-02-30T00:00:00Z"'),
    "gzip": gzip.compress(raw()),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_f062_f063_f065_f067_what_cannot_be_read_is_parked_with_its_reason(shopify, body):
    row = shopify.tell("orders/create", body)

    assert (row.state, row.code) == (State.PARKED, "unreadable")
    assert row.reason
    assert bytes(row.body) == body
    assert not Order.objects.exists()


def test_what_cannot_be_read_holds_nobody_up(shopify):
    for body in BAD.values():
        shopify.send("orders/create", body)
    shopify.tell("orders/create", order())

    assert Order.objects.count() == 1
    assert Delivery.objects.filter(state=State.PARKED).count() == len(BAD)


GOOD = {
    "f067 duplicate keys: the last one counts": (raw()[:-1] + b', "total_price": "7.00"}', 7),
    "f065 a number for an amount": (raw(total_price="7.5"), 7.5),
    "f065 more decimals than can be stored": (raw(total_price='"7.00049"'), 7),
    "f048 the year 0001": (raw(updated_at='"0001-01-01T00:00:00+14:00"'), 5),
    "f048 the year 9999": (raw(updated_at='"9999-12-31T23:59:59-12:00"'), 5),
    "no time at all": (raw(updated_at="null"), 5),
}


@pytest.mark.parametrize(("body", "amount"), GOOD.values(), ids=GOOD)
def test_f048_f065_f067_what_is_odd_but_can_be_read_is_applied(shopify, body, amount):
    assert shopify.tell("orders/create", body).state == State.APPLIED
    assert float(Order.objects.get().amount) == amount


def test_f060_every_file_of_the_json_test_suite_is_answered_and_set_aside_or_applied(shopify):
    if not SUITE.exists():
        pytest.skip("needs ../shared/data/jsontestsuite_test_parsing.tar.gz")
    with tarfile.open(SUITE) as archive:
        files = [archive.extractfile(member).read() for member in archive if member.isfile()]
    for body in files:
        assert shopify.send("orders/create", body).status_code == 200
    shopify.apply()

    states = set(Delivery.objects.values_list("state", flat=True))
    assert len(files) > 300
    assert states <= {State.PARKED, State.APPLIED}
    assert Delivery.objects.count() == len(files)


def test_f064_fifty_megabytes_are_413_and_leave_nothing(shopify):
    response = shopify.send("orders/create", b" " * 50_000_000)

    assert response.status_code == 413
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/delete", order()),
        ("customers/delete", customer()),
        ("products/delete", {"id": 5, "title": "Jug"}),
        ("checkouts/delete", {"id": 5, "total_price": "5.00"}),
    ],
)
def test_f100_a_body_relabelled_as_a_deletion_is_parked_and_deletes_nothing(shopify, topic, body):
    shopify.tell("orders/create", order())
    row = shopify.tell(topic, body)

    assert (row.state, row.code) == (State.PARKED, "unreadable")
    assert Order.objects.exists()
    assert Customer.objects.exists()


def test_f100_a_body_that_names_another_shop_is_parked(shopify):
    url = "https://cy.myshopify.com/1/orders/abc/authenticate?key=k"
    row = shopify.tell("orders/create", order(order_status_url=url))

    assert (row.state, row.code) == (State.PARKED, "other_shop")
    assert not Order.objects.exists()


@pytest.mark.parametrize("host", ["ana.myshopify.com", "shop.ana.example"])
def test_f100_a_body_that_names_this_shop_or_its_own_domain_is_applied(shopify, host):
    url = f"https://{host}/1/orders/abc"

    assert shopify.tell("orders/create", order(order_status_url=url)).state == State.APPLIED


def test_f100_an_uninstall_of_another_shop_is_parked(shopify):
    row = shopify.tell("app/uninstalled", {"id": 1, "myshopify_domain": "cy.myshopify.com"})

    assert row.code == "other_shop"


def test_names_that_hurt_come_through_whole(shopify):
    hurtful = "Ana'); DROP TABLE orders_order; -- \u202e <script>𝕏\U0001f469\u200d\U0001f680 %s {0}"
    shopify.tell("customers/update", customer(first_name=hurtful))

    assert Customer.objects.get().first_name == hurtful


def test_every_sample_of_shopify_is_applied_or_not_handled(shopify):
    samples = ["orders/updated", "customers/update", "customer.tags_added", "refunds/create"]
    samples += ["customers/purchasing_summary", "customers_email_marketing_consent/update"]
    states = {topic: shopify.tell(topic, sample_without_shop(topic)).state for topic in samples}

    assert states.pop("refunds/create") == State.WAITING  # the samples' ids do not fit together
    assert set(states.values()) == {State.APPLIED}


def sample_without_shop(topic: str) -> dict:
    return json.loads(json.dumps(sample(topic)).replace("jsmith.myshopify.com", "ana.example"))
