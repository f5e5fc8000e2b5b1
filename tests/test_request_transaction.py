"""A request of a store is one transaction with an end, and one question for its rights."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm, get_perms

from conftest import api_of, make_member
from customers.models import Customer
from customers.viewsets import CustomerViewSet
from tenants import keys
from tenants.models import ApiKey, Membership, Tenant
from tenants.roles import Right, Role
from tenants.scoping.rights import find_rights
from tests.rows import make_row
from xeno.lib.postgres.scope import tenant_scope

BODY = {"name": "till", "rights": ["view_orders"]}


def code_of(response):
    return response.json()["errors"][0]["code"]


class Refused(keys.RightNotForKeys):
    """A refusal after the work was done."""


def test_what_is_refused_after_its_work_leaves_nothing(ana_api, in_anas_store, monkeypatch):
    make = keys.make_key

    def make_and_refuse(**given):
        make(**given)
        raise Refused

    monkeypatch.setattr(keys, "make_key", make_and_refuse)

    assert ana_api.post("/api-keys", BODY).status_code == 400
    assert not ApiKey.objects.exists()


def test_the_same_work_without_a_refusal_stays(ana_api, in_anas_store):
    assert ana_api.post("/api-keys", BODY).status_code == 201
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_request_is_one_transaction(ana, anas_store, monkeypatch):
    api, begun = api_of(ana), []
    enter = transaction.Atomic.__enter__

    def note(self):
        begun.append(connection.in_atomic_block)
        enter(self)

    monkeypatch.setattr(transaction.Atomic, "__enter__", note)

    assert api.get("/customers").status_code == 200
    assert begun == [False]


def slow(self):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    return Customer.objects.values("id")


@pytest.mark.django_db(transaction=True)
def test_a_read_that_takes_too_long_is_cut_off_and_told_so(ana, anas_store, monkeypatch, settings):
    settings.API_READ_SECONDS = 1
    monkeypatch.setattr(CustomerViewSet, "get_queryset", slow)
    api = api_of(ana)

    response = api.get("/customers")

    assert (response.status_code, code_of(response)) == (503, "too_slow")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)  # it was the request's alone


@pytest.mark.django_db(transaction=True)
def test_a_write_waits_for_another_no_longer_than_a_moment(ana, anas_store, monkeypatch):
    monkeypatch.setattr("tenants.scoping.transaction.LOCK_SECONDS", 1)
    api, held, over = api_of(ana), threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Tenant.objects.select_for_update().get(pk=anas_store.pk)
            held.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    response = api.patch("/store", {"require_two_factor": False})
    over.set()
    thread.join()

    assert (response.status_code, code_of(response)) == (503, "busy")
    assert response.headers["Retry-After"]


# --- Rights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_what_is_asked_is_what_guardian_says(anas_store, cys_store, role):
    user = make_member(anas_store, f"{role}@example.com", role)
    assign_perm(Right.EXPORT_DATA.value, user, anas_store)

    for store in (anas_store, cys_store):
        assert find_rights(user, store) == frozenset(get_perms(user, store))
    assert Right.EXPORT_DATA.value in find_rights(user, anas_store)


def test_who_may_not_sign_in_holds_nothing(ana, anas_store):
    ana.is_active, ana.is_superuser = False, True

    assert find_rights(ana, anas_store) == frozenset()


def rights_asked(api, path):
    with CaptureQueriesContext(connection) as said:
        assert api.get(path).status_code == 200
    return sum("auth_permission" in query["sql"] for query in said)


@pytest.mark.parametrize("path", ["/customers", "/customers/{pk}"])
def test_a_request_asks_for_its_rights_once(ana_api, in_anas_store, path):
    customer = make_row(Customer)

    assert rights_asked(ana_api, path.format(pk=customer.pk)) == 1


def test_an_operator_and_a_key_are_not_asked_for(ana, api, in_anas_store):
    made = keys.make_key(
        actor=keys.Actor(ana), tenant=in_anas_store, name="till", rights=["view_customers"]
    )
    operator = type(ana).objects.create_superuser("op@example.com", "correct horse battery staple")
    as_operator = api_of(operator)
    as_operator.credentials(
        HTTP_AUTHORIZATION=as_operator._credentials["HTTP_AUTHORIZATION"],
        HTTP_X_STORE=str(in_anas_store.pk),
    )
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {made.raw}")

    assert rights_asked(as_operator, "/customers") == 0
    assert rights_asked(api, "/customers") == 0


def test_a_right_that_is_taken_bites_at_the_next_request(ben, ben_api, anas_store):
    assert ben_api.get("/customers").status_code == 200

    ben.groups.clear()

    assert ben_api.get("/customers").status_code == 403
    assert Membership.objects.filter(user=ben).exists()


def test_a_key_holds_its_rights_in_its_own_store_only(ana, api, in_anas_store, cys_store):
    with tenant_scope(in_anas_store.pk):
        made = keys.make_key(
            actor=keys.Actor(ana), tenant=in_anas_store, name="till", rights=["view_orders"]
        )
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {made.raw}")

    assert api.get("/orders").status_code == 200
    assert api.get("/customers").status_code == 403
    assert api.get("/orders", headers={"X-Store": str(cys_store.pk)}).status_code == 404
