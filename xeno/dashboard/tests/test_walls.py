"""Nothing of Cy's store shows in Ana's admin, by whichever way she asks."""

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse

from orders.rollups.keeping import keep_whole
from webhooks.models import Delivery
from xeno.dashboard.tests.test_pages import MODELS, ROWS, list_url, page_url
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db


def answer(client, url):
    """What a page says, without the id that was asked for."""
    response = client.get(url)
    said = [str(message) for message in get_messages(response.wsgi_request)]
    asked = url.split("/")[4]
    return response.status_code, response.get("Location"), [s.replace(asked, "ID") for s in said]


def test_lists_hold_no_row_of_another_store(anas, anas_rows, cys_rows):
    for model in MODELS:
        text = anas.get(list_url(model)).text

        assert "Quentin" not in text, model
        assert "cy.myshopify.com" not in text, model


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_a_foreign_row_is_as_absent_as_none(model, signed_in, ana, anas_rows, cys_rows):
    pk = getattr(cys_rows, ROWS[model._meta.model_name]).pk
    for page in ("change", "history", "delete"):
        foreign = page_url(model, cys_rows, page)
        absent = foreign.replace(f"/{pk}/", "/99999999/")

        assert answer(signed_in(ana), foreign) == answer(signed_in(ana), absent)


@pytest.mark.parametrize(
    ("path", "term"),
    [("customers_customer", "quentin"), ("orders_order", "#quentin"),
     ("orders_product", "quentin"), ("tenants_tenant", "cy")],
)  # fmt: skip
def test_search_finds_nothing_foreign(path, term, anas, anas_rows, cys_rows):
    response = anas.get(reverse(f"admin:{path}_changelist"), {"q": term})

    assert response.context["cl"].result_count == 0


def test_autocomplete_finds_own_customers_only(anas, anas_rows, cys_rows):
    query = {"app_label": "orders", "model_name": "order", "field_name": "customer"}

    own = anas.get("/admin/autocomplete/", {**query, "term": "zel"}).json()["results"]
    foreign = anas.get("/admin/autocomplete/", {**query, "term": "que"}).json()["results"]

    assert [result["text"] for result in own] == ["Zelda Archer"]
    assert foreign == []


@pytest.mark.parametrize(
    "query",
    ["customer__tenant__name=Cy", "tenant=1", "customer__email__startswith=q",
     "landing_site__icontains=x", "customer__note=x"],
)  # fmt: skip
def test_lookups_of_the_address_bar_are_refused(query, anas, anas_rows):
    assert anas.get(f"/admin/orders/order/?{query}").status_code == 400


def test_password_hashes_cannot_be_guessed_by_lookups(signed_in, operator, anas_store):
    client = signed_in(operator)

    assert client.get("/admin/tenants/user/?password__startswith=a").status_code == 400


def test_a_foreign_customer_filters_to_nothing(anas, anas_rows, cys_rows):
    response = anas.get("/admin/orders/order/", {"customer": cys_rows.customer.pk})

    assert response.context["cl"].result_count == 0


def test_a_foreign_delivery_is_not_replayed(anas, anas_rows, cys_rows):
    anas.post(
        "/admin/webhooks/delivery/",
        {"action": "replay", "_selected_action": [cys_rows.delivery.pk]},
    )

    with tenant_scope(cys_rows.store.pk):
        assert Delivery.objects.get().state == "parked"


def test_home_shows_own_numbers_only(anas, anas_rows, cys_rows):
    for rows in (anas_rows, cys_rows):
        with tenant_scope(rows.store.pk):
            keep_whole(tenant=rows.store)
    days = {"period": "custom", "from": "2026-03-01", "to": "2026-03-28"}
    text = anas.get("/admin/", days).text + anas.get("/admin/home/people/", days).text

    assert "Zelda" in text
    assert "19.90" in text
    assert "Quentin" not in text


def test_the_search_over_all_models_is_closed(anas, anas_rows):
    assert anas.get("/admin/search/", {"s": "zelda", "extended": 1}).status_code == 404


def test_an_analyst_sees_but_does_not_touch(bens, ben, anas_rows):
    store, delivery = anas_rows.store, anas_rows.delivery

    assert bens.get("/admin/customers/customer/").status_code == 200
    change = bens.post(
        f"/admin/tenants/tenant/{store.pk}/change/", {"name": "Ben's", "timezone": "UTC"}
    )
    replay = bens.post(
        "/admin/webhooks/delivery/", {"action": "replay", "_selected_action": [delivery.pk]}
    )
    team = bens.get("/admin/tenants/membership/")

    store.refresh_from_db()
    assert (change.status_code, replay.status_code, team.status_code) == (403, 403, 403)
    assert "Manage the team" in team.text
    assert store.name == "Ana"
    with tenant_scope(store.pk):
        assert Delivery.objects.get().state == "parked"


def test_only_operators_see_users(anas, signed_in, operator, anas_rows):
    assert anas.get("/admin/tenants/user/").status_code == 403
    assert signed_in(operator).get("/admin/tenants/user/").status_code == 200


def test_no_editable_field_is_a_dropdown_of_a_tenants_table(rf, operator, in_anas_store):
    request = rf.get("/")
    request.user, request.tenant = operator, in_anas_store
    for model, page in admin.site._registry.items():
        for field in page.get_form(request, None, change=True).base_fields.values():
            target = getattr(getattr(field, "queryset", None), "model", None)
            assert not getattr(target, "tenant_owned", False), (model, field)
