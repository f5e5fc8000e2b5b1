"""Addresses of customers: the newest list as a whole, and beside it the default one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from customers.actions import save_customers
from customers.data import NO_ADDRESS, AddressData, CustomerData
from customers.models import Customer, CustomerAddress
from customers.tests.words import after, batches, minute, quick

LONDON = AddressData(1, "GB", "GB-ENG", "GB-ENG-London")
PARIS = AddressData(2, "FR", "", "FR-Paris")
OSLO = AddressData(3, "NO", "", "NO-Oslo")
LAGOS = AddressData(4, "NG", "NG-LA", "NG-LA-Lagos")
COLUMNS = ("customer__shopify_id", "shopify_id", "country", "region", "city", "is_default")


def at_home(address: AddressData, latitude: int | None = None) -> AddressData:
    """The address with coordinates."""
    longitude = None if latitude is None else 5
    return AddressData(address.shopify_id, *address.codes, latitude, longitude)


def word(number: int = 7, *, at: int = 0, default: AddressData = LONDON, **told) -> CustomerData:
    country, region, city = default.codes
    known = {"country": country, "region": region, "city": city, "address": default}
    return CustomerData(number, minute(at), minute(at), **{**known, **told})


@pytest.fixture
def save(in_anas_store):
    return lambda words: save_customers(tenant=in_anas_store, customers=words)


def addresses():
    return sorted(CustomerAddress.objects.values_list(*COLUMNS), key=str)


def cities(number: int = 7, **which) -> set[str]:
    rows = CustomerAddress.objects.filter(customer__shopify_id=number, **which)
    return set(rows.values_list("city", flat=True))


def places() -> dict[str, int | None]:
    return dict(CustomerAddress.objects.values_list("city", "latitude"))


WORDS = [
    word(at=0, default=LONDON, addresses=(PARIS, OSLO)),
    word(at=4, default=PARIS, addresses=(LONDON,)),
    word(at=2, default=OSLO),
    word(at=6, default=LAGOS),
    word(8, at=1, default=PARIS, addresses=(OSLO,)),
    word(8, at=3, default=NO_ADDRESS, addresses=()),
    word(9, at=1, default=OSLO),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same_addresses(save, told):
    expected = after(save, [[word] for word in WORDS], addresses)

    assert after(save, told, addresses) == expected


def test_the_words_above_end_with_the_newest_list_and_the_newest_default_address(save):
    save(WORDS)

    assert (cities(is_default=True), cities(is_default=False)) == ({LAGOS.city}, {LONDON.city})
    assert cities(8) == set()
    assert cities(9) == {OSLO.city}


def test_a_word_that_tells_no_list_leaves_the_others(save):
    save([word(addresses=(PARIS, OSLO))])
    save([word(at=1, default=LAGOS), word(at=2, address=None, country=None)])

    assert cities(is_default=False) == {PARIS.city, OSLO.city}


def test_the_default_address_is_the_customers_own_place(save):
    save([word(default=PARIS)])
    save([word(at=5, default=OSLO), word(at=3, default=LAGOS)])

    mine = Customer.objects.values_list("country", "region", "city").get()
    assert CustomerAddress.objects.values_list("country", "region", "city").get() == mine
    assert mine == OSLO.codes


def test_an_empty_list_takes_the_others_away(save):
    save([word(addresses=(PARIS, OSLO))])
    save([word(at=1, addresses=())])

    assert cities() == {LONDON.city}


def test_an_address_that_becomes_the_default_one_is_there_once_and_keeps_its_place_on_earth(save):
    save([word(default=at_home(LONDON, 51), addresses=(at_home(PARIS, 48),))])
    save([word(at=1, default=PARIS, addresses=(LONDON,))])

    assert addresses() == [
        (7, 1, *LONDON.codes, False),
        (7, 2, *PARIS.codes, True),
    ]
    assert places() == {LONDON.city: 51, PARIS.city: 48}


def test_coordinates_of_an_order_are_those_of_the_address_with_the_same_codes(save):
    save([word(addresses=(PARIS,))])
    save([word(at=1, shipped_to=at_home(PARIS, 48)), word(at=2, shipped_to=at_home(OSLO, 59))])

    assert places() == {LONDON.city: None, PARIS.city: 48}


def test_coordinates_of_the_address_itself_stand_before_an_orders(save):
    save([word(default=at_home(LONDON, 51))])
    save([word(at=1, shipped_to=at_home(LONDON, 52))])
    assert places() == {LONDON.city: 51}

    save([word(at=2, default=at_home(LONDON, 53))])
    assert places() == {LONDON.city: 53}


def test_an_older_word_still_tells_where_a_place_is(save):
    save([word(at=5, addresses=(PARIS,))])
    save([word(at=1, default=at_home(LONDON, 51), addresses=(at_home(PARIS, 48),))])

    assert places() == {LONDON.city: 51, PARIS.city: 48}


def test_another_default_address_does_not_keep_the_coordinates_of_the_last(save):
    save([word(default=at_home(LONDON, 51))])
    save([word(at=1, default=PARIS)])

    assert places() == {PARIS.city: None}


def statements(save, words: list[CustomerData]) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        save(words)
    return [query["sql"] for query in asked if "customers_customeraddress" in query["sql"]]


def test_words_without_an_address_cost_no_statement(save):
    silent = [CustomerData(n, minute(1), minute(1), email="a@b.example") for n in range(10, 30)]

    assert statements(save, silent) == []


def test_words_with_nothing_but_a_default_address_cost_one_statement(save):
    assert len(statements(save, [word(number) for number in range(10, 30)])) == 1


def test_told_again_no_row_is_written(save):
    told = [word(default=at_home(LONDON, 51), addresses=(at_home(PARIS, 48), OSLO))]
    save(told)
    before = versions()

    save(told)
    assert versions() == before


def versions() -> list[tuple]:
    """Which transaction, and which place in the table, each row was written by and to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid, xmin, xmax FROM customers_customeraddress ORDER BY id")
        return cursor.fetchall()
