"""What only a sync tells of customers is in the tables after it."""

import pytest

from customers.models import Customer, CustomerAddress, CustomerCompany
from orders.models import Order, Product, ProductTag
from tenants.shopify.errors import QueryRefused, ScopeMissing
from webhooks.backfill import running
from webhooks.backfill.asking import companies_withheld


def run_out(store) -> str:
    running.start_sync(tenant=store)
    while running.advance(tenant=store) is not None:
        running.cut_pause()
    return running.Sync.objects.latest("pk").state


def test_a_sync_brings_addresses_judgements_companies_tags_and_categories(store):
    assert run_out(store) == "done"

    assert not Customer.objects.filter(remote_statistics_at=None).exists()
    assert Customer.objects.filter(remote_rfm_group="CHAMPIONS").exists()
    assert CustomerAddress.objects.filter(is_default=False, latitude__gt=0).exists()
    buying = set(CustomerCompany.objects.values_list("customer", flat=True))
    assert buying == set(Customer.objects.tagged("wholesale").values_list("pk", flat=True)) != set()
    assert ProductTag.objects.filter(tag_key="sports wear").count() == 3
    assert not Product.objects.filter(category_id=None).exists()
    assert not Order.objects.filter(app_id=None).exists()


def test_a_second_sync_changes_no_address(store):
    run_out(store)
    before = list(CustomerAddress.objects.order_by("pk").values())
    run_out(store)

    assert list(CustomerAddress.objects.order_by("pk").values()) == before


def test_a_shop_that_refuses_to_speak_of_companies_is_synced_without_them(store, shop):
    shop.faults.withheld.add("companyContactProfiles")

    assert run_out(store) == "done"
    assert not CustomerCompany.objects.exists()
    assert Customer.objects.exists()


class Refusing:
    """An Admin API that answers no question."""

    def __init__(self, refusal) -> None:
        self.refusal = refusal

    def ask(self, name: str):
        raise self.refusal


@pytest.mark.parametrize("refusal", [ScopeMissing, QueryRefused])
def test_a_refused_question_about_companies_withholds_them_alone(refusal):
    assert companies_withheld(Refusing(refusal)) == {"customers.nodes.companyContactProfiles"}


def test_who_may_not_see_where_somebody_lives_is_told_no_address(store, shop):
    shop.faults.withheld.add("defaultAddress")

    assert run_out(store) == "done"
    assert not CustomerAddress.objects.exists()
    assert set(Customer.objects.values_list("country", flat=True)) == {None}
