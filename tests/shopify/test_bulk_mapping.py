"""What a bulk operation tells of an order is what the order's own webhook tells."""

from dataclasses import asdict
from datetime import date

import msgspec
import pytest
from graphql import parse

from tenants.shopify.documents import document
from webhooks.mapping import bulk as mapping
from webhooks.mapping.context import Envelope
from webhooks.mapping.decoding import decode
from webhooks.mapping.orders import map_order
from xeno.demo.shopify.bulk import flatten, node_of
from xeno.demo.shopify.nodes import order_node
from xeno.demo.story import tell_story

ORDERS = [
    event
    for event in tell_story(opening=date(2026, 1, 1), until=date(2026, 2, 1))
    if event.topic.startswith("orders/")
]
# How we learnt of it is not what it says; a visit without a landing page is told as none. Where
# a shop of bricks is, only webhooks say: bulk would need another scope.
APART = {"triggered_at", "landing_site", "location_id"}


def test_the_story_has_orders_of_each_kind():
    assert len(ORDERS) > 20
    assert any("customer" not in event.body for event in ORDERS)


@pytest.mark.parametrize("event", ORDERS, ids=lambda event: event.body["name"] + event.topic)
def test_an_order_by_bulk_is_the_order_by_webhook(event):
    asked = node_of(parse(document("bulk_orders")).definitions[0].selection_set.selections[0])
    root, children = flatten(order_node(event.body), asked)
    lines = [decode(line, mapping.LineNode) for line in children]
    by_bulk = mapping.order_data(decode(root, mapping.OrderNode), lines)
    envelope = Envelope(event.topic, "xeno-demo.myshopify.com", event.at)
    by_webhook, _ = map_order(msgspec.json.encode(event.body), envelope)

    assert plain(by_bulk) == plain(by_webhook)


def plain(order):
    told = {name: getattr(order, name) for name in order.__dataclass_fields__}
    told["lines"] = [msgspec.structs.asdict(line) for line in order.lines]
    told["refunds"] = [asdict(refund) for refund in order.refunds]
    return {name: value for name, value in told.items() if name not in APART}
