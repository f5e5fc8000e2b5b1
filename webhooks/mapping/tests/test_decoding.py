"""Bytes become a typed payload or a refusal with a reason; nothing else is ever raised."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec import UNSET

from webhooks.mapping.customers import CustomerPayload
from webhooks.mapping.decoding import (
    EARLIEST,
    LATEST,
    Unreadable,
    aware,
    code,
    decode,
    gid,
    header_time,
    money,
    tag_list,
    text,
    time,
)
from webhooks.mapping.orders import OrderPayload
from webhooks.mapping.tests.payloads import NOON, body, customer, order

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
payload_types = st.sampled_from([CustomerPayload, OrderPayload])
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def readable(raw, payload_type):
    """Whether it can be read; any other error than Unreadable fails the test."""
    try:
        decode(raw, payload_type)
    except Unreadable:
        return False
    return True


@given(st.binary(), payload_types)
@example(b"\\u0000", CustomerPayload)
@example(b'"\\u0000', CustomerPayload)
@example(b'{"id": 1, "note": "\xff"}', CustomerPayload)
@example(b'{"\xff\\u0000": 1}', CustomerPayload)
@example(b"[" * 50_000, CustomerPayload)
@example(b'["\\u0000",' + b"[" * 50_000, CustomerPayload)
@example(b'{"a":' * 50_000, OrderPayload)
@example(b'{"id": 1, "created_at": "9999-12-31T23:59:59-23:59"}', CustomerPayload)
@example(b'{"id": 1, "total_price": 1e999999999999, "currency": "GBP"}', OrderPayload)
@examples(max_examples=200, deadline=None)
def test_arbitrary_bytes_are_read_or_unreadable(raw, payload_type):
    assert readable(raw, payload_type) in (True, False)


@given(st.dictionaries(st.sampled_from(OrderPayload.__struct_fields__), json_values))
@examples(max_examples=100, deadline=None)
def test_any_json_under_the_right_keys_is_read_or_unreadable(payload):
    assert readable(json.dumps({**order(), **payload}).encode(), OrderPayload) in (True, False)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
@examples(max_examples=50, deadline=None)
def test_any_text_but_nul_comes_through_unchanged(note):
    assert decode(body(customer(note=note)), CustomerPayload).note == note


@pytest.mark.parametrize(
    "payload",
    [{"note": "a\x00b"}, {"unread": ["\x00"]}, {"unread": {"\x00": 1}}, {"a": {"b": [["\x00"]]}}],
)
def test_nul_anywhere_is_unreadable_because_no_text_column_holds_it(payload):
    with pytest.raises(Unreadable, match=r"U\+0000"):
        decode(body({**customer(), **payload}), CustomerPayload)


def test_a_backslash_and_the_digits_of_nul_are_no_nul():
    assert decode(body(customer(note="\\u0000")), CustomerPayload).note == "\\u0000"


def test_a_refusal_names_the_place():
    with pytest.raises(Unreadable, match=r"\$\.line_items\[0\]\.quantity"):
        decode(body(order(line_items=[{"id": 1, "price": "1", "quantity": "x"}])), OrderPayload)


@pytest.mark.parametrize("number", [0, -1, 2**63, "7", 7.5, None, True])
def test_what_is_no_id_is_unreadable(number):
    with pytest.raises(Unreadable):
        decode(body(customer(id=number)), CustomerPayload)


def test_an_absent_text_is_none_and_a_null_one_is_empty():
    assert (text(UNSET), text(None), text(""), text("A")) == (None, "", "", "A")
    assert (code(UNSET), code(None), code("PAID")) == (None, "", "paid")


@given(st.datetimes(timezones=st.none() | zones))
@example(datetime.min.replace(tzinfo=timezone(timedelta(hours=14))))
@example(datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))))
def test_every_time_becomes_one_that_each_zone_can_show(moment):
    held = aware(moment)

    assert held.tzinfo is UTC
    assert EARLIEST <= held <= LATEST
    assert held.astimezone(timezone(timedelta(hours=-23))) == held


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones))  # noqa: DTZ001
def test_an_ordinary_time_is_the_same_instant(moment):
    assert aware(moment) == moment


def test_a_time_without_a_zone_is_utc():
    assert aware(NOON.replace(tzinfo=None)) == NOON


def test_an_absent_and_a_null_time_are_none():
    assert time(UNSET) is None
    assert time(None) is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("1", "1"),
        ("0.0005", "0"),
        ("0.0015", "0.002"),
        ("0.0025", "0.002"),
        ("-1.2345", "-1.234"),
        ("19.990000", "19.99"),
    ],
)
def test_money_is_rounded_half_even_to_a_thousandth(told, kept):
    assert money(Decimal(told)) == Decimal(kept)


@pytest.mark.parametrize("told", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+17", "1E+9999"])
def test_what_is_no_storable_money_is_unreadable(told):
    with pytest.raises(Unreadable, match="amount"):
        money(Decimal(told))


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_money_is_storable_or_unreadable(told):
    try:
        assert abs(money(told) - told) <= Decimal("0.0005")
    except Unreadable:
        assert not told.is_finite() or abs(told) > 10**15


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        ("", ()),
        (" , ,, ", ()),
        ("VIP", ("VIP",)),
        (" VIP ,  new customer ", ("VIP", "new customer")),
        ("b, a, b", ("b", "a")),
        ("VIP, vip", ("VIP", "vip")),
    ],
)
def test_tags_are_trimmed_kept_in_order_and_told_once(told, tags):
    assert tag_list(told) == tags


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("gid://shopify/Customer/7", 7),
        ("gid://shopify/Customer/7?key=1", 7),
        (7, 7),
        (2**63 - 1, 2**63 - 1),
        (f"gid://shopify/Customer/{2**63 - 1}", 2**63 - 1),
    ],
)
def test_a_gid_or_a_plain_number_is_an_id(told, number):
    assert gid(told, "Customer") == number


@pytest.mark.parametrize(
    "told",
    [
        "gid://shopify/Order/7",
        "gid://shopify/Customer/0",
        "gid://shopify/Customer/07",
        "gid://shopify/Customer/٣",
        f"gid://shopify/Customer/{2**63}",
        " gid://shopify/Customer/7",
        "gid://shopify/Customer/7\n",
        "7",
        "",
        0,
        -7,
        2**63,
    ],
)
def test_another_kinds_id_or_no_id_is_unreadable(told):
    with pytest.raises(Unreadable, match="id of a Customer"):
        gid(told, "Customer")


@pytest.mark.parametrize("told", ["", "noon", "2026-02-30T00:00:00Z", "1", "\x00", "0000-01-01"])
def test_a_header_that_is_no_time_is_none(told):
    assert header_time(told) is None


def test_a_header_keeps_shopifys_nanoseconds_as_microseconds():
    assert header_time("2026-03-01T12:00:00.123456789Z") == NOON.replace(microsecond=123457)


@given(st.text())
def test_any_header_is_a_time_or_none(told):
    held = header_time(told)

    assert held is None or held.tzinfo is UTC
