"""Products, checkouts, deletions, and what Shopify says of the store itself."""

from decimal import Decimal

import pytest

from customers.data import UNDATED
from webhooks.mapping.decoding import OtherShop, Unreadable
from webhooks.mapping.store import (
    DELETION_KEYS,
    map_checkout,
    map_deletion,
    map_product,
    map_scopes,
    map_shop,
)
from webhooks.mapping.tests.payloads import (
    LATER,
    NOON,
    ONE,
    body,
    checkout,
    customer,
    envelope,
    without,
)
from webhooks.news import HANDLERS


def mapped_product(*, triggered_at=NOON, **changes):
    told = envelope("products/update", triggered_at=triggered_at)
    return map_product(body({"id": 5, **changes}), told)


def mapped_checkout(**changes):
    return map_checkout(body(checkout(**changes)), envelope("checkouts/update"))[0]


def mapped_shop(*, triggered_at=NOON, **changes):
    told = envelope("shop/update", triggered_at=triggered_at)
    return map_shop(body({"id": 1, **changes}), told)


def deleted(topic, **payload):
    return map_deletion(body({"id": 9, **payload}), envelope(topic))


def scopes(**changes):
    payload = {"id": "gid://shopify/App/1", "current": ["b", "a", "b"], **changes}
    return map_scopes(body(payload), envelope("app/scopes_update"))


@pytest.mark.parametrize("name", ["vendor", "product_type", "status"])
def test_a_products_text_is_none_when_absent_and_empty_when_null(name):
    assert getattr(mapped_product(), name) is None
    assert getattr(mapped_product(**{name: None}), name) == ""


@pytest.mark.parametrize("told", [{}, {"title": None}])
def test_a_product_without_a_title_has_an_empty_one(told):
    assert mapped_product(**told).title == ""


def test_a_products_status_is_in_lower_case():
    assert mapped_product(status="ACTIVE").status == "active"


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        ({}, None),
        ({"tags": None}, ()),
        ({"tags": ""}, ()),
        ({"tags": "b, a, b"}, ("b", "a")),
        ({"tags": []}, ()),
        ({"tags": ["b", "a, c"]}, ("b", "a, c")),
    ],
)
def test_a_products_tags_are_a_text_or_a_list_or_not_told(told, tags):
    assert mapped_product(**told).tags == tags


def test_a_product_is_as_old_as_its_update_or_the_header():
    assert mapped_product(updated_at=ONE).updated_at == LATER
    assert mapped_product().updated_at == NOON
    assert mapped_product(triggered_at=None).updated_at == UNDATED


def test_a_checkout_has_its_id_or_the_digits_of_its_name():
    assert mapped_checkout(name="#99").shopify_id == 6
    named = body(without(checkout(name="#981820079255243537"), "id"))
    assert map_checkout(named, envelope())[0].shopify_id == 981820079255243537


@pytest.mark.parametrize(
    "name", [None, "", "#", "#0", "#01", "981820", "#1x", " #1", "#1\n", f"#{2**63}", "#٣"]
)
def test_a_checkout_whose_name_is_no_number_is_unreadable(name):
    with pytest.raises(Unreadable, match="no id"):
        map_checkout(body(without(checkout(name=name), "id")), envelope())


def test_a_checkouts_fields_come_over():
    told = mapped_checkout(
        email="D@Example.com", abandoned_checkout_url="https://ana.myshopify.com/r", updated_at=ONE
    )

    assert (told.email, told.amount) == ("d@example.com", Decimal(5))
    assert told.recovery_url == "https://ana.myshopify.com/r"
    assert (told.created_at, told.updated_at) == (LATER, LATER)


def test_a_checkouts_absent_texts_are_not_told():
    told = mapped_checkout()

    assert (told.email, told.recovery_url, told.completed_at) == (None, None, None)
    assert mapped_checkout(email=None).email == ""


def test_a_checkout_that_leads_to_another_shop_is_refused():
    with pytest.raises(OtherShop):
        mapped_checkout(abandoned_checkout_url="https://cy.myshopify.com/recover")


def test_a_checkouts_word_on_its_customer_loses_every_tie():
    payload = checkout(customer=customer(email="d@example.com"), updated_at=ONE)

    told, news = map_checkout(body(payload), envelope())

    assert told.customer_id == 7
    assert (news.customers[0].updated_at, news.customers[0].version_order_id) == (LATER, 0)


@pytest.mark.parametrize("topic", DELETION_KEYS)
def test_a_deletion_with_all_its_keys_gives_the_id(topic):
    keys = dict.fromkeys(DELETION_KEYS[topic] - {"id"}, "anything")

    assert deleted(topic, **keys) == 9


@pytest.mark.parametrize("topic", DELETION_KEYS)
def test_another_topics_body_under_the_name_of_a_deletion_deletes_nothing(topic):
    with pytest.raises(Unreadable, match="'total_price'"):
        deleted(topic, total_price="1.00")


def test_every_delete_topic_that_is_handled_has_its_keys():
    assert {topic for topic in HANDLERS if topic.endswith("/delete")} == DELETION_KEYS.keys()


@pytest.mark.parametrize(
    ("key", "name"),
    [("name", "name"), ("currency", "currency"), ("iana_timezone", "timezone"),
     ("plan_name", "plan")],
)  # fmt: skip
def test_what_the_shop_does_not_tell_overwrites_nothing(key, name):
    assert getattr(mapped_shop(), name) is None
    assert getattr(mapped_shop(**{key: None}), name) is None
    assert getattr(mapped_shop(**{key: "EUR"}), name) == "EUR"


def test_the_shops_word_is_as_old_as_its_update_or_the_header():
    assert mapped_shop(updated_at=ONE).told_at == LATER
    assert mapped_shop().told_at == NOON
    assert mapped_shop(triggered_at=None).told_at is None


def test_a_shop_that_is_another_is_refused():
    with pytest.raises(OtherShop):
        mapped_shop(myshopify_domain="cy.myshopify.com")


@pytest.mark.parametrize("number", [1, "gid://shopify/App/1", "gid://shopify/AppInstallation/1"])
def test_scopes_are_sorted_and_told_once(number):
    assert scopes(id=number) == ("a", "b")


@pytest.mark.parametrize("number", ["gid://shopify/Order/1", "1", 0, -1])
def test_scopes_of_what_is_no_app_are_unreadable(number):
    with pytest.raises(Unreadable):
        scopes(id=number)
