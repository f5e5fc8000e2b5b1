"""A body that names another shop than its header is not this store's."""

import pytest

from webhooks.mapping.decoding import OtherShop
from webhooks.mapping.tests.payloads import envelope


@pytest.mark.parametrize(
    "address",
    [
        "https://cy.myshopify.com/orders/1",
        "cy.myshopify.com",
        "https://CY.myshopify.com:443/x",
        "https://ana.myshopify.com@cy.myshopify.com/",
        "https://xana.myshopify.com/",
    ],
)
def test_another_shops_address_is_refused(address):
    with pytest.raises(OtherShop) as refusal:
        envelope().check_same_shop(address)

    assert refusal.value.code == "other_shop"


@pytest.mark.parametrize(
    "address",
    [
        "https://ana.myshopify.com/orders/1",
        "ANA.myshopify.com",
        "https://shop.example.com/orders/1",  # the store's own domain
        "/orders/1",
        "",
        None,
        7,
    ],
)
def test_its_own_another_domain_or_no_address_is_let_through(address):
    assert envelope().check_same_shop(address) is None


def test_one_strange_address_among_good_ones_is_enough():
    with pytest.raises(OtherShop):
        envelope().check_same_shop(None, "ana.myshopify.com", "cy.myshopify.com")
