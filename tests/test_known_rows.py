"""Rows that were there before a table or a column was: what their migrations make of them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from customers.models import Customer, CustomerAddress
from orders.models import LineItem, Order, Product, ProductTag
from tests.rows import make_row

ADDRESSES = import_module("customers.migrations.0007_addresses_that_are_known")
TAGS_AND_LINES = import_module("orders.migrations.0006_tags_and_lines_that_are_known")

pytestmark = pytest.mark.usefixtures("in_anas_store")


@pytest.fixture(params=[1, 50_000], ids=["row by row", "in one step"])
def fill(request, monkeypatch):
    """Runs a migration's step, twice: what is done again changes nothing."""

    def run(migration) -> None:
        monkeypatch.setattr(migration, "CHUNK", request.param)
        for _ in range(2):
            migration.fill(None, SimpleNamespace(connection=connection))

    return run


def test_a_customers_place_becomes_their_default_address(fill):
    codes = {"country": "GB", "region": "GB-ENG", "city": "GB-ENG-Leeds"}
    told = Customer.objects.create(pk=1, shopify_id=1, **codes)
    Customer.objects.create(pk=2, shopify_id=2, country="")
    Customer.objects.create(pk=3, shopify_id=3)
    fill(ADDRESSES)

    row = CustomerAddress.objects.values("customer_id", "is_default", *codes).get()
    assert row == {"customer_id": told.pk, "is_default": True, **codes}


def test_tags_of_products_become_rows(fill):
    lists = (["Red Hats", "red hats", " Summer ", ""], None, [])
    for pk, tags in enumerate(lists, start=1):
        make_row(Product, pk=pk, shopify_id=pk, tags=tags)
    fill(TAGS_AND_LINES)

    rows = ProductTag.objects.order_by("tag_key").values_list("product", "tag", "tag_key")
    assert list(rows) == [(1, "Red Hats", "red hats"), (1, "Summer", "summer")]


def test_lines_of_orders_that_do_not_count_say_so(fill):
    for pk, status in enumerate(("paid", "voided", None), start=1):
        order = make_row(Order, pk=pk, shopify_id=pk, financial_status=status)
        make_row(LineItem, order=order, shopify_id=pk)
    fill(TAGS_AND_LINES)

    lines = LineItem.objects.order_by("shopify_id").values_list("counted", flat=True)
    assert list(lines) == [True, False, True]
