"""One's own account: password, two-factor sign-in, and where one is signed in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import PASSWORD, api_of
from tenants.models import AccountMail, SignIn, TwoFactor, User
from tests.visits import browser_of
from xeno.dashboard.account.agents import describe
from xeno.dashboard.tests.authenticator import code_of, turn_on

pytestmark = pytest.mark.django_db
NEW = "a quite different sentence"
HOME, TWO_FACTOR = "/account/", "/account/two-factor"
# Every form of the account, with what a right one holds.
FORMS = {
    "name": {"name": "Ana Archer"},
    "password": {"old_password": PASSWORD, "new_password": NEW, "again": NEW},
    "confirmation": {},
    "sign-ins/end": {},
    "sign-ins/00000000-0000-4000-8000-000000000000/end": {},
    "two-factor/start": {"password": PASSWORD},
    "two-factor/confirm": {"otp": "123456"},
    "two-factor/codes": {"otp": "123456"},
    "two-factor/off": {"password": PASSWORD, "otp": "123456"},
}


@pytest.fixture
def here(ana):
    """The browser that Ana looks at."""
    return browser_of(ana)


@pytest.fixture
def there(ana):
    """Ana's other browser."""
    return browser_of(ana)


def post(client, page, **fields):
    return client.post(f"/account/{page}", fields)


def is_in(client):
    return client.get(HOME).status_code == 200


# --- Who may ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "two-factor"])
def test_a_stranger_is_asked_to_sign_in_and_comes_back(page, client):
    assert client.get(f"/account/{page}").url == f"/admin/login/?next=/account/{page}"


@pytest.mark.parametrize("page", FORMS)
def test_a_strangers_form_does_nothing(page, client, ana):
    response = post(client, page, **FORMS[page])

    assert response.url == "/admin/login/?next=/account/"
    assert SignIn.objects.count() == TwoFactor.objects.count() == 0


@pytest.mark.parametrize("page", FORMS)
def test_f093_a_forged_form_of_the_account_is_refused(page, ana):
    client = browser_of(ana)
    client.handler.enforce_csrf_checks = True

    assert post(client, page, **FORMS[page]).status_code == 403
    assert client.get(f"/account/{page}").status_code == 405


def test_who_has_no_store_has_an_account(db):
    client = browser_of(User.objects.create_user("new@example.com", PASSWORD))

    page = client.get(HOME)

    assert (page.status_code, page.headers["Cache-Control"].count("no-store")) == (200, 1)
    assert "new@example.com" in page.text
    assert client.get(TWO_FACTOR).status_code == 200
    assert "/account/" in client.get("/admin/").text


def test_the_menu_of_the_admin_leads_to_the_account(here):
    assert 'href="/account/"' in here.get("/admin/").text
    assert here.get("/admin/password_change/").url == HOME


# --- Name, address, password ----------------------------------------------------------------


def test_a_name_is_changed(here, ana):
    post(here, "name", name=" Ana Archer ")

    ana.refresh_from_db()
    assert ana.name == "Ana Archer"


def test_the_confirmation_is_mailed_again(here, ana):
    post(here, "confirmation")

    assert AccountMail.objects.get().user == ana


def test_a_new_password_ends_every_other_sign_in(here, there, ana):
    key, program = here.session.session_key, api_of(ana)

    response = post(here, "password", **FORMS["password"])

    assert response.url == HOME
    assert is_in(here)
    assert here.session.session_key != key
    assert not is_in(there)
    assert program.get("/auth/me").status_code == 401
    ana.refresh_from_db()
    assert ana.check_password(NEW)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"old_password": "x"}, "This is not your password."),
     ({"again": NEW + "x"}, "The two are not the same."),
     ({"new_password": "12345", "again": "12345"}, "too short")],
)  # fmt: skip
def test_a_wrong_form_changes_no_password_and_says_why(wrong, said, here, there, ana):
    response = post(here, "password", **{**FORMS["password"], **wrong})

    assert said in response.text
    assert ana.check_password(PASSWORD)
    assert is_in(there)


# --- Where one is signed in -----------------------------------------------------------------


def test_each_sign_in_is_listed_and_this_one_marked(here, there, ana):
    api_of(ana)

    page = here.get(HOME)

    places = page.context["places"]
    assert sorted(place.sign_in.kind for place in places) == ["api", "browser", "browser"]
    current = [str(place.sign_in.pk) for place in places if place.current]
    assert current == [here.session["sign_in_id"]]
    assert page.text.count("this browser") == 1


def test_one_is_signed_out_there_and_not_here(here, there):
    post(here, f"sign-ins/{there.session['sign_in_id']}/end")

    assert is_in(here)
    assert there.get("/admin/").url.startswith("/admin/login/")


@pytest.mark.parametrize(("fields", "stays"), [({}, False), ({"keep": "this"}, True)])
def test_one_signs_out_everywhere(fields, stays, here, there, ana):
    program = api_of(ana)

    post(here, "sign-ins/end", **fields)

    assert is_in(here) is stays
    assert not is_in(there)
    assert program.get("/auth/me").status_code == 401


def test_nobody_ends_the_sign_in_of_another(here, cy):
    foreign = browser_of(cy)

    response = here.post(f"/account/sign-ins/{foreign.session['sign_in_id']}/end", follow=True)

    assert "You have no such session." in response.text
    assert is_in(foreign)


