"""A person's data, and their erasure, asked for by staff on the customer's page."""

import pytest
from django.urls import reverse

from conftest import make_member
from customers.data import CustomerData
from customers.importing import PersonData, save_people
from customers.models import Customer
from orders.models import Order
from tenants.audit import Actor
from tenants.models import AuditEntry
from tenants.roles import Role
from tests.rows import LONG_AGO
from webhooks.applying import apply_news
from webhooks.models import ErasureReceipt, PrivacyRequest
from webhooks.news import News
from webhooks.privacy import working
from webhooks.privacy.asking import start_erasure
from webhooks.privacy.tests.person import ID, OTHER, WORDS, request
from webhooks.privacy.tests.test_data_request import browser_of, tables_of

BUTTONS = ("Export this person&#x27;s data", "Erase this person")


@pytest.fixture
def browser(ana):
    return browser_of(ana)


@pytest.fixture
def dee(person):
    return Customer.objects.get(shopify_id=ID)


def page_of(customer, name):
    return reverse(f"admin:webhooks_privacyrequest_{name}", args=[customer.pk])


def test_the_file_holds_what_shopifys_request_gives_and_nobody_elses(person, browser, ana, dee):
    person.tell("customers/data_request", request(data_request={"id": 9}))
    working.work_off(tenant=person.tenant)

    answer = browser.get(page_of(dee, "data"))

    assert answer["Content-Disposition"] == f'attachment; filename="customer-{ID}.json"'
    assert answer.json()["tables"] == tables_of(PrivacyRequest.objects.get())
    assert b"dee@example.com" not in answer.content
    noted = AuditEntry.objects.get(action="customer.data_taken")
    assert (noted.actor, noted.seen) == (ana, [dee.pk])


@pytest.mark.parametrize("typed", ["", "yes", "dee@example.com", str(OTHER)])
def test_a_wrong_word_erases_nobody(person, browser, dee, typed):
    answer = browser.post(page_of(dee, "erase"), {"confirmation": typed})

    assert "Nothing was erased" in answer.text
    assert not PrivacyRequest.objects.exists()


@pytest.mark.parametrize("typed", [" CANARY@example.com ", str(ID)])
def test_the_right_word_leads_to_an_erased_person_and_a_receipt(
    person, browser, traces, dee, typed
):
    before = sorted(Order.objects.values_list("shopify_id", "amount"))
    traces.find()

    state = browser.post(page_of(dee, "erase"), {"confirmation": typed}, follow=True)
    assert "open" in state.text
    working.work_off(tenant=person.tenant)

    done = browser.get(state.redirect_chain[-1][0]).text
    assert "The person is erased" in done
    assert ErasureReceipt.objects.get().subject_hash in done
    assert traces.find() == set()
    assert sorted(Order.objects.values_list("shopify_id", "amount")) == before


def test_pressed_twice_it_is_one_request_and_the_page_says_so(browser, ana, dee):
    for _ in range(2):
        browser.post(page_of(dee, "erase"), {"confirmation": str(ID)})

    begun = PrivacyRequest.objects.get()
    noted = AuditEntry.objects.get(action="customer.erasure_started")
    assert (noted.actor, noted.object_id) == (ana, str(begun.pk))
    assert (
        "Being erased"
        in browser.get(reverse("admin:customers_customer_change", args=[dee.pk])).text
    )


def test_a_customer_whom_shopify_deletes_meanwhile_is_erased_by_the_address(person, traces, dee):
    start_erasure(actor=Actor(), tenant=person.tenant, customer=dee)
    person.tell("customers/delete", {"id": ID})
    traces.find()

    working.work_off(tenant=person.tenant)

    assert traces.find() == set()


def test_an_imported_person_is_erased_even_if_shopify_knows_them_by_then(in_anas_store, home):
    save_people(tenant=in_anas_store, people=[PersonData(email="Kim@example.com")])
    kim = Customer.objects.get()
    start_erasure(actor=Actor(), tenant=in_anas_store, customer=kim)
    told = CustomerData(7, updated_at=LONG_AGO, email="kim@example.com")
    apply_news(tenant=in_anas_store, news=News(customers=[told]))

    working.work_off(tenant=in_anas_store)

    assert not Customer.objects.exists()
    assert PrivacyRequest.objects.get().emails == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MARKETER])
def test_the_buttons_are_there_for_whoever_answers_for_the_store(dee, anas_store, role):
    somebody = browser_of(make_member(anas_store, "somebody@example.com", role))

    page = somebody.get(reverse("admin:customers_customer_change", args=[dee.pk])).text

    assert all((button in page) is (role == Role.ADMIN) for button in BUTTONS)
    assert WORDS[1] in page.lower()
