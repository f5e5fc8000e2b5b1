"""Where one is signed in: apps and browsers, what they show, and how they end."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import api_of
from tenants import browsers, keys, sign_in
from tenants.audit import Actor
from tenants.models import SignIn
from tenants.roles import Right
from tenants.tests.test_sign_in import first_error, log_in
from xeno.lib.postgres.scope import tenant_scope

DAY = timedelta(days=1)


@pytest.fixture
def browser(ana):
    """Ana's, at the admin; its row is made at its first request."""
    client = Client()
    client.force_login(ana, browsers.BACKEND)
    client.get("/admin/", headers={"User-Agent": "Firefox"})
    return client


@pytest.fixture
def key(anas_store, ana):
    with tenant_scope(anas_store.pk):
        return keys.make_key(
            actor=Actor(user=ana), tenant=anas_store, name="till", rights=[Right.VIEW_CUSTOMERS]
        )


def with_key(raw):
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")
    return client


def test_sessions_tell_where_one_is_signed_in(api, ana, ben, ana_api, browser):
    log_in(api)
    api_of(ben)

    sessions = ana_api.get("/auth/sessions").json()["results"]

    assert sorted((row["kind"], row["current"]) for row in sessions) == [
        ("api", False), ("api", True), ("browser", False),
    ]  # fmt: skip
    assert sessions[0].keys() == {
        "id", "kind", "created_at", "last_used_at", "address", "agent", "current",
    }  # fmt: skip
    [seen] = [row for row in sessions if row["kind"] == "browser"]
    assert (seen["address"], seen["agent"]) == ("127.0.0.1", "Firefox")


def test_ending_a_session_ends_its_tokens_at_once(ana, ana_api):
    other = api_of(ana)
    [row] = [r for r in ana_api.get("/auth/sessions").json()["results"] if not r["current"]]

    assert ana_api.delete(f"/auth/sessions/{row['id']}").status_code == 204

    assert other.get("/auth/me").status_code == 401
    assert ana_api.get("/auth/me").status_code == 200


def test_ending_a_browsers_session_signs_it_out(ana_api, browser):
    assert browser.get("/admin/").status_code == 200
    row = SignIn.objects.get(kind="browser")

    assert ana_api.delete(f"/auth/sessions/{row.pk}").status_code == 204

    assert browser.get("/admin/").status_code == 302
    assert not SignIn.objects.filter(kind="browser").exists()


@pytest.mark.parametrize("whose", ["nobody's", "somebody else's", "nonsense"])
def test_a_session_that_is_not_ones_own_is_not_there(ana_api, cy, cy_api, whose):
    names = {"nobody's": uuid4(), "somebody else's": cy.sign_ins.get().pk, "nonsense": "x"}

    response = ana_api.delete(f"/auth/sessions/{names[whose]}")

    assert (response.status_code, first_error(response)["code"]) == (404, "session_not_found")
    assert cy_api.get("/auth/me").status_code == 200


def test_signing_out_everywhere(ana, ben_api, ana_api, browser):
    assert ana_api.post("/auth/logout-everywhere").status_code == 204

    assert ana_api.get("/auth/me").status_code == 401
    assert browser.get("/admin/").status_code == 302
    assert not ana.sign_ins.exists()
    assert ben_api.get("/auth/me").status_code == 200


def test_f090_a_browsers_session_dies_with_its_row_its_password_and_its_time(ana, browser):
    row = SignIn.objects.filter(user=ana, kind="browser")
    assert browser.get("/admin/").status_code == 200

    row.update(password_tag="0" * 64)

    assert browser.get("/admin/").status_code == 302


def test_a_browsers_session_ends_when_its_row_expires(ana, browser):
    SignIn.objects.filter(user=ana).update(expires_at=timezone.now())

    assert browser.get("/admin/").status_code == 302


def test_a_browsers_id_is_no_programs(api, ana, browser):
    """A token that we signed, but for a sign-in of the other kind."""
    token = sign_in.make_token(sign_in.AccessToken, SignIn.objects.get(kind="browser"))

    assert with_key(str(token)).get("/auth/me").status_code == 401


