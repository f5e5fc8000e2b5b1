"""A search by the beginning of a text: any case, nothing in the term is a pattern."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from customers.models import Customer
from customers.tests.builders import make_customer
from tenants.models import Tenant

NAMES = ["Dee", "DEEPA", "Adee", "100%", "100 per cent", "a_b", "axb", "Ödön", "C:\\x"]


def found(term):
    """First names that begin with the term."""
    customers = Customer.objects.filter(first_name_search__prefix=term)
    return sorted(customers.values_list("first_name", flat=True))


@pytest.fixture
def names(in_anas_store):
    for name in NAMES:
        make_customer(in_anas_store, first_name=name)


@pytest.mark.parametrize("term", ["dee", "DEE", "Dee"])
def test_any_case_finds_what_begins_with_it(names, term):
    assert found(term) == ["DEEPA", "Dee"]


@pytest.mark.parametrize(
    ("term", "names_found"),
    [
        ("100%", ["100%"]),
        ("a_", ["a_b"]),
        ("c:\\", ["C:\\x"]),
        ("_", []),
        ("%", []),
        ("ö", ["Ödön"]),
    ],
)
def test_signs_of_patterns_mean_themselves(names, term, names_found):
    assert found(term) == names_found


def test_an_empty_term_finds_everybody_with_a_name(names):
    assert len(found("")) == len(NAMES)


def test_a_column_without_a_text_begins_with_nothing(in_anas_store):
    make_customer(in_anas_store, first_name=None)

    assert found("") == []


@given(st.text("deapDE%_\\ 10'", max_size=4))
@examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_term_finds_those_that_begin_with_it_and_no_others(names, term):
    assert found(term) == sorted(n for n in NAMES if n.lower().startswith(term.lower()))


def test_the_statement_uses_the_operator_that_walls_and_index_allow():
    sql, params = Tenant.objects.filter(shop_domain__prefix="ana").query.sql_with_params()

    assert '"shop_domain" ^@ lower(%s)' in sql
    assert "LIKE" not in sql
    assert params == ("ana",)
