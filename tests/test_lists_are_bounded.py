"""Rows 55 and 69: no list gives more than its most, reads deep, or takes a sign for a pattern."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from orders.models import Order, Product
from tenants.models import AuditEntry
from tenants.scoping.listing import MOST_ROWS
from tenants.scoping.viewsets import OfTenant
from tests.rows import make_row
from tests.test_api_surface import routes
from tests.visits import BACKEND, Visitor
from xeno.lib.api.pagination import LARGEST_PAGE

LISTS = sorted(
    "/" + re.sub(r"[/?$^]+$", "", path.lstrip("^"))
    for path, view, actions in routes()
    if issubclass(view, OfTenant) and actions.get("get") == "list"
)
SIGNS = ("%", "_", "\\", "%%", "a%", "a_", "%b", "\\%", "a\\")


def code_of(response):
    return response.json()["errors"][0]["code"]


def test_the_lists_are_found():
    assert {"/customers", "/orders", "/products", "/audit", "/team"} <= set(LISTS)


@pytest.mark.parametrize("path", LISTS)
def test_f055_a_page_of_a_milliard_rows_is_a_page_of_the_most(ana_api, in_anas_store, path):
    AuditEntry.objects.bulk_create(
        AuditEntry(tenant=in_anas_store, action="a.b", object_type="a.b") for _ in range(300)
    )

    for size in (10**9, 2**63 - 1):
        response = ana_api.get(path, {"page_size": size})

        assert response.status_code == 200
        assert len(response.json()["results"]) <= LARGEST_PAGE
    if path == "/audit":  # the one list that is longer here than its most
        assert len(response.json()["results"]) == LARGEST_PAGE


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["offset", "page", "limit"])
def test_f055_there_is_no_depth_to_ask_for_by_number(ana_api, anas_store, path, name):
    response = ana_api.get(path, {name: 10**6})

    assert (response.status_code, code_of(response)) == (400, "unknown_parameter")


@pytest.mark.parametrize("query", ["p=1000000", "p=2000000000", "all=1"])
def test_f055_no_page_of_the_admin_skips_more_than_it_counts(ana, anas_store, query):
    visitor = Visitor(ana, store=anas_store)
    with CaptureQueriesContext(connection) as said:
        visitor.ask(f"/admin/customers/customer/?{query}")

    skipped = [int(n) for query in said for n in re.findall(r"OFFSET (\d+)", query["sql"])]
    limits = [int(n) for query in said for n in re.findall(r"LIMIT (\d+)", query["sql"])]
    assert all(number <= MOST_ROWS for number in skipped)
    assert limits
    assert max(limits) <= MOST_ROWS + 1


# --- Row 69 ----------------------------------------------------------------------------------


@pytest.fixture
def named_rows(in_anas_store):
    """Rows that every pattern would match, and one for each sign as it is written."""
    for word in ("ab", "axb", *SIGNS):
        make_row(Customer, first_name=word, last_name="", email=None)
        make_row(Order, name=word)
        make_row(Product, title=word)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(("path", "column"), [
    ("/customers", "first_name"), ("/orders", "name"), ("/products", "title"),
])  # fmt: skip
def test_f069_a_sign_of_patterns_is_searched_for_as_itself(ana_api, named_rows, path, column, sign):
    found = [row[column] for row in ana_api.get(path, {"search": sign}).json()["results"]]

    assert sorted(found) == sorted(word for word in SIGNS if word.startswith(sign))


@pytest.mark.parametrize("sign", SIGNS)
def test_f069_so_it_is_in_the_admin(ana, in_anas_store, named_rows, sign):
    client = Client()
    client.force_login(ana, BACKEND)

    page = client.get("/admin/customers/customer/", {"q": sign})

    found = [row.first_name for row in page.context_data["cl"].result_list]
    assert sorted(found) == sorted(word for word in SIGNS if word.startswith(sign))
