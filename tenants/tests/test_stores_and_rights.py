"""Which store a request is for, and which right it needs there."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from conftest import api_of, make_member, make_store
from tenants import actions
from tenants.models import AuditEntry, Tenant, User
from tenants.roles import Right, Role
from tenants.scoping.middleware import STORE_SESSION_KEY, TenantMiddleware
from tenants.scoping.rights import get_right
from tenants.scoping.serializers import check_unique
from tenants.scoping.viewsets import TenantReadViewSet
from xeno.lib.postgres.scope import find_tenant_id


@pytest.fixture
def second_store(ana):
    store = make_store("second.myshopify.com")
    actions.save_member(tenant=store, user=ana, role=Role.OWNER)
    return store


def code(response):
    return response.json()["errors"][0]["code"]


def test_the_only_store_needs_no_name(ana_api):
    assert ana_api.get("/customers").status_code == 200


def test_several_stores_need_a_name(ana_api, second_store):
    response = ana_api.get("/customers")

    assert response.status_code == 400
    assert code(response) == "store_required"


def test_a_store_is_named_by_id_or_domain(ana_api, second_store):
    for name in (str(second_store.pk), "second.myshopify.com", "SECOND.myshopify.com"):
        assert ana_api.get("/customers", headers={"X-Store": name}).status_code == 200


def test_unknown_and_foreign_stores_get_the_same_answer(ana_api, cys_store):
    names = [
        "cy.myshopify.com",
        str(cys_store.pk),
        "none.myshopify.com",
        "0",
        "9" * 30,
        "٣",
        "\x7f",
        "",  # as granian hands on what is not ASCII
        "  ",
    ]
    answers = [ana_api.get("/customers", headers={"X-Store": name}) for name in names]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert code(answers[0]) == "store_not_found"


def test_who_one_is_can_be_asked_without_a_store(ana_api, second_store):
    assert len(ana_api.get("/auth/me").json()["stores"]) == 2


def test_a_superuser_opens_any_store(anas_store, cys_store):
    root = api_of(User.objects.create_superuser("root@example.com"))

    assert root.get("/customers", headers={"X-Store": "cy.myshopify.com"}).status_code == 200
    assert code(root.get("/customers")) == "store_required"


def test_user_membership_and_store_are_one_query(ana_api):
    request = ana_api.get("/customers").wsgi_request
    ask = RequestFactory().get(
        "/customers", headers={"Authorization": request.headers["Authorization"]}
    )

    with CaptureQueriesContext(connection) as queries:
        TenantMiddleware(lambda _: HttpResponse())(ask)

    assert len(queries) == 1
    assert ask.tenant.shop_domain == "ana.myshopify.com"


def test_the_scope_closes_with_the_request(ana_api):
    ana_api.get("/customers")

    assert find_tenant_id() is None


def test_a_missing_right_is_named(anas_store, monkeypatch):
    dee = make_member(anas_store, "dee@example.com", Role.SUPPORT)
    dee.groups.clear()

    response = api_of(dee).get("/customers")

    assert response.status_code == 403
    assert code(response) == "right_missing"
    assert "view_customers" in response.json()["errors"][0]["detail"]


def test_a_right_can_be_granted_to_one_person(anas_store):
    dee = make_member(anas_store, "dee@example.com", Role.SUPPORT)
    dee.groups.clear()
    assign_perm("tenants.view_customers", dee, anas_store)

    assert api_of(dee).get("/customers").status_code == 200
    assert api_of(dee).get("/orders").status_code == 403


def test_a_right_of_another_store_opens_nothing(ben, ben_api, cys_store):
    actions.save_member(tenant=cys_store, user=ben, role=Role.OWNER)
    ben.groups.remove(*ben.groups.filter(name__startswith=f"tenant:{cys_store.pk}:"))

    response = ben_api.get("/customers", headers={"X-Store": "cy.myshopify.com"})

    assert response.status_code == 403


def test_a_viewset_without_a_right_fails_loudly():
    view = TenantReadViewSet()
    view.action = "list"

    with pytest.raises(ImproperlyConfigured):
        get_right(view)


def test_an_undeclared_action_fails_loudly():
    view = TenantReadViewSet()
    view.rights, view.action = {"read": Right.VIEW_ORDERS}, "send"

    with pytest.raises(ImproperlyConfigured):
        get_right(view)


def test_a_method_that_is_not_there_is_405(ana_api):
    assert ana_api.post("/customers", {}).status_code == 405
    assert ana_api.options("/customers").status_code == 405


def test_a_browser_session_reads_the_api(ana):
    browser = APIClient()
    browser.force_login(ana)

    assert browser.get("/customers").status_code == 200


def test_a_session_without_a_csrf_token_writes_nothing(ana):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(ana)

    response = browser.post("/customers", {})

    assert response.status_code == 403
    assert "CSRF" in response.json()["errors"][0]["detail"]


@pytest.fixture
def admin_visit(ana):
    """The tenant that the admin gets for a session with these values."""

    def visit(user, **session):
        request = RequestFactory().get("/admin/")
        request.user, request.session = user, session
        TenantMiddleware(lambda _: HttpResponse())(request)
        return request.tenant

    return visit


def test_the_admin_opens_the_store_of_the_session(admin_visit, ana, second_store):
    assert admin_visit(ana, **{STORE_SESSION_KEY: second_store.pk}) == second_store


def test_the_admin_opens_the_only_store(admin_visit, ana, anas_store):
    assert admin_visit(ana) == anas_store


def test_the_admin_opens_none_of_several_stores(admin_visit, ana, second_store):
    assert admin_visit(ana) is None


def test_the_admin_does_not_open_a_foreign_store(admin_visit, ana, anas_store, cys_store):
    assert admin_visit(ana, **{STORE_SESSION_KEY: cys_store.pk}) == anas_store


def test_what_is_unique_in_a_store_is_an_error_of_its_field(in_anas_store, ana):
    constraint = next(
        c for c in AuditEntry._meta.constraints if "tenant" in getattr(c, "fields", ())
    )
    entry = AuditEntry.objects.create(actor=ana, action="a", object_type="b")
    twin = AuditEntry(id=entry.pk, tenant_id=in_anas_store.pk)

    with pytest.raises(ValidationError) as refusal:
        check_unique(constraint, twin)

    assert refusal.value.get_codes() == {"id": ["unique"]}


def test_secrets_of_the_store_are_not_read(ana_api):
    request = ana_api.get("/customers").wsgi_request

    assert isinstance(request.tenant, Tenant)
    assert {"access_token", "refresh_token"} <= request.tenant.get_deferred_fields()
