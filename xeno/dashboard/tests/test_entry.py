"""Signing in to the admin: the password, the code, and what a browser holds on the way."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from conftest import PASSWORD
from tenants.models import SignIn
from tenants.two_factor import save_recovery_codes
from xeno.dashboard.entry import SECOND_STEP, SECONDS_FOR_CODE
from xeno.dashboard.tests.authenticator import code_of, turn_on

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/admin/login/", "/admin/login/code/"


def log_in(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": user.email, "password": password, **more})


def give(client, otp):
    return client.post(CODE, {"otp": otp})


@pytest.fixture
def app(ana):
    """Ana's authenticator app."""
    return turn_on(ana)


def test_a_password_is_enough_where_no_code_is_asked_for(client, ana):
    response = log_in(client, ana)

    assert response.url == "/admin/"
    row = SignIn.objects.get(user=ana)
    assert (row.kind, row.address) == ("browser", "127.0.0.1")
    assert client.session["sign_in_id"] == str(row.pk)


def test_the_code_comes_on_a_second_page(client, ana, app):
    response = log_in(client, ana, next="/admin/orders/order/")

    assert response.url == CODE
    assert client.get("/admin/").url.startswith(LOGIN)  # nobody yet
    assert ana.email in client.get(CODE).text
    assert not SignIn.objects.exists()

    response = give(client, code_of(app))

    assert response.url == "/admin/orders/order/"
    assert client.get("/admin/").status_code == 200
    assert SECOND_STEP not in client.session


def test_a_recovery_code_opens_once(client, ana, app):
    recovery = save_recovery_codes(ana)[0]
    log_in(client, ana)

    assert give(client, recovery.upper()).url == "/admin/"

    client.post("/admin/logout/")
    log_in(client, ana)
    assert give(client, recovery).status_code == 401


def test_the_words_and_the_status_are_the_same_for_an_unknown_address(client, ana):
    wrong, unknown = (
        client.post(LOGIN, {"username": email, "password": "x"})
        for email in (ana.email, "nobody@example.com")
    )

    assert wrong.status_code == unknown.status_code == 401
    assert "The e-mail address or the password is wrong." in wrong.text
    assert wrong.text.replace(ana.email, "") == hidden(unknown, wrong).replace(
        "nobody@example.com", ""
    )


def hidden(response, like):
    """The page with the other page's CSRF token, which is chance."""
    token = response.context["csrf_token"]
    return response.text.replace(str(token), str(like.context["csrf_token"]))


@pytest.mark.parametrize("page", [LOGIN, CODE])
def test_f091_too_many_attempts_wait_in_the_same_words_on_both_pages(page, client, ana, app):
    if page == CODE:
        log_in(client, ana)
    fields = {"username": ana.email, "password": "wrong", "otp": "000000"}
    for _ in range(5):
        assert client.post(page, fields).status_code == 401

    locked = client.post(page, fields)

    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert "Too many failed attempts." in locked.text


@pytest.mark.parametrize("spoiled", ["time", "password", "shut out"])
def test_a_first_step_does_not_last(spoiled, client, ana, app):
    log_in(client, ana)
    if spoiled == "time":
        session = client.session
        session[SECOND_STEP] = {**session[SECOND_STEP], "until": int(time.time())}
        session.save()
        assert SECONDS_FOR_CODE == 300
    elif spoiled == "password":
        ana.set_password("another one of these")
        ana.save()
    else:
        type(ana).objects.update(is_active=False)

    response = give(client, code_of(app))

    assert response.url == LOGIN
    assert not SignIn.objects.exists()


def test_the_second_page_alone_leads_to_the_first(client, db):
    assert client.get(CODE).url == LOGIN
    assert give(client, "123456").url == LOGIN


@pytest.mark.parametrize(
    ("target", "lands"),
    [("/account/", "/account/"), ("https://evil.test/", "/admin/"), ("//evil.test", "/admin/"),
     ("\\\\evil.test", "/admin/"), ("https:evil.test", "/admin/"),
     ("javascript:alert(1)", "/admin/")],
)  # fmt: skip
@pytest.mark.parametrize("second_factor", [False, True])
def test_f101_after_signing_in_one_stays_on_this_host(second_factor, target, lands, client, ana):
    app = turn_on(ana) if second_factor else None

    response = log_in(client, ana, next=target)
    response = give(client, code_of(app)) if app else response

    assert response.url == lands


# --- Row 93 -------------------------------------------------------------------------------


def test_f093_each_step_has_a_new_session_key_and_csrf_token(client, ana, app):
    """A session that somebody planted is neither half nor wholly signed in afterwards."""
    keys, tokens = [], []

    def note():
        keys.append(client.session.session_key)
        tokens.append(client.cookies["csrftoken"].value)

    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    note()
    log_in(client, ana)
    note()
    give(client, code_of(app))
    note()

    assert len(set(keys)) == len(set(tokens)) == 3
    assert not Session.objects.filter(session_key__in=keys[:2]).exists()
    assert Session.objects.filter(session_key=keys[2]).exists()


def test_f093_signing_in_as_another_leaves_nothing_of_the_first(client, ana, cy, anas_store):
    log_in(client, ana)
    client.post("/admin/switch-store/", {"store": anas_store.pk})

    log_in(client, cy)

    assert "store_id" not in client.session
    assert not SignIn.objects.filter(user=ana).exists()
    assert client.get("/admin/").context["user"] == cy


def test_signing_out_ends_the_row_and_the_session(client, ana):
    log_in(client, ana)
    key = client.session.session_key

    client.post("/admin/logout/")

    assert not SignIn.objects.exists()
    assert not Session.objects.filter(session_key=key).exists()


@pytest.mark.parametrize("path", [LOGIN, CODE, "/admin/logout/", "/admin/switch-store/"])
def test_f093_a_forged_form_is_refused(path, ana, app):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)

    assert client.post(path, {"username": ana.email, "password": PASSWORD}).status_code == 403


def test_passwords_are_kept_out_of_caches_and_reports(client, ana):
    response = client.get(LOGIN)

    assert "no-store" in response.headers["Cache-Control"]
    assert PASSWORD not in log_in(client, ana, PASSWORD + "x").text
