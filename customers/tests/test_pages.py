"""Pages of a list: by position, in either direction, at any depth."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.tests.builders import make_customer
from xeno.lib.api.pagination import Ordering, Position
from xeno.lib.postgres.scope import tenant_scope

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def customers(anas_store):
    """Twelve with a last order, three to a day, and five without."""
    ordered = [
        make_customer(anas_store, last_order_at=DAY + timedelta(days=n % 4), total_spent=n % 3)
        for n in range(12)
    ]
    return ordered + [make_customer(anas_store) for _ in range(5)]


def expected_ids(customers, ordering):
    """A plain sorted list: rows without a value last, ties by id in the same direction."""
    name, down = ordering.removeprefix("-"), ordering.startswith("-")
    with_value = [c for c in customers if getattr(c, name) is not None]
    without = [c for c in customers if getattr(c, name) is None]
    with_value.sort(key=lambda c: (getattr(c, name), c.pk), reverse=down)
    without.sort(key=lambda c: c.pk, reverse=down)
    return [str(c.pk) for c in with_value + without]


def ids(page):
    return [row["id"] for row in page["results"]]


def all_ids(pages):
    return [row_id for page in pages for row_id in ids(page)]


def walk(api, url, link="next"):
    """Every page from here on, following one kind of link."""
    pages = []
    while url:
        pages.append(api.get(url).json())
        url = pages[-1][link]
    return pages


ORDERINGS = ["last_order_at", "-last_order_at", "total_spent", "-total_spent", "id", "-id"]


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("size", [1, 4, 17])
def test_pages_forward_are_the_sorted_list(ana_api, customers, ordering, size):
    pages = walk(ana_api, f"/customers?ordering={ordering}&page_size={size}")

    assert all_ids(pages) == expected_ids(customers, ordering)
    assert pages[0]["previous"] is None


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_backward_are_the_same_pages(ana_api, customers, ordering):
    forward = walk(ana_api, f"/customers?ordering={ordering}&page_size=3")

    backward = walk(ana_api, forward[-1]["previous"], "previous")

    assert all_ids(reversed(backward)) == all_ids(forward[:-1])
    assert backward[-1]["previous"] is None


def test_a_page_backward_leads_forward_again(ana_api, customers):
    first = ana_api.get("/customers?page_size=4").json()
    second = ana_api.get(first["next"]).json()

    again = ana_api.get(ana_api.get(second["previous"]).json()["next"]).json()

    assert again["results"] == second["results"]


def test_a_row_that_arrives_moves_no_page(ana_api, anas_store, customers):
    first = ana_api.get("/customers?ordering=-last_order_at&page_size=4").json()
    make_customer(anas_store, last_order_at=DAY + timedelta(days=99))

    second = ana_api.get(first["next"]).json()

    assert ids(second) == expected_ids(customers, "-last_order_at")[4:8]


def test_an_empty_list_has_no_links(ana_api):
    assert ana_api.get("/customers").json() == {"next": None, "previous": None, "results": []}


def test_a_link_keeps_filters_and_size(ana_api, anas_store):
    for country in ("GB", "FR", "GB", "GB"):
        make_customer(anas_store, country=country)

    pages = walk(ana_api, "/customers?country=GB&page_size=2")

    assert [len(page["results"]) for page in pages] == [2, 1]


def test_a_cursor_of_another_ordering_is_refused(ana_api, customers):
    link = ana_api.get("/customers?ordering=id&page_size=4").json()["next"]

    response = ana_api.get(link.replace("ordering=id", "ordering=-id"))

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_cursor"


@pytest.mark.parametrize("cursor", ["x", "a:b", "%00", "%ff:%fe", "WyJ4Il0:" + "A" * 43, ":" * 999])
def test_a_cursor_that_is_not_ours_is_refused(ana_api, cursor):
    assert ana_api.get(f"/customers?cursor={cursor}").status_code == 400


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "٣", "9" * 5000, "%00"])
def test_a_page_size_that_is_none_is_refused(ana_api, size):
    response = ana_api.get(f"/customers?page_size={size}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "page_size"


def test_a_page_size_is_capped(ana_api, anas_store):
    with tenant_scope(anas_store.pk):
        Customer.objects.bulk_create(
            Customer(tenant=anas_store, shopify_id=10_000 + n) for n in range(251)
        )

    assert len(ana_api.get("/customers?page_size=999").json()["results"]) == 250


def test_an_unknown_ordering_is_refused(ana_api):
    response = ana_api.get("/customers?ordering=email")

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "ordering"


def count_queries(api, path):
    with CaptureQueriesContext(connection) as queries:
        assert api.get(path).status_code == 200
    return len([q for q in queries if q["sql"].startswith("SELECT")])


def test_queries_of_a_list_do_not_grow_with_it(ana_api, anas_store):
    for _ in range(2):
        make_customer(anas_store, tags=("vip",), last_order_at=DAY)
    few = count_queries(ana_api, "/customers?page_size=1")
    for _ in range(20):
        make_customer(anas_store, tags=("vip", "loyal"), last_order_at=DAY)

    assert few == 2  # what they may; the page (who and where is no SELECT of the ORM)
    assert count_queries(ana_api, "/customers?page_size=20") == few


def plan_of(queryset):
    """How PostgreSQL would read it, were the table too large to read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    return queryset.explain()


@pytest.mark.parametrize(
    ("name", "value", "index"),
    [
        ("last_order_at", DAY, "customer_by_last_order"),
        ("last_order_at", None, "customer_by_last_order"),
        ("updated_at", DAY, "customer_by_update"),
        ("total_spent", Decimal(5), "customer_by_spend"),
        ("synced_at", DAY, "customer_by_sync"),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("backward", [False, True])
def test_a_page_at_depth_is_one_range_of_an_index(
    in_anas_store, name, value, index, sign, backward
):
    ordering = Ordering(sign + name, Customer._meta.get_field(name))
    queries = []
    queryset = Customer.objects.all()
    ordering.find_rows(Recorded(queryset, queries), Position(value, 7, backward), 10)

    plan = plan_of(queries[0])

    assert f"using {index}" in plan
    assert "Sort" not in plan
    assert " Filter:" not in plan.replace("One-Time Filter", "")  # the range is all
    if value is not None:
        assert "ROW(" in plan.split("Index Cond")[1]


class Recorded:
    """A queryset that notes each page that is cut from it, and reads nothing."""

    def __init__(self, queryset, queries):
        self.queryset, self.queries = queryset, queries

    def filter(self, *conditions):
        return Recorded(self.queryset.filter(*conditions), self.queries)

    def order_by(self, *columns):
        return Recorded(self.queryset.order_by(*columns), self.queries)

    def __getitem__(self, cut):
        self.queries.append(self.queryset[cut])
        return []
