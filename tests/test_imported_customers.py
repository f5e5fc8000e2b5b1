"""Somebody whom an import brought becomes one row with Shopify's, whichever comes first."""

import pytest

from customers.data import ConsentData, CustomerData
from customers.importing import PersonData, save_people
from customers.models import Consent, Customer, CustomerTag
from segments.models import Segment
from tests.rows import LONG_AGO, make_row
from webhooks.applying import apply_news
from webhooks.models import Edit
from webhooks.news import News

KIM = PersonData(email="Kim@example.com", first_name="Kim", tags=("VIP",), unsubscribed=True)


@pytest.fixture
def imported(in_anas_store):
    save_people(tenant=in_anas_store, people=[KIM])
    return Customer.objects.get()


def hear(tenant, email="kim@example.com", number=7):
    told = CustomerData(number, updated_at=LONG_AGO, email=email, first_name="Kimberley")
    agreed = ConsentData(number, "email", Consent.SUBSCRIBED, None, "webhook", LONG_AGO)
    apply_news(tenant=tenant, news=News(customers=[told], consents=[agreed]))


def test_shopifys_customer_with_that_address_is_the_same_row(in_anas_store, imported):
    hear(in_anas_store)

    kim = Customer.objects.get()
    assert (kim.pk, kim.shopify_id, kim.first_name) == (imported.pk, 7, "Kimberley")


def test_who_had_unsubscribed_stays_so_and_shopify_is_told(in_anas_store, imported):
    hear(in_anas_store)

    assert Customer.objects.get().email_consent == Consent.UNSUBSCRIBED
    assert set(Edit.objects.values_list("field", flat=True)) == {"tags", "email_consent"}
    assert CustomerTag.objects.get().present


def test_a_customer_of_shopifys_who_gets_the_address_later_takes_it_all_over(
    in_anas_store, imported
):
    make_row(Segment)
    hear(in_anas_store, email=None)
    before = Customer.objects.get(shopify_id=7)

    hear(in_anas_store)

    kim = Customer.objects.get()
    assert kim.pk == before.pk
    assert kim.email_consent == Consent.UNSUBSCRIBED
    assert CustomerTag.objects.get(customer=kim, present=True).tag == "VIP"


def test_others_stay_who_they_are(in_anas_store, imported):
    hear(in_anas_store, email="lee@example.com")

    assert Customer.objects.count() == 2
    imported.refresh_from_db()
    assert imported.shopify_id == -imported.pk
