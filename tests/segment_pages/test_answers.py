"""What the editor asks while somebody types: readings, counts, values."""

from customers.models import CustomerAddress
from orders.models import Product
from segments.admin.attributes import attribute_list
from tenants.models import AuditEntry
from tenants.roles import Right
from tests.rows import make_row
from tests.segment_pages.conftest import PAGES, lacks
from xeno.lib.postgres.scope import tenant_scope


def read(browser, query):
    return browser.post(f"{PAGES}read/", {"query": query}).json()


def count(browser, query):
    return browser.post(f"{PAGES}count/", {"query": query}).json()


def values(browser, what, typed=""):
    answer = browser.get(f"{PAGES}values/", {"what": what, "q": typed}).json()
    return [value["value"] for value in answer["values"]]


# --- Text to fields ---------------------------------------------------------------------------


def test_a_text_becomes_groups_of_conditions(anas):
    answer = read(anas, "number_of_orders > 1 AND (amount_spent >= 5.5 OR rfm_group = 'LOYAL')")

    one, group = answer["group"]["parts"]
    assert (answer["ok"], answer["group"]["any"], group["any"]) == (True, False, True)
    assert (one["name"], one["operator"], one["values"]) == ("number_of_orders", ">", ["1"])
    assert [part["values"] for part in group["parts"]] == [["5.5"], ["'LOYAL'"]]


def test_one_condition_is_a_group_too(anas):
    assert [part["name"] for part in read(anas, "number_of_orders > 1")["group"]["parts"]] == [
        "number_of_orders"
    ]


def test_parameters_keep_their_lists(anas):
    answer = read(anas, "products_purchased NOT MATCHES (id IN (1, 2), date >= -90d)")

    (clause,) = answer["group"]["parts"]
    assert clause["operator"] == "NOT MATCHES"
    assert [(p["name"], p["operator"], p["values"]) for p in clause["parameters"]] == [
        ("id", "IN", ["1", "2"]), ("date", ">=", ["-90d"]),
    ]  # fmt: skip


def test_errors_come_with_their_place_and_a_suggestion(anas):
    answer = read(anas, "number_of_orders > 1 AND last_ordr_date > -30d")

    (problem,) = answer["problems"]
    assert answer["ok"] is False
    assert (problem["line"], problem["column"], problem["length"]) == (1, 25, 14)
    assert problem["suggestion"] == "last_order_date"


def test_advice_and_older_spellings_are_told(anas):
    odd = read(anas, "number_of_orders > 5 AND number_of_orders < 3")
    old = read(anas, "last_order_date >= 7_days_ago")

    assert [advice["code"] for advice in odd["advice"]] == ["contradiction"]
    assert "rewritten" in [advice["code"] for advice in old["advice"]]
    assert old["text"] == "last_order_date >= -7d"


def test_nothing_is_no_error(anas):
    assert read(anas, "  ")["problems"] == []


# --- The count ----------------------------------------------------------------------------------


def test_the_count_comes_with_a_sample(anas, people):
    answer = count(anas, "number_of_orders >= 1")

    assert (answer["count"], answer["estimate"]) == (2, False)
    assert {customer["name"] for customer in answer["sample"]} == {"Kim", "Lee"}


def test_who_was_shown_is_in_the_audit_trail(anas, anas_store, people):
    count(anas, "number_of_orders > 1")

    with tenant_scope(anas_store.pk):
        assert AuditEntry.objects.get(action="customer.listed").seen == [people[0].pk]


def test_a_count_of_what_cannot_be_read_says_why(anas):
    assert count(anas, "nonsense")["ok"] is False


def test_a_segment_that_is_not_there_is_an_error_and_no_crash(anas):
    answer = count(anas, "segment('Nowhere') MATCHES ()")

    assert answer["ok"] is False
    assert answer["problems"]


def test_a_template_is_counted_without_showing_anybody(anas, people):
    answer = anas.post(f"{PAGES}count/", {"template": "purchased-at-least-once"}).json()

    assert (answer["count"], answer["sample"]) == (2, [])


# --- Values ---------------------------------------------------------------------------------------


def test_tags_are_offered_once_each_as_they_are_spelt(anas, people):
    assert values(anas, "tags", "vi") == ["vinyl", "VIP"]
    assert values(anas, "tags") == ["new", "vinyl", "VIP"]


def test_places_are_found_in_any_case(anas, anas_store, people):
    with tenant_scope(anas_store.pk):
        for country in ("CA", "CH", "GB"):
            make_row(CustomerAddress, customer=people[0], country=country, is_default=False)

    assert values(anas, "countries", "c") == ["CA", "CH"]


def test_products_are_found_by_title_and_by_id(anas, anas_store):
    with tenant_scope(anas_store.pk):
        make_row(Product, shopify_id=77, title="Mug, blue")

    assert values(anas, "products", "mug") == values(anas, "products", "77") == ["77"]


def test_segments_and_languages_are_offered(anas, make):
    make(name="Friends of the house")

    assert values(anas, "segments", "HOUSE") == ["Friends of the house"]
    assert "de" in values(anas, "languages", "germ")


def test_an_unknown_kind_of_value_offers_nothing(anas):
    assert values(anas, "passwords", "a") == []


def test_a_null_byte_finds_nothing_and_breaks_nothing(anas, people):
    assert values(anas, "tags", "v\0i") == ["vinyl", "VIP"]


def test_every_attribute_has_operators_and_a_heading():
    for attribute in attribute_list():
        assert attribute["operators"], attribute["name"]
        assert attribute["group"], attribute["name"]


# --- Who may ask ----------------------------------------------------------------------------------


def test_the_analyst_may_try_queries_and_the_support_may_not(bens, sams, people):
    assert count(bens, "number_of_orders >= 1")["count"] == 2
    for path in ("read/", "count/"):
        assert sams.post(PAGES + path, {"query": "number_of_orders >= 1"}).status_code == 403
    assert sams.get(f"{PAGES}values/", {"what": "tags"}).status_code == 403


def test_without_the_right_to_view_customers_there_is_a_count_and_nobody(bens, anas_store, people):
    lacks(anas_store, "analyst", Right.VIEW_CUSTOMERS)

    answer = count(bens, "number_of_orders >= 1")

    assert (answer["count"], answer["sample"]) == (2, [])
