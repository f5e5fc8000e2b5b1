"""Orders and products over the API: what is shown, to whom, and how a list is narrowed."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.tests.builders import make_customer
from orders.models import Product
from orders.serializers import (
    LineItemSerializer,
    OrderSerializer,
    OrderSummarySerializer,
    ProductSerializer,
    RefundSerializer,
)
from orders.tests.builders import make_order, make_product
from xeno.lib.postgres.scope import tenant_scope

NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def found(api, path, name="name"):
    """What a list finds, by one of its fields."""
    response = api.get(path)
    assert response.status_code == 200, response.content
    return [row[name] for row in response.json()["results"]]


def test_an_order_is_shown_as_promised(ana_api, anas_store):
    zoe = make_customer(anas_store)
    order = make_order(
        anas_store, name="#77", customer=zoe, amount=20, current_amount=15, refunded_amount=5,
        currency="JPY", financial_status="partially_refunded", discount_codes=["SPRING"],
        source="web",
    )  # fmt: skip

    shown = ana_api.get(f"/orders/{order.pk}").json()

    del shown["synced_at"]
    assert shown == {
        "id": str(order.pk), "shopify_id": str(order.shopify_id), "name": "#77",
        "customer": str(zoe.pk), "amount": "20", "current_amount": "15", "refunded_amount": "5",
        "currency": "JPY", "financial_status": "partially_refunded", "fulfillment_status": None,
        "processed_at": "2026-03-01T12:00:00Z", "cancelled_at": None, "test": False,
        "source": "web", "discount_codes": ["SPRING"], "created_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z", "line_items": [], "refunds": [],
    }  # fmt: skip


def test_lines_and_refunds_come_with_the_order(ana_api, anas_store):
    make_order(anas_store, lines=2, refunds=1)

    (order,) = ana_api.get("/orders").json()["results"]

    assert order.keys() == OrderSerializer().fields.keys()
    assert [line.keys() for line in order["line_items"]] == [LineItemSerializer().fields.keys()] * 2
    assert [line["price"] for line in order["line_items"]] == ["10.00", "10.00"]
    assert [refund.keys() for refund in order["refunds"]] == [RefundSerializer().fields.keys()]


def test_a_guests_order_has_no_customer(ana_api, anas_store):
    make_order(anas_store, customer=None)

    assert found(ana_api, "/orders", "customer") == [None]


def test_foreign_and_nonexistent_ids_get_the_same_bytes(ana_api, cys_store):
    order, product = make_order(cys_store), make_product(cys_store, "Mug")
    paths = [f"/orders/{order.pk}", f"/products/{product.pk}", "/orders/999999", "/products/x"]

    answers = [ana_api.get(path) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def count_queries(api, path):
    with CaptureQueriesContext(connection) as queries:
        assert api.get(path).status_code == 200
    return len([q for q in queries if q["sql"].startswith("SELECT")])


@pytest.mark.parametrize("path", ["/orders?page_size={n}", "/customers/{zoe}"])
def test_queries_do_not_grow_with_the_orders(ana_api, anas_store, path):
    zoe = make_customer(anas_store)
    make_order(anas_store, customer=zoe, lines=1, refunds=1)
    few = count_queries(ana_api, path.format(n=1, zoe=zoe.pk))
    for _ in range(5):
        make_order(anas_store, customer=zoe, lines=3, refunds=2)

    assert count_queries(ana_api, path.format(n=6, zoe=zoe.pk)) == few <= 7


def test_a_customer_comes_with_the_newest_twenty_orders(ana_api, anas_store):
    zoe = make_customer(anas_store)
    make_order(anas_store, name="old", customer=zoe, processed_at=datetime(2020, 1, 1, tzinfo=UTC))
    for _ in range(20):
        make_order(anas_store, customer=zoe)
    make_order(anas_store, name="somebody else's")

    orders = ana_api.get(f"/customers/{zoe.pk}").json()["last_orders"]

    assert len(orders) == 20
    assert orders[0].keys() == OrderSummarySerializer().fields.keys()
    assert not {"old", "somebody else's"} & {order["name"] for order in orders}


def test_last_orders_are_null_without_the_right_to_see_them(ben_api, ben, anas_store):
    zoe = make_customer(anas_store)
    make_order(anas_store, customer=zoe)
    (group,) = ben.groups.all()
    group.tenantgrouppermission_set.filter(permission__codename="view_orders").delete()

    response = ben_api.get(f"/customers/{zoe.pk}")

    assert response.status_code == 200
    assert response.json()["last_orders"] is None
    assert ben_api.get("/orders").status_code == 403


@pytest.fixture
def two_orders(anas_store):
    make_order(
        anas_store, name="#1001", customer=make_customer(anas_store, pk=4711), amount=100,
        financial_status="paid", fulfillment_status="fulfilled", currency="EUR", test=True,
        cancelled_at=NIGHT, processed_at=NIGHT, updated_at=NIGHT, synced_at=NIGHT,
    )  # fmt: skip
    make_order(anas_store, name="#2002", amount=99, processed_at=datetime(2020, 1, 1, tzinfo=UTC),
               updated_at=datetime(2020, 1, 1, tzinfo=UTC))  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "search=10",
        "search=%2310",
        "customer=4711",
        "financial_status=paid",
        "fulfillment_status=fulfilled",
        "currency=EUR",
        "test=true",
        "cancelled=true",
        "amount_min=99.01",
        "amount_min=100.000&amount_max=100",
        "processed_after=2026-03-01&processed_before=2026-03-02",
        "updated_after=2026-03-01T23:30:00Z",
        "synced_after=2026-03-01T23:30:00Z&test=true",
    ],
)
def test_a_filter_finds_one_order_and_not_the_other(ana_api, two_orders, query):
    assert found(ana_api, f"/orders?{query}") == ["#1001"]


@pytest.mark.parametrize("query", ["test=false", "cancelled=false", "amount_max=99.999"])
def test_a_filter_finds_the_other_order(ana_api, two_orders, query):
    assert found(ana_api, f"/orders?{query}") == ["#2002"]


@pytest.mark.parametrize(
    "query",
    ["test=yes", "test=1", "cancelled=", "customer=x", "customer=" + "9" * 19, "currency=eur",
     "search=%00", "amount_min=-Infinity", "status=paid",
     "financial_status=PAID", "financial_status=paid up", "fulfillment_status=Fulfilled"],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_refused(ana_api, query):
    response = ana_api.get(f"/orders?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("ordering", "names"),
    [
        ("processed_at", ["#2002", "#1001"]),
        ("-processed_at", ["#1001", "#2002"]),
        ("amount", ["#2002", "#1001"]),
        ("-updated_at", ["#1001", "#2002"]),
    ],
)
def test_orders_come_in_the_order_that_was_asked_for(ana_api, two_orders, ordering, names):
    assert found(ana_api, f"/orders?ordering={ordering}") == names


def test_a_foreign_customers_orders_are_nobodys(ana_api, cys_store):
    max_ = make_customer(cys_store)
    make_order(cys_store, customer=max_)

    assert found(ana_api, f"/orders?customer={max_.pk}") == []


def test_a_product_is_shown_as_promised(ana_api, anas_store):
    make_product(anas_store, "Mug", vendor="Potter", tags=["blue"])

    (product,) = ana_api.get("/products").json()["results"]

    assert product.keys() == ProductSerializer().fields.keys()
    assert (product["vendor"], product["tags"]) == ("Potter", ["blue"])


def test_products_page_by_title_in_any_case(ana_api, anas_store):
    for title in ("cup", "Bowl", "Bowl", "Ärmel", "apron"):
        make_product(anas_store, title)

    first = ana_api.get("/products?page_size=3").json()
    second = ana_api.get(first["next"]).json()

    titles = [row["title"] for row in first["results"] + second["results"]]
    assert titles == ["apron", "Bowl", "Bowl", "cup", "Ärmel"]  # by code point


@pytest.mark.parametrize(
    "query", ["search=mu", "vendor=Potter", "product_type=Cups", "status=active"]
)
def test_a_filter_finds_one_product(ana_api, anas_store, query):
    make_product(anas_store, "Mug", vendor="Potter", product_type="Cups", status="active")
    make_product(anas_store, "Bowl")

    assert found(ana_api, f"/products?{query}", "title") == ["Mug"]


def test_a_status_that_no_product_can_have_is_refused(ana_api):
    response = ana_api.get("/products?status=ACTIVE")

    assert response.status_code == 400
    assert response.json()["errors"][0] == {
        "code": "invalid", "detail": "Write it like active.", "attr": "status"
    }  # fmt: skip


def test_lists_that_shopify_never_told_are_empty(ana_api, anas_store):
    make_order(anas_store, discount_codes=None)
    with tenant_scope(anas_store.pk):
        Product.objects.create(shopify_id=1, title="x", updated_at=NIGHT, triggered_at=NIGHT)

    assert found(ana_api, "/orders", "discount_codes") == [[]]
    assert found(ana_api, "/products", "tags") == [[]]
