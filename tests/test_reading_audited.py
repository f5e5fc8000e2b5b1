"""Row 120: each read of personal data, in the API and in the admin, leaves one entry of ids."""

import json

import pytest
from django.contrib import admin
from django.test import Client

from campaigns.models import Sender
from customers.models import Customer
from orders.models import Checkout, Order
from tenants.models import AuditEntry
from tenants.scoping.middleware import STORE_SESSION_KEY
from tenants.scoping.viewsets import OfTenant
from tests.rows import make_row, owned_models
from tests.test_api_surface import routes
from tests.visits import BACKEND
from webhooks.models import Delivery

PERSONAL = (Customer, Order, Checkout, Delivery)
CANARY = "kim.canary@example.com"


@pytest.fixture
def rows(in_anas_store):
    """A row of each personal table, of a customer whose address would show."""
    customer = make_row(Customer, email=CANARY, email_search=CANARY, first_name="Kimcanary")
    order = make_row(Order, customer=customer, email=CANARY)
    return {
        Customer: customer,
        Order: order,
        Checkout: make_row(Checkout, customer=customer, email=CANARY),
        Delivery: make_row(Delivery, body=json.dumps({"email": CANARY}).encode()),
    }


@pytest.fixture
def browser(ana, anas_store):
    """Ana in the admin."""
    client = Client(raise_request_exception=False)
    client.force_login(ana, BACKEND)
    session = client.session
    session[STORE_SESSION_KEY] = anas_store.pk
    session.save()
    return client


def entries():
    told = AuditEntry.objects.order_by("id")
    return [(e.action, e.object_type, e.object_id, e.seen, e.actor_id) for e in told]


@pytest.mark.parametrize(("path", "model", "word"), [
    ("/customers", Customer, "customer"), ("/orders", Order, "order"),
])  # fmt: skip
def test_f120_a_list_and_a_detail_of_the_api_are_noted(ana, ana_api, rows, path, model, word):
    kind, row = model._meta.label_lower, rows[model].pk

    assert ana_api.get(path).status_code == 200
    assert ana_api.get(f"{path}/{row}").status_code == 200

    assert entries() == [
        (f"{word}.listed", kind, "", [row], ana.pk),
        (f"{word}.viewed", kind, str(row), [row], ana.pk),
    ]
    assert AuditEntry.objects.first().address == "127.0.0.1"


def test_f120_what_was_not_shown_is_not_noted(ben_api, cy_api, rows):
    assert cy_api.get(f"/customers/{rows[Customer].pk}").status_code == 404
    assert ben_api.get("/customers?page_size=0").status_code == 400
    assert ben_api.get("/customers?search=nobody").status_code == 200

    assert [(e[0], e[3]) for e in entries()] == [("customer.listed", [])]


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model.__name__)
def test_f120_lists_pages_and_histories_of_the_admin_are_noted(ana, browser, rows, model):
    kind, row = model._meta.label_lower, rows[model].pk
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"

    for path in (base, f"{base}{row}/change/", f"{base}{row}/history/"):
        assert browser.get(path).status_code == 200, path

    word = model._meta.model_name
    assert entries() == [
        (f"{word}.listed", kind, "", [row], ana.pk),
        (f"{word}.viewed", kind, str(row), [row], ana.pk),
        (f"{word}.viewed", kind, str(row), [row], ana.pk),
    ]


def test_f120_no_entry_of_a_read_holds_what_was_read(ana_api, browser, rows):
    ana_api.get("/customers", {"search": "kim.canary"})
    ana_api.get(f"/orders/{rows[Order].pk}")
    browser.get("/admin/customers/customer/", {"q": "kim.canary"})

    kept = str(list(AuditEntry.objects.values())).lower()
    assert AuditEntry.objects.count() == 3
    assert "canary" not in kept


def test_f120_each_view_over_a_personal_table_says_so():
    views = {view for _, view, _ in routes() if issubclass(view, OfTenant)}
    pages = {type(page): page for page in admin.site._registry.values()}

    over = [view for view in views if view.queryset.model in PERSONAL]
    over += [kind for kind, page in pages.items() if page.model in PERSONAL]
    assert len(over) == 7
    assert all(declared.personal for declared in over)


def test_f120_each_table_that_keeps_a_name_or_address_of_somebody_is_a_personal_one():
    kept = {
        model
        for model in owned_models()
        for field in model._meta.concrete_fields
        if field.name in ("email", "phone", "body", "first_name")
    }

    assert kept - {Sender} <= set(PERSONAL)  # a sender's address is the store's own


def test_f120_a_list_shows_its_entry_to_the_owner(ana_api, browser, rows):
    ana_api.get("/customers")

    page = browser.get("/admin/tenants/auditentry/").text
    assert "customer.listed" in page
