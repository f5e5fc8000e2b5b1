"""What Shopify thinks of a customer: its newest word as a whole; and the domain of an address."""

import pytest
from hypothesis import given

from customers.actions import remove_customers, save_customers
from customers.data import AddressData, CustomerData, StatisticsData
from customers.models import Customer, CustomerAddress, CustomerCompany
from customers.statistics import save_statistics
from customers.tests.words import after, batches, minute, quick

COLUMNS = ("remote_rfm_group", "remote_spend_tier", "subscriber_status", "remote_statistics_at")


@pytest.fixture
def ids(in_anas_store):
    return save_customers(tenant=in_anas_store, customers=[CustomerData(7), CustomerData(8)])


@pytest.fixture
def save(in_anas_store, ids):
    return lambda words: save_statistics(tenant=in_anas_store, words=words, ids=ids)


def told(number: int = 7, *, at: int = 0, **words) -> StatisticsData:
    return StatisticsData(number, minute(at), **words)


def judgements():
    rows = Customer.objects.order_by("shopify_id").values_list("shopify_id", *COLUMNS)
    return list(rows), companies(7), companies(8)


def companies(number: int) -> set[int]:
    rows = CustomerCompany.objects.filter(customer__shopify_id=number)
    return set(rows.values_list("company_id", flat=True))


WORDS = [
    told(at=0, rfm_group="NEW", spend_tier="LOW", companies=(1, 2)),
    told(at=5, rfm_group="CHAMPIONS", subscriber_status="ACTIVE", companies=(2, 3)),
    told(at=3, rfm_group="LOYAL", companies=()),
    told(8, at=1, spend_tier="HIGH", companies=(9,)),
    told(99, at=9, rfm_group="LOYAL"),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same(save, words):
    expected = after(save, [[word] for word in WORDS], judgements)

    assert after(save, words, judgements) == expected


def test_the_words_above_end_with_the_newest_as_a_whole(save):
    save(WORDS)

    (seven, eight), of_seven, of_eight = judgements()
    assert seven == (7, "CHAMPIONS", None, "ACTIVE", minute(5))
    assert eight == (8, None, "HIGH", None, minute(1))
    assert (of_seven, of_eight) == ({2, 3}, {9})


def test_companies_that_are_not_told_stay(save):
    save([told(companies=(1,))])
    save([told(at=1, rfm_group="LOYAL")])

    assert companies(7) == {1}


def test_who_is_removed_takes_addresses_and_companies_along(in_anas_store, save):
    here = AddressData(1, "GB")
    for number in (7, 8):
        save([told(number, companies=(1,))])
        person = CustomerData(number, minute(1), minute(1), country="GB", region="", city="",
                              address=here, addresses=(AddressData(2, "FR"),))  # fmt: skip
        save_customers(tenant=in_anas_store, customers=[person])
    remove_customers(tenant=in_anas_store, shopify_ids=[7])

    for model in (CustomerAddress, CustomerCompany):
        owners = model.objects.values_list("customer__shopify_id", flat=True)
        assert set(owners) == {8}


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("Dee@Example.COM", "example.com"),
        ("odd@name@Mail.example", "mail.example"),
        ("none.example", None),
        ("dangling@", None),
        ("", None),
        (None, None),
    ],
)
def test_the_domain_is_what_stands_behind_the_last_at(in_anas_store, email, domain):
    Customer.objects.create(shopify_id=1, email=email)

    assert Customer.objects.get().email_domain == domain