def test_the_last_use_is_known_to_some_minutes(ana, ana_api):
    made = ana.sign_ins.get().last_used_at
    for minutes, noted in ((4, False), (6, True)):
        with time_machine.travel(made + timedelta(minutes=minutes), tick=False):
            ana_api.get("/auth/me", REMOTE_ADDR="198.51.100.7")
        assert (ana.sign_ins.get().last_used_at > made) is noted
    assert ana.sign_ins.get().address == "198.51.100.7"


def test_expired_sign_ins_are_not_shown_and_cleared_away(ana, ana_api):
    api_of(ana)
    ana.sign_ins.order_by("created_at").last().delete()
    old = SignIn.objects.create(
        user=ana, expires_at=timezone.now() - DAY, password_tag=ana.password_tag
    )

    assert str(old.pk) not in str(ana_api.get("/auth/sessions").json())
    api_of(ana)
    assert not SignIn.objects.filter(pk=old.pk).exists()


def test_there_are_at_most_a_hundred(ana):
    SignIn.objects.bulk_create(
        SignIn(user=ana, expires_at=timezone.now() + DAY, last_used_at=timezone.now() - n * DAY,
               password_tag=ana.password_tag)
        for n in range(150)
    )  # fmt: skip

    newest = api_of(ana)

    assert ana.sign_ins.count() == sign_in.MOST_SIGN_INS
    assert len(newest.get("/auth/sessions").json()["results"]) == sign_in.MOST_SIGN_INS


def test_a_key_opens_its_store_with_its_rights_alone(key):
    server = with_key(key.raw)

    assert server.get("/customers").status_code == 200
    assert first_error(server.get("/orders"))["code"] == "right_missing"


def test_a_key_names_its_store_and_no_other(key, anas_store, cys_store):
    server = with_key(key.raw)

    for name in (str(anas_store.pk), anas_store.shop_domain):
        assert server.get("/customers", headers={"X-Store": name}).status_code == 200
    for name in (str(cys_store.pk), cys_store.shop_domain, "?", ""):
        response = server.get("/customers", headers={"X-Store": name})
        assert (response.status_code, first_error(response)["code"]) == (404, "store_not_found")


def test_a_key_that_is_not_good_is_one_refusal(key, ana, anas_store, cys_store):
    raw = key.raw
    others = [
        raw.replace(f"_{anas_store.pk}_", f"_{cys_store.pk}_"), raw[:-1] + "A", raw + "A",
        raw.replace(f"_{anas_store.pk}_", "_999999999_"), "xeno_", "xeno_1_", raw.upper(),
    ]  # fmt: skip
    refused = [with_key(text).get("/customers") for text in others if text != raw]
    with tenant_scope(anas_store.pk):
        keys.revoke_key(actor=Actor(user=ana), key=key.key)

    refused.append(with_key(raw).get("/customers"))

    assert {response.status_code for response in refused} == {401}
    assert len({response.content for response in refused}) == 1
    assert first_error(refused[0])["code"] == "token_not_valid"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/auth/me"), ("get", "/auth/sessions"), ("post", "/auth/logout-everywhere"),
        ("get", "/auth/two-factor"), ("post", "/auth/two-factor"),
        ("post", "/auth/password/change"), ("post", "/auth/email/confirm/resend"),
        ("delete", "/auth/sessions/5b0f2a52-52a5-4a3e-9f53-ad8a9c7b3d11"),
    ],
)  # fmt: skip
def test_a_key_has_no_account(key, method, path):
    response = getattr(with_key(key.raw), method)(path)

    assert (response.status_code, first_error(response)["code"]) == (403, "person_required")


def test_a_key_is_not_asked_for_a_second_factor(key, anas_store):
    anas_store.require_two_factor = True
    anas_store.save()

    assert with_key(key.raw).get("/customers").status_code == 200
