"""What Shopify deleted or merged away is remembered, and its rows are gone."""

from decimal import Decimal
from itertools import permutations

import pytest

from customers.actions import (
    bury,
    bury_merged,
    find_deleted,
    remove_customers,
    save_consents,
    save_customers,
    save_totals,
)
from customers.data import ConsentData, CustomerData, MergeData, TagsData, TotalsData
from customers.models import ConsentChange, Customer, CustomerTag, Tombstone
from customers.tagging import save_tags
from customers.tests.words import after, minute

Kind = Tombstone.Kind


@pytest.fixture
def store(in_anas_store):
    return in_anas_store


@pytest.fixture
def ids(store):
    return save_customers(tenant=store, customers=[CustomerData(7), CustomerData(8)])


def deleted(*numbers: int, kind: Kind = Kind.CUSTOMER):
    return find_deleted(kind=kind, shopify_ids=numbers)


def told(orders: int, spent: str, *, at: int = 0, number: int = 7, currency: str = "GBP"):
    return TotalsData(number, orders, Decimal(spent), currency, minute(at))


def figures():
    columns = ("remote_orders_count", "remote_total_spent")
    return Customer.objects.values_list(*columns).get(shopify_id=7)


def test_what_was_buried_is_found_and_nothing_else(store):
    bury(tenant=store, kind=Kind.CUSTOMER, shopify_ids=[7, 8, 7])

    assert deleted(7, 9) == {7: None}


def test_a_number_is_deleted_as_one_kind_only(store):
    bury(tenant=store, kind=Kind.ORDER, shopify_ids=[7])

    assert deleted(7) == {}
    assert deleted(7, kind=Kind.ORDER) == {7: None}


def test_burying_again_adds_nothing(store):
    for _ in range(2):
        bury(tenant=store, kind=Kind.CUSTOMER, shopify_ids=[7])

    assert Tombstone.objects.count() == 1


def test_a_merge_that_follows_a_deletion_says_into_whom(store):
    bury(tenant=store, kind=Kind.CUSTOMER, shopify_ids=[8])

    bury_merged(tenant=store, merges=[MergeData(kept_id=7, deleted_id=8)])

    assert deleted(8) == {8: 7}


def test_a_deletion_that_follows_a_merge_does_not_forget_into_whom(store):
    bury_merged(tenant=store, merges=[MergeData(kept_id=7, deleted_id=8)])

    bury(tenant=store, kind=Kind.CUSTOMER, shopify_ids=[8])

    assert deleted(8) == {8: 7}


CHAIN = [MergeData(kept_id=n + 1, deleted_id=n) for n in (1, 2, 3)]


@pytest.mark.parametrize("order", permutations(CHAIN))
def test_a_chain_of_merges_ends_at_the_last_in_any_order(store, order):
    def save(batch):
        bury_merged(tenant=store, merges=batch)

    one_by_one = [[merge] for merge in order]
    assert after(save, one_by_one, lambda: deleted(1, 2, 3)) == {1: 4, 2: 4, 3: 4}
    assert after(save, [order], lambda: deleted(1, 2, 3)) == {1: 4, 2: 4, 3: 4}


def test_a_ring_of_merges_ends(store):
    ring = [MergeData(2, 1), MergeData(3, 2), MergeData(1, 3)]

    bury_merged(tenant=store, merges=ring)

    assert deleted(1, 2, 3).keys() == {1, 2, 3}


def test_removing_takes_all_that_was_only_theirs(store, ids):
    words = [TagsData(7, ("a",), minute(0)), TagsData(8, ("b",), minute(0))]
    save_tags(tenant=store, words=words, ids=ids)
    consents = [ConsentData(7, "email", "subscribed", None, "x")]
    save_consents(tenant=store, consents=consents, ids=ids)

    assert remove_customers(tenant=store, shopify_ids=[7, 99]) == [ids[7]]

    assert Customer.objects.get().shopify_id == 8
    assert CustomerTag.objects.get().tag == "b"
    assert not ConsentChange.objects.exists()


def test_removing_nobody_removes_nobody(store, ids):
    assert remove_customers(tenant=store, shopify_ids=[]) == []
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("order", permutations([told(1, "10", at=1), told(3, "30", at=3),
                                                told(2, "20", at=2)]))  # fmt: skip
def test_the_newest_of_shopifys_figures_stand_in_any_order(store, ids, order):
    for totals in order:
        save_totals(tenant=store, totals=[totals], ids=ids)

    assert figures() == (3, Decimal(30))


def test_figures_are_kept_in_their_own_currency_and_those_of_nobody_known_are_not(store, ids):
    figures_of_two = [told(1, "10", currency="USD"), told(2, "5", number=99)]

    save_totals(tenant=store, totals=figures_of_two, ids=ids)

    assert figures() == (1, Decimal(10))
    assert Customer.objects.get(shopify_id=7).remote_currency == "USD"


def test_of_two_figures_of_one_instant_the_more_orders_stand(store, ids):
    for order in ([told(2, "20"), told(1, "10")], [told(1, "10"), told(2, "20")]):
        save_totals(tenant=store, totals=order, ids=ids)

        assert figures() == (2, Decimal(20))
