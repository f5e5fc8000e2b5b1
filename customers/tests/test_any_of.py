"""Many ids are one parameter, and nothing but integers gets into it."""

import pytest

from customers.models import Customer
from customers.tests.builders import make_customer


def found(ids):
    customers = Customer.objects.filter(shopify_id__any_of=ids)
    return set(customers.values_list("shopify_id", flat=True))


def test_those_with_one_of_the_ids_are_found(in_anas_store):
    one, two, _ = (make_customer(in_anas_store).shopify_id for _ in range(3))

    assert found([one, two, 2**63 - 1]) == {one, two}


@pytest.mark.parametrize("nothing", [[], set(), ()])
def test_no_ids_find_nobody(in_anas_store, nothing):
    make_customer(in_anas_store)

    assert found(nothing) == set()


def test_it_can_be_turned_around(in_anas_store):
    one, two = (make_customer(in_anas_store).shopify_id for _ in range(2))

    others = Customer.objects.exclude(shopify_id__any_of=[one])

    assert others.get().shopify_id == two


def test_five_hundred_ids_are_one_parameter(in_anas_store):
    query = Customer.objects.filter(shopify_id__any_of=range(500)).query
    sql, params = query.sql_with_params()

    assert "= ANY(%s::bigint[])" in sql
    assert [p for p in params if isinstance(p, str)] == [f"{{{','.join(map(str, range(500)))}}}"]


@pytest.mark.parametrize("hostile", ["1} OR true --", "x", None])
def test_what_is_no_integer_never_reaches_the_statement(in_anas_store, hostile):
    with pytest.raises((ValueError, TypeError)):
        found([hostile])
