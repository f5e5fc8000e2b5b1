"""Attributes that are lists, each a row of its own: tags, places, companies."""

import pytest

from customers.models import CustomerAddress, CustomerCompany, CustomerTag
from customers.tests.builders import make_customer
from segments.tests.asking import finds, found


def test_a_tag_is_a_whole_one_in_any_case(in_anas_store):
    vip = make_customer(in_anas_store, tags=("VIP", "O'Neil"))
    other = make_customer(in_anas_store, tags=("vip-gold",))
    bare = make_customer(in_anas_store)

    assert found("customer_tags CONTAINS 'vip'") == {vip.pk}
    assert found("customer_tags NOT CONTAINS 'Vip'") == {other.pk, bare.pk}
    assert found("customer_tags CONTAINS 'o\\'neil'") == {vip.pk}
    assert found("customer_tags IS NULL") == {bare.pk}
    assert found("customer_tags IS NOT NULL") == {vip.pk, other.pk}


def test_a_removed_tag_is_none(in_anas_store):
    kim = make_customer(in_anas_store, tags=("vip",))
    CustomerTag.objects.update(present=False)

    assert not finds("customer_tags CONTAINS 'vip'", kim)
    assert finds("customer_tags IS NULL", kim)


def test_several_tags_are_asked_for_at_once(in_anas_store):
    one, two, three = (make_customer(in_anas_store, tags=(tag,)) for tag in ("a", "b", "c"))

    assert found("customer_tags CONTAINS 'a' OR customer_tags CONTAINS 'B'") == {one.pk, two.pk}
    assert found("customer_tags NOT CONTAINS 'a' AND customer_tags NOT CONTAINS 'b'") == {three.pk}
    assert found("customer_tags CONTAINS 'a' AND customer_tags CONTAINS 'b'") == set()


def test_prefixes_mean_themselves(in_anas_store):
    gold = make_customer(in_anas_store, tags=("VIP-gold",))
    odd = make_customer(in_anas_store, tags=("v%",))

    assert found("customer_tag_prefix CONTAINS 'vip-'") == {gold.pk}
    assert found("customer_tag_prefix CONTAINS 'v%'") == {odd.pk}
    assert found("customer_tag_prefix CONTAINS ''") == {gold.pk, odd.pk}
    assert found("customer_tag_prefix CONTAINS 'v%' OR customer_tag_prefix CONTAINS 'VIP'") == {
        gold.pk, odd.pk,
    }  # fmt: skip


def make_address(customer, **fields):
    codes = {"country": "", "region": "", "city": "", "is_default": False, **fields}
    return CustomerAddress.objects.create(customer=customer, **codes)


def test_places_are_those_of_all_addresses(in_anas_store):
    kim, lee, bare = (make_customer(in_anas_store) for _ in range(3))
    make_address(kim, country="US", region="US-NY", city="US-NY-NewYorkCity", is_default=True)
    make_address(kim, country="CA")
    make_address(lee, country="DE", is_default=True)

    assert found("customer_countries CONTAINS 'CA'") == {kim.pk}
    assert found("customer_countries NOT CONTAINS 'US'") == {lee.pk, bare.pk}
    assert found("customer_cities CONTAINS 'US-NY-NewYorkCity'") == {kim.pk}
    assert found("customer_regions IS NULL") == {lee.pk, bare.pk}
    assert found("customer_countries CONTAINS 'ca'") == set()


def test_companies_are_ids(in_anas_store):
    kim, lee = (make_customer(in_anas_store) for _ in range(2))
    CustomerCompany.objects.create(customer=kim, company_id=12)

    assert found("companies IS NOT NULL") == {kim.pk}
    assert found("companies IS NULL") == {lee.pk}
    assert found("companies CONTAINS '12'") == {kim.pk}
    assert found("companies CONTAINS 12") == {kim.pk}
    assert found("companies NOT CONTAINS 13") == {kim.pk, lee.pk}
    assert found("companies CONTAINS '99999999999999999999999'") == set()


@pytest.mark.parametrize("attribute", ["customer_tags", "customer_cities"])
def test_what_no_database_can_hold_nobody_has(in_anas_store, attribute):
    from segments.compiling.compiler import matching
    from segments.language.tree import Clause, Contains, Text
    from segments.tests.asking import CLOCK

    kim = make_customer(in_anas_store)

    for text in ("a\0b", "\ud800"):
        asked = Clause(attribute, Contains(Text(text), negated=True))
        assert list(matching(asked, clock=CLOCK)) == [kim]
