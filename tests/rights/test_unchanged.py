"""The eye of the tables of rights sees whatever is written, and forgets it."""

import pytest

from customers.models import Customer
from tenants.models import SignIn
from tenants.sign_in import start_sign_in
from tests.rights.unchanged import unchanged


@pytest.fixture
def kim(in_anas_store):
    return Customer.objects.create(shopify_id=1, note="Rang us")


WRITES = {
    "insert": lambda kim: Customer.objects.create(shopify_id=2),
    "update": lambda kim: Customer.objects.filter(pk=kim.pk).update(note=""),
    "delete": lambda kim: Customer.objects.all().delete(),
}


@pytest.mark.parametrize("write", WRITES)
def test_each_kind_of_write_is_seen(write, kim):
    with pytest.raises(AssertionError), unchanged(kim.tenant):
        WRITES[write](kim)


def test_a_write_that_is_made_good_is_none_and_all_of_it_is_undone(kim, ana):
    start_sign_in(user=ana)

    with unchanged(kim.tenant):
        Customer.objects.filter(pk=kim.pk).update(note="")
        Customer.objects.filter(pk=kim.pk).update(note="Rang us")
        SignIn.objects.update(address="192.0.2.1")

    assert SignIn.objects.get().address != "192.0.2.1"
