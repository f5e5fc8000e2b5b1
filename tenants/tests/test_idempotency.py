"""A POST that comes twice with one Idempotency-Key is carried out once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from conftest import api_of
from tenants import keys
from tenants.models import ApiKey, AuditEntry, IdempotentAnswer
from tenants.scoping import idempotency
from tenants.tasks import forget_answers
from xeno.lib.postgres.scope import tenant_scope

BODY = {"name": "till", "rights": ["view_orders"]}
KEY = {"Idempotency-Key": "8d1f"}


def code_of(response):
    return response.json()["errors"][0]["code"]


def test_the_second_gets_the_first_ones_answer_and_changes_nothing(ana_api, in_anas_store):
    first = ana_api.post("/api-keys", BODY, headers=KEY)
    second = ana_api.post("/api-keys", BODY, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert ApiKey.objects.count() == 1
    assert AuditEntry.objects.filter(action="api_key.made").count() == 1


@pytest.mark.parametrize(("path", "body", "headers"), [
    ("/api-keys", {**BODY, "name": "other"}, KEY),
    ("/api-keys?x=1", BODY, KEY),
])  # fmt: skip
def test_another_request_with_the_key_is_refused(ana_api, in_anas_store, path, body, headers):
    ana_api.post("/api-keys", BODY, headers=KEY)

    response = ana_api.post(path, body, headers=headers)

    assert (response.status_code, code_of(response)) == (422, "idempotency_key_reused")
    assert ApiKey.objects.count() == 1


def test_a_key_is_its_callers_and_its_stores_alone(ana_api, cy_api, in_anas_store, cys_store):
    ana_api.post("/api-keys", BODY, headers=KEY)

    response = cy_api.post("/api-keys", {**BODY, "name": "cy's"}, headers=KEY)

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers


def test_a_refusal_is_not_kept(ana_api, in_anas_store):
    refused = ana_api.post("/api-keys", {"name": ""}, headers=KEY)
    mended = ana_api.post("/api-keys", BODY, headers=KEY)

    assert (refused.status_code, mended.status_code) == (400, 201)


def test_who_lost_the_right_is_not_told_the_answer_again(ana, ana_api, in_anas_store):
    ana_api.post("/api-keys", BODY, headers=KEY)
    ana.groups.clear()

    assert ana_api.post("/api-keys", BODY, headers=KEY).status_code == 403


def test_a_crash_before_the_answer_undoes_the_work_and_the_key(ana_api, in_anas_store, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "keep_answer", lambda **_: 1 / 0)
        assert ana_api.post("/api-keys", BODY, headers=KEY).status_code == 500

    assert not ApiKey.objects.exists()
    assert not IdempotentAnswer.objects.exists()
    assert ana_api.post("/api-keys", BODY, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", "a b"])
def test_a_key_is_visible_ascii(ana_api, in_anas_store, key):
    response = ana_api.post("/api-keys", BODY, headers={"Idempotency-Key": key})

    assert (response.status_code, code_of(response)) == (400, "idempotency_key_invalid")
    assert not ApiKey.objects.exists()


def test_the_kept_answer_cannot_be_read_in_the_database(ana_api, in_anas_store):
    secret = ana_api.post("/api-keys", BODY, headers=KEY).json()["key"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM tenants_idempotentanswer")
        (kept,) = cursor.fetchone()
    assert kept
    assert secret not in kept


def age(hours):
    IdempotentAnswer.objects.update(created_at=Now() - timedelta(hours=hours))


def test_after_a_day_the_key_is_new_even_before_the_purge(ana_api, in_anas_store):
    ana_api.post("/api-keys", BODY, headers=KEY)
    age(25)

    again = ana_api.post("/api-keys", {**BODY, "name": "second"}, headers=KEY)

    assert again.status_code == 201
    assert ApiKey.objects.count() == 2


def test_the_purge_takes_what_is_past_its_day_of_every_store(
    ana_api, cy_api, anas_store, cys_store
):
    for api in (ana_api, cy_api):
        api.post("/api-keys", BODY, headers=KEY)
    with tenant_scope(anas_store.pk):
        age(25)

    forget_answers()

    with tenant_scope(anas_store.pk):
        assert not IdempotentAnswer.objects.exists()
    with tenant_scope(cys_store.pk):
        assert IdempotentAnswer.objects.count() == 1


# --- Two at once: two connections, one row -------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_row_and_get_one_answer(ana, anas_store, monkeypatch):
    began, make = threading.Event(), keys.make_key

    def slow(**given):
        made = make(**given)
        began.set()
        threading.Event().wait(0.3)  # the second one is at the door by then
        return made

    def post(api):
        try:
            return api.post("/api-keys", BODY, headers=KEY)
        finally:
            connection.close()

    monkeypatch.setattr(keys, "make_key", slow)
    apis = [api_of(ana), api_of(ana)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, apis[0])
        assert began.wait(10)
        second = pool.submit(post, apis[1])
        answers = [first.result(20), second.result(20)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    with tenant_scope(anas_store.pk):
        assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_first_one_runs_too_long_the_second_is_told_so(ana, anas_store, monkeypatch):
    monkeypatch.setattr("tenants.scoping.transaction.LOCK_SECONDS", 1)
    api, held, over = api_of(ana), threading.Event(), threading.Event()

    def hold():
        with tenant_scope(anas_store.pk), transaction.atomic():
            IdempotentAnswer.objects.create(caller=f"user:{ana.pk}", key=KEY["Idempotency-Key"])
            held.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    response = api.post("/api-keys", BODY, headers=KEY)
    over.set()
    thread.join()

    assert (response.status_code, code_of(response)) == (409, "idempotency_in_progress")
    with tenant_scope(anas_store.pk):
        assert not ApiKey.objects.exists()
