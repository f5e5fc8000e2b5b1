"""Signatures are Shopify's; ids, repeats and the order depend on the data and the seed alone."""

import base64
import json
from collections import Counter

from bench.deliveries import Delivery, duplicated, shuffled, signature
from bench.events import whole_story
from bench.online_retail import read_invoices
from bench.tests.shop import FIXTURE, SECRET, SHOP, signed
from tests import oracle

POSTS = signed(whole_story(read_invoices(FIXTURE)).events)


def identity(post: Delivery) -> tuple[str, str, bytes]:
    return (post.topic, post.headers["X-Shopify-Webhook-Id"], post.body)


def test_the_signature_is_hmac_sha256_in_base64() -> None:
    rfc_4231_case_2 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    answer = signature("Jefe", b"what do ya want for nothing?")

    assert base64.b64decode(answer).hex() == rfc_4231_case_2


def test_the_headers_say_what_the_body_is() -> None:
    for post in POSTS[:50]:
        payload = json.loads(post.body)

        assert post.headers["X-Shopify-Hmac-Sha256"] == signature(SECRET, post.body)
        assert post.headers["X-Shopify-Shop-Domain"] == SHOP
        assert post.headers["X-Shopify-Topic"] == post.topic
        assert post.headers["X-Shopify-API-Version"] == "2026-07"
        date = payload.get("updated_at") or payload["created_at"]
        assert post.headers["X-Shopify-Triggered-At"][:19] == date[:19]


def test_new_orders_have_their_own_address() -> None:
    assert {(post.topic, post.path) for post in POSTS} == {
        ("orders/create", "/webhook/order-create"),
        ("orders/updated", "/webhook/shopify"),
        ("refunds/create", "/webhook/shopify"),
    }


def test_two_runs_are_equal_byte_for_byte() -> None:
    assert signed(whole_story(read_invoices(FIXTURE)).events) == POSTS


def test_webhook_ids_are_unique_and_a_refund_shares_its_event_with_the_change_of_its_order() -> (
    None
):
    assert len({post.headers["X-Shopify-Webhook-Id"] for post in POSTS}) == len(POSTS)

    events = [(post.topic, post.headers["X-Shopify-Event-Id"]) for post in POSTS]
    assert {event for topic, event in events if topic == "refunds/create"} == {
        event for topic, event in events if topic == "orders/updated"
    }


def test_shuffling_keeps_every_delivery_and_depends_on_the_seed() -> None:
    mixed = shuffled(POSTS, 4)

    assert Counter(map(identity, mixed)) == Counter(map(identity, POSTS))
    assert mixed != POSTS
    assert mixed == shuffled(POSTS, 4)
    assert mixed != shuffled(POSTS, 5)


def test_a_repeat_comes_with_the_same_id_and_once_more_with_a_new_one() -> None:
    posts = duplicated(POSTS, 0.05)
    bodies = Counter((post.topic, post.body) for post in posts)
    ids = Counter(post.headers["X-Shopify-Webhook-Id"] for post in posts)

    chosen = round(len(POSTS) * 0.05)
    assert posts[: len(POSTS)] == POSTS
    assert Counter(bodies.values()) == {3: chosen, 1: len(POSTS) - chosen}
    assert Counter(ids.values()) == {2: chosen, 1: len(POSTS)}
    assert {post.headers["X-Shopify-Triggered-At"] for post in posts[len(POSTS) :]} <= {
        post.headers["X-Shopify-Triggered-At"] for post in POSTS
    }


def test_neither_order_nor_repeats_change_what_is_expected() -> None:
    plain = oracle.expected(POSTS).digest()

    assert oracle.expected(shuffled(duplicated(POSTS, 0.05), 1)).digest() == plain
    assert oracle.expected(reversed(POSTS)).digest() == plain
    assert oracle.expected(POSTS[:-1]).digest() != plain
