"""Customers as they are saved: newest word wins, None overwrites nothing, in any order."""

import pytest
from hypothesis import given

from customers.actions import find_customers, make_missing, save_customers
from customers.data import OWN_PAYLOAD, CustomerData
from customers.models import Customer
from customers.tests.words import after, batches, minute, quick
from xeno.lib.postgres.scope import tenant_scope

FIELDS = ("email", "phone", "email_open_tracking", "first_name", "last_name", "state",
          "language", "note", "country", "region", "city")  # fmt: skip


def word(number: int = 7, *, at: int = 0, **told) -> CustomerData:
    """A word on a customer, said at the minute."""
    return CustomerData(number, minute(at), minute(at), **told)


def whole(number: int, *, at: int, order: int = OWN_PAYLOAD) -> CustomerData:
    """A word that tells everything, each value marked with when it was said."""
    told = {name: f"{name} {at} {order}" for name in FIELDS}
    return word(number, at=at, version_order_id=order, created_at=minute(-at), **told)


def kept() -> list[tuple]:
    columns = ("shopify_id", *FIELDS, "created_at", "updated_at", "version_order_id")
    return sorted(Customer.objects.values_list(*columns), key=lambda row: row[0])


@pytest.fixture
def save(in_anas_store):
    return lambda words: save_customers(tenant=in_anas_store, customers=words)


WORDS = [
    whole(7, at=0),
    whole(7, at=5, order=3),
    whole(7, at=5, order=4),
    whole(7, at=9),
    whole(8, at=2),
    CustomerData(8),
    CustomerData(9),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same_customers(save, told):
    expected = after(save, [[word] for word in WORDS], kept)

    assert after(save, told, kept) == expected
    assert [row[0] for row in expected] == [7, 8, 9]


def test_saving_again_changes_nothing(save):
    save(WORDS)
    once = kept()

    save(WORDS)

    assert kept() == once


def test_each_shopify_id_gives_our_id(save):
    ids = save([word(7), word(7, at=1), CustomerData(8)])

    assert ids == dict(Customer.objects.values_list("shopify_id", "pk"))
    assert ids.keys() == {7, 8}


@pytest.mark.parametrize("name", FIELDS)
def test_a_newer_word_that_does_not_tell_a_field_keeps_it(save, name):
    save([word(at=0, **{name: "known"})])

    save([word(at=5)])

    assert getattr(Customer.objects.get(), name) == "known"


@pytest.mark.parametrize("name", FIELDS)
def test_a_newer_empty_text_empties_a_field(save, name):
    save([word(at=0, **{name: "known"})])

    save([word(at=5, **{name: ""})])

    assert getattr(Customer.objects.get(), name) == ""


@pytest.mark.parametrize("at", [-1, 0])
def test_an_older_word_or_one_of_a_smaller_order_changes_nothing(save, at):
    save([word(at=0, email="new@example.com", version_order_id=2)])

    save([word(at=at, email="old@example.com", version_order_id=1)])

    assert Customer.objects.get().email == "new@example.com"


def test_of_one_update_the_later_trigger_wins(save):
    early = CustomerData(7, minute(0), minute(1), email="early@example.com")
    late = CustomerData(7, minute(0), minute(2), email="late@example.com")

    for order in ([early, late], [late, early]):
        assert after(lambda words: [save([w]) for w in words], [order],
                     lambda: Customer.objects.get().email) == "late@example.com"  # fmt: skip


def test_one_who_was_only_known_by_id_takes_any_word(save):
    save([CustomerData(7)])
    assert Customer.objects.get().updated_at is None

    save([word(at=-10_000_000, email="d@example.com")])

    assert Customer.objects.get().email == "d@example.com"


def test_a_bare_id_changes_nothing_of_one_who_is_known(save):
    save([word(email="d@example.com")])
    once = kept()

    save([CustomerData(7)])

    assert kept() == once


def test_a_new_customer_has_bought_nothing_so_far(save):
    save([word()])

    new = Customer.objects.get()
    assert (new.orders_count, new.total_spent) == (0, 0)
    assert (new.orders_count_source, new.total_spent_source) == ("computed", "computed")


def test_nobody_is_nobody(save):
    assert save([]) == {}


def test_making_the_missing_leaves_the_known_as_they_are(save, in_anas_store):
    save([word(email="d@example.com")])

    make_missing(tenant=in_anas_store, shopify_ids=[7, 8])

    assert Customer.objects.get(shopify_id=7).email == "d@example.com"
    assert Customer.objects.get(shopify_id=8).email is None


def test_another_stores_customer_of_the_same_number_is_another(save, cys_store):
    save([word(email="d@example.com")])

    with tenant_scope(cys_store.pk):
        save_customers(tenant=cys_store, customers=[word(email="cy@example.com")])

    assert Customer.objects.get().email == "d@example.com"
    assert find_customers([7]) == {7: Customer.objects.get().pk}
