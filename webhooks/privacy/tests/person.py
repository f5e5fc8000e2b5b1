"""One person, told in every way that Shopify has, and a search for them through everything."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_redis import get_redis_connection

from campaigns.models import Campaign, LocalMail, Message, Preference, Suppression, Touch
from customers.models import Customer, CustomerCompany
from orders.models import Prediction
from orders.rfm import recompute_scores
from segments.models import SegmentMember
from tests.rows import make_row
from webhooks.models import Delivery, Edit, State
from webhooks.tests.shopify import Shopify, at, changed, customer, line, order, refund

ID = 7_700_007
WORDS = ("canaryson", "canary@example.com", "\u00e7anary", "+447700900123", "7700900123")
OTHER = 8_800_008

WHO = {
    "email": "Canary@example.com", "first_name": "Canaryson", "last_name": "\u00c7anary",
    "phone": "+447700900123", "note": "Canaryson likes jugs",
}  # fmt: skip


def whole(number: int = ID, **changes: Any) -> dict[str, Any]:
    """The person as a payload has them."""
    return customer(number, **{**WHO, **changes})


def buy(number: int, *, minutes: int = 0, **changes: Any) -> dict[str, Any]:
    """An order of the person's, full of them."""
    told = {
        "customer": whole(), "email": WHO["email"], "landing_site": "/?e=canary@example.com",
        "discount_codes": [{"code": "CANARYSON10", "amount": "1", "type": "fixed"}],
        "line_items": [line(number * 10)],
    }  # fmt: skip
    return order(number, minutes=minutes, **{**told, **changes})


def tell_of_person(shopify: Shopify) -> None:
    """Everything, and beside it somebody else, and what could not be applied."""
    other = customer(OTHER, email="dee@example.com")
    shopify.tell("customers/create", whole())
    shopify.tell("orders/create", buy(501))
    shopify.tell("orders/create", buy(502))
    guest = {"customer": None, "email": "canary@example.com"}
    shopify.tell("orders/create", buy(503, **guest))
    shopify.tell("orders/create", order(900, customer=other, line_items=[line(9)]))
    shopify.tell("refunds/create", {**refund(31, order_id=501), "note": "Canaryson broke it"})
    shopify.tell("customer.tags_added", {
        "customerId": f"gid://shopify/Customer/{ID}", "tags": ["canaryson-vip"],
        "occurredAt": at(1),
    })  # fmt: skip
    shopify.tell("customers_email_marketing_consent/update", {
        "customer_id": ID, "email_address": WHO["email"],
        "email_marketing_consent": {"state": "subscribed", "consent_updated_at": at(2)},
    })  # fmt: skip
    shopify.tell("checkouts/create", {
        "id": 601, "total_price": "5", "currency": "GBP", "updated_at": at(0),
        "email": WHO["email"], "customer": whole(),
    })  # fmt: skip
    shopify.tell("customers/update", changed(whole(), email=5))  # is parked
    shopify.tell("fulfillments/create", {"id": 1, "destination": WHO})  # nobody handles it
    shopify.tell("refunds/create", {**refund(32, order_id=77), "note": "canary@example.com"})
    dee = Customer.objects.get(shopify_id=ID)
    Edit.objects.create(customer=dee, field="note", edited_at=timezone.now())
    CustomerCompany.objects.create(customer=dee, company_id=4)  # bulk alone tells it
    write_to(dee)
    make_row(Prediction, customer=dee, alive=0.5)
    recompute_scores(tenant=shopify.tenant)
    assert set(Delivery.objects.values_list("state", flat=True)) == {
        State.APPLIED, State.PARKED, State.NOT_HANDLED, State.WAITING,
    }  # fmt: skip


def write_to(who: Customer) -> None:
    """A campaign's message, and all that can follow from one."""
    campaign = make_row(Campaign)
    message = Message.objects.create(
        campaign=campaign, customer=who, address=WORDS[1], state="sent", handed_at=timezone.now()
    )
    Touch.objects.create(message=message, campaign=campaign, customer=who, kind="opened")
    Preference.objects.create(customer=who, most=2)
    Suppression.objects.create(address=WORDS[1], reason="bounced", note="Canaryson rang")
    LocalMail.objects.create(
        sender="ana@example.com", recipient=str(who.email), subject="Dear Canaryson", raw=b"Dear"
    )
    make_row(SegmentMember, customer=who)


def request(**changes: Any) -> dict[str, Any]:
    """The body of a request about the person, of any of the three topics."""
    told = {"shop_id": 1, "shop_domain": "ana.myshopify.com"}
    return {**told, "customer": {"id": ID, "email": WHO["email"], "phone": WHO["phone"]}, **changes}


@dataclass
class Traces:
    """Where somebody could be left: tables, Redis, files, logs."""

    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]
    home: Path

    def find(self, words: tuple[str, ...] = WORDS) -> set[str]:
        """The places in which one of the words stands, in any case."""
        places = {**dump(), **files(self.home), "redis": redis_text()}
        printed = self.capfd.readouterr()
        places["logs"] = "\n".join((self.caplog.text, printed.out, printed.err))
        return {
            place
            for place, text in places.items()
            if any(form in text.lower() for word in words for form in forms(word))
        }


def forms(word: str) -> set[str]:
    """The word in UTF-8, with JSON's escapes, and as octal digits of bytes."""
    octal = "".join(c if c.isascii() else "".join(f"\\{b:03o}" for b in c.encode()) for c in word)
    escaped = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in word)
    return {word, octal, escaped, escaped.replace("\\", "\\\\")}


def dump() -> dict[str, str]:
    """Every row of every table that the open store, or nobody, owns; bytes as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, string_agg(CASE WHEN a.atttypid = 'bytea'::regtype"
            "  THEN format('encode(%I, ''escape'')', attname) ELSE format('%I::text', attname) END,"
            "  ', ' ORDER BY attnum)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0"
            " AND NOT attisdropped GROUP BY 1"
        )
        columns = dict(cursor.fetchall())
        found = {}
        for table, texts in columns.items():
            cursor.execute(f'SELECT concat_ws(chr(10), {texts}) FROM "{table}"')
            found[table] = "\n".join(text for (text,) in cursor.fetchall())
    return found


def files(home: Path) -> dict[str, str]:
    """Every file below the home."""
    paths = (path for path in home.rglob("*") if path.is_file()) if home.exists() else ()
    return {str(path): path.read_bytes().decode("utf-8", "replace") for path in paths}


def redis_text() -> str:
    """Every key of this test's Redis with its value."""
    redis = get_redis_connection("default")
    found = []
    for key in redis.scan_iter("*"):
        kind = redis.type(key)
        read = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers}
        value = read[kind](key) if kind in read else redis.dump(key)
        found.append(repr((key, value)))
    return "\n".join(found)
