"""Which store is open: choosing, switching, and having none."""

import pytest
from django.urls import reverse

from tenants.models import User

pytestmark = pytest.mark.django_db
SWITCH = "/admin/switch-store/"


def test_the_only_store_needs_no_choosing(anas, anas_rows):
    assert anas.get("/admin/").context["store"] == anas_rows.store


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/customers/customer/", "/admin/tenants/membership/",
             "/admin/webhooks/delivery/1/change/", "/admin/tenants/auditentry/"],
)  # fmt: skip
def test_without_a_store_each_page_asks_for_one(path, signed_in, tara, anas_rows, cys_rows):
    response = signed_in(tara).get(path)

    assert response.status_code == 200
    assert "Choose a store" in response.text
    assert "ana.myshopify.com" in response.text
    assert "Zelda" not in response.text


def test_switching_opens_the_store(signed_in, tara, anas_rows, cys_rows):
    client = signed_in(tara)

    response = client.post(SWITCH, {"store": cys_rows.store.pk})

    assert response.url == reverse("admin:index")
    assert "#Quentin" in client.get("/admin/").text


@pytest.mark.parametrize("store", ["foreign", "99999999", "0", "-1", "x", "", "9" * 40, "١"])
def test_stores_that_one_may_not_open_are_no_stores(store, anas, anas_rows, cys_rows):
    wanted = cys_rows.store.pk if store == "foreign" else store

    response = anas.post(SWITCH, {"store": wanted})

    assert response.status_code == 404
    assert "store_id" not in anas.session
    assert "cy.myshopify" not in response.text


def test_a_link_does_not_switch(anas, anas_rows):
    assert anas.get(SWITCH, {"store": anas_rows.store.pk}).status_code == 405


@pytest.mark.parametrize(
    ("wanted", "target"),
    [("/admin/orders/order/", "/admin/orders/order/"), ("https://evil.test/", "/admin/"),
     ("//evil.test", "/admin/"), ("\\\\evil.test", "/admin/"),
     ("https:evil.test", "/admin/"), ("javascript:alert(1)", "/admin/"), ("", "/admin/")],
)  # fmt: skip
def test_f101_next_stays_on_this_host(wanted, target, anas, anas_rows):
    response = anas.post(SWITCH, {"store": anas_rows.store.pk, "next": wanted})

    assert response.url == target


def test_an_operator_finds_any_store_by_its_beginning(signed_in, operator, anas_store, cys_store):
    client = signed_in(operator)

    found = client.get("/admin/choose-store/", {"store": "CY."})
    client.post(SWITCH, {"store": cys_store.pk})

    assert "cy.myshopify.com" in found.text
    assert "ana.myshopify.com" not in found.text
    assert client.get("/admin/").context["store"] == cys_store


def test_who_belongs_to_no_store_is_told_what_to_do(signed_in, db):
    client = signed_in(User.objects.create_user("new@example.com", "x"))

    response = client.get("/admin/")
    assert response.status_code == 403
    assert "ask its owner to invite" in response.text

    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_who_left_is_out_at_once(bens, ben, anas_rows):
    assert bens.get("/admin/").status_code == 200

    ben.memberships.all().delete()

    assert bens.get("/admin/").status_code == 403


def test_a_lost_store_does_not_swallow_a_form(signed_in, tara, anas_rows, cys_rows):
    response = signed_in(tara).post(
        f"/admin/tenants/tenant/{anas_rows.store.pk}/change/", {"name": "New"}
    )

    assert response.status_code == 409


def test_strangers_go_to_the_login(client, anas_rows):
    response = client.get("/admin/orders/order/")

    assert response.url.startswith("/admin/login/")
    assert "E-mail address" in client.get("/admin/login/").text


def test_login_by_email_ends_on_the_home_page(client, ana):
    from conftest import PASSWORD

    response = client.post("/admin/login/", {"username": ana.email, "password": PASSWORD})

    assert response.url == "/admin/"