def test_f090_a_browser_dies_with_its_password_however_that_was_changed(here, ana):
    ana.set_password(NEW)
    ana.save()

    assert not is_in(here)
    assert here.get("/admin/orders/order/").url.startswith("/admin/login/")


@pytest.mark.parametrize("how", ["ended", "expired", "shut out"])
def test_f090_a_browser_whose_sign_in_is_over_is_out_at_the_next_request(how, here, ana):
    assert is_in(here)
    if how == "ended":
        SignIn.objects.all().delete()
    elif how == "expired":
        SignIn.objects.update(expires_at=timezone.now())
    else:
        User.objects.update(is_active=False)

    assert not is_in(here)


def test_use_is_noted_every_five_minutes(here):
    sign_in = SignIn.objects.get()
    is_in(here)
    assert SignIn.objects.get().last_used_at == sign_in.last_used_at

    SignIn.objects.update(last_used_at=timezone.now() - timedelta(minutes=6))
    is_in(here)

    assert SignIn.objects.get().last_used_at > sign_in.last_used_at


@pytest.mark.parametrize(
    ("agent", "said"),
    [("Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Safari/537.36", "Chrome on Linux"),
     ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "Edge on Windows"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", "Safari on iPhone"),
     ("xeno-sync/1.4 (python)", "xeno-sync"), ("", "An app")],
)  # fmt: skip
def test_a_sign_in_is_called_what_a_person_would(agent, said):
    assert describe(SignIn(agent=agent)) == said


# --- Two-factor sign-in ---------------------------------------------------------------------


def test_two_factor_is_set_up_and_the_recovery_codes_are_shown_once(here, there, ana):
    assert post(here, "two-factor/start", password=PASSWORD).url == TWO_FACTOR
    page = here.get(TWO_FACTOR)
    secret = page.context["setup"].secret
    assert secret in page.text
    assert 'src="data:image/svg+xml' in page.text

    shown = post(here, "two-factor/confirm", otp=code_of(secret))

    codes = shown.context["codes"]
    assert len(codes) == 10
    assert all(code in shown.text for code in codes)
    assert "no-store" in shown.headers["Cache-Control"]
    assert not any(code in here.get(TWO_FACTOR).text for code in codes)
    assert TwoFactor.objects.get(user=ana).confirmed_at
    assert (is_in(here), is_in(there)) == (True, False)


@pytest.mark.parametrize("page", ["two-factor/start", "two-factor/confirm"])
def test_nothing_is_set_up_by_a_wrong_proof(page, here, ana):
    if page == "two-factor/confirm":
        post(here, "two-factor/start", password=PASSWORD)

    response = post(here, page, password="wrong", otp="000000")

    assert 400 <= response.status_code < 500
    assert not TwoFactor.objects.filter(confirmed_at__isnull=False).exists()


def test_new_recovery_codes_end_the_old_ones(here, ana):
    secret = turn_on(ana)
    old = post(here, "two-factor/codes", otp=code_of(secret)).context["codes"]

    new = post(here, "two-factor/codes", otp=old[0]).context["codes"]

    assert not set(old) & set(new)
    assert post(here, "two-factor/codes", otp=old[1]).status_code >= 400


def test_turning_off_takes_both_factors(here, ana):
    secret = turn_on(ana)

    for wrong in ({"password": "x"}, {"otp": "000000"}):
        fields = {"password": PASSWORD, "otp": code_of(secret), **wrong}
        assert post(here, "two-factor/off", **fields).status_code >= 400
    assert TwoFactor.objects.exists()

    post(here, "two-factor/off", password=PASSWORD, otp=code_of(secret, later=1))
    assert not TwoFactor.objects.exists()


# --- A store that requires it ---------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["/admin/", "/admin/orders/order/", "/admin/tenants/tenant/", "/admin/autocomplete/"]
)
def test_a_store_that_requires_two_factor_leads_to_its_set_up(page, here, anas_store):
    anas_store.require_two_factor = True
    anas_store.save()

    response = here.get(page, follow=True)

    assert response.redirect_chain == [(TWO_FACTOR, 302)]
    assert "requires two-factor sign-in" in response.text


def test_other_stores_stay_open(tara, anas_store, cys_store):
    anas_store.require_two_factor = True
    anas_store.save()
    client = browser_of(tara, anas_store)
    assert client.get("/admin/").url == TWO_FACTOR
    assert "cy.myshopify.com" in client.get("/admin/choose-store/").text

    client.post("/admin/switch-store/", {"store": cys_store.pk})

    assert client.get("/admin/").context["store"] == cys_store


def test_with_two_factor_the_store_opens(here, ana, anas_store):
    anas_store.require_two_factor = True
    anas_store.save()
    turn_on(ana)

    assert here.get("/admin/").context["store"] == anas_store


def test_who_is_sent_to_the_set_up_may_still_leave(here, anas_store):
    anas_store.require_two_factor = True
    anas_store.save()

    here.post("/admin/logout/")

    assert not is_in(here)


def test_nobody_signed_out_by_force_comes_in_by_the_same_cookie(here):
    key = here.session.session_key
    post(here, "sign-ins/end")

    planted = Client()
    planted.cookies["sessionid"] = key

    assert not is_in(planted)
