"""The second factor, over the API."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django_otp.oath import TOTP

from conftest import PASSWORD, api_of
from tenants import two_factor
from tenants.models import AccountMail, RecoveryCode, SignIn, TwoFactor
from tenants.tests.test_sign_in import first_error

STEP = two_factor.STEP_SECONDS


@pytest.fixture
def clock():
    with time_machine.travel(time.time(), tick=False) as clock:
        yield clock


def code_of(secret, later=0):
    """The app's code, by a library that is not ours."""
    app = TOTP(base64.b32decode(secret))
    app.time = time.time() + later * STEP
    return f"{app.token():06}"


def set_up(user):
    """The secret and the recovery codes of somebody who has turned it on."""
    secret = two_factor.start(user=user, password=PASSWORD, address=None).secret
    codes = two_factor.confirm(user=user, code=code_of(secret, -1), keep=None, address=None)
    return secret, codes


def log_in(api, **more):
    return api.post("/auth/login", {"email": "ana@example.com", "password": PASSWORD} | more)


def test_set_up_confirm_sign_in(api, ana, ana_api, clock):
    """The whole way, as a client goes it."""
    assert ana_api.get("/auth/two-factor").json() == {
        "on": False, "since": None, "recovery_codes_left": 0,
    }  # fmt: skip
    setup = ana_api.post("/auth/two-factor", {"password": PASSWORD}).json()
    assert setup["uri"].startswith("otpauth://totp/Xeno%20CRM:ana%40example.com?secret=")
    assert setup["qr"].startswith("<svg")
    assert log_in(api).status_code == 200  # it does not count yet

    confirmed = ana_api.post("/auth/two-factor/confirm", {"otp": code_of(setup["secret"])})

    assert len(set(confirmed.json()["recovery_codes"])) == 10
    assert ana_api.get("/auth/two-factor").json()["recovery_codes_left"] == 10
    assert first_error(log_in(api))["code"] == "otp_required"
    assert log_in(api, otp=code_of(setup["secret"], 1)).status_code == 200


def test_a_code_is_wanted_only_after_the_right_password(api, ana, clock):
    secret, _ = set_up(ana)

    wrong = api.post("/auth/login", {"email": "ana@example.com", "password": "wrong"})
    both = log_in(api, password="wrong", otp=code_of(secret))

    assert first_error(wrong)["code"] == first_error(both)["code"] == "wrong_credentials"
    assert log_in(api, otp=code_of(secret)).status_code == 200  # it was not used up


def test_a_code_is_good_once(api, ana, clock):
    secret, _ = set_up(ana)

    first, second = (log_in(api, otp=code_of(secret)) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 401)
    assert first_error(second)["code"] == "wrong_otp"
    clock.shift(STEP)
    assert log_in(api, otp=code_of(secret)).status_code == 200


@pytest.mark.parametrize(("later", "status"), [(-2, 401), (0, 200), (1, 200), (2, 401)])
def test_a_clock_may_be_half_a_minute_off(api, ana, clock, later, status):
    secret, _ = set_up(ana)

    assert log_in(api, otp=code_of(secret, later)).status_code == status


@pytest.mark.parametrize("otp", ["000000", "1", "abc", "é" * 6, "٠١٢٣٤٥", " ", "-", "9" * 40])
def test_no_other_text_is_a_code(api, ana, clock, otp):
    secret, _ = set_up(ana)
    if otp == code_of(secret):
        pytest.skip("one in a million")

    assert log_in(api, otp=otp).status_code == 401


def test_a_recovery_code_opens_once_however_it_is_typed(api, ana, clock):
    _, codes = set_up(ana)
    typed = codes[0].upper().replace("-", " ")

    first, second = (log_in(api, otp=typed) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 401)
    assert two_factor.state_of(ana).recovery_codes_left == 9
    assert not RecoveryCode.objects.filter(code_hash__contains=codes[0]).exists()


def test_f091_guessing_codes_is_locked(api, ana, clock):
    secret, _ = set_up(ana)

    statuses = [log_in(api, otp="abc").status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]
    assert log_in(api, otp=code_of(secret)).status_code == 429


def test_asking_for_the_code_counts_as_no_failure(api, ana, clock):
    secret, _ = set_up(ana)

    assert {log_in(api).status_code for _ in range(8)} == {401}
    assert log_in(api, otp=code_of(secret)).status_code == 200


def test_turning_it_on_ends_every_other_sign_in(ana, ana_api, clock):
    other = api_of(ana)
    secret = ana_api.post("/auth/two-factor", {"password": PASSWORD}).json()["secret"]

    ana_api.post("/auth/two-factor/confirm", {"otp": code_of(secret)})

    assert (ana_api.get("/auth/me").status_code, other.get("/auth/me").status_code) == (200, 401)
    assert AccountMail.objects.get().kind == AccountMail.Kind.TWO_FACTOR_CHANGED


def test_turning_it_off_takes_both_factors(api, ana, clock):
    secret, _ = set_up(ana)
    me, other = api_of(ana), api_of(ana)
    turn_off = "/auth/two-factor/turn-off"

    wrong_password = me.post(turn_off, {"password": "wrong", "otp": code_of(secret)})
    wrong_code = me.post(turn_off, {"password": PASSWORD, "otp": "abc"})
    right = me.post(turn_off, {"password": PASSWORD, "otp": code_of(secret)})

    assert first_error(wrong_password) | {"detail": ""} == {
        "code": "wrong_password", "detail": "", "attr": "password",
    }  # fmt: skip
    assert (wrong_code.status_code, first_error(wrong_code)["attr"]) == (400, "otp")
    assert right.status_code == 204
    assert log_in(api).status_code == 200
    assert (me.get("/auth/me").status_code, other.get("/auth/me").status_code) == (200, 401)
    assert not TwoFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_new_recovery_codes_end_the_old(api, ana, clock):
    secret, old = set_up(ana)

    new = api_of(ana).post("/auth/two-factor/recovery-codes", {"otp": code_of(secret)}).json()

    assert not set(old) & set(new["recovery_codes"])
    assert log_in(api, otp=old[1]).status_code == 401
    assert log_in(api, otp=new["recovery_codes"][1]).status_code == 200


def test_who_has_only_the_token_cannot_turn_it_on_or_set_it_up_anew(ana, ana_api, clock):
    assert ana_api.post("/auth/two-factor", {"password": "wrong"}).status_code == 400
    assert not TwoFactor.objects.exists()

    set_up(ana)
    again = api_of(ana).post("/auth/two-factor", {"password": PASSWORD})

    assert first_error(again)["code"] == "two_factor_is_on"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("confirm", {"otp": "123456"}),
        ("recovery-codes", {"otp": "123456"}),
        ("turn-off", {"otp": "123456", "password": PASSWORD}),
    ],
)
def test_what_is_off_cannot_be_confirmed_renewed_or_turned_off(ana_api, path, body):
    response = ana_api.post(f"/auth/two-factor/{path}", body)

    assert (response.status_code, first_error(response)["code"]) == (409, "two_factor_is_off")


def test_an_owner_can_require_it_of_the_team(anas_store, ana, ben, ben_api, cy_api, clock):
    assert ben_api.get("/customers").status_code == 200
    anas_store.require_two_factor = True
    anas_store.save()

    refused = ben_api.get("/customers")
    assert (refused.status_code, first_error(refused)["code"]) == (403, "two_factor_required")
    assert "/auth/two-factor" in first_error(refused)["detail"]
    assert ben_api.get("/auth/me").status_code == 200  # and everything else without a store
    assert cy_api.get("/customers").status_code == 200

    set_up(ben)
    assert api_of(ben).get("/customers").status_code == 200


def test_requiring_it_costs_no_query(anas_store, ana, django_assert_num_queries, clock):
    set_up(ana)
    client = api_of(ana)

    def ask():
        with django_assert_num_queries(2) as queries:
            client.get("/auth/me")
        return queries

    before = ask()
    anas_store.require_two_factor = True
    anas_store.save()

    assert len(before) == len(ask())


def test_the_secret_is_encrypted_at_rest(ana, clock):
    secret, _ = set_up(ana)

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenants_twofactor")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_one_code_at_once_one_is_signed_in(ana):
    secret, codes = set_up(ana)

    def use(code):
        try:
            return two_factor.use_code(user=ana, code=code)
        finally:
            connection.close()

    for code in (code_of(secret), codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(use, [code] * 4)) == 1
    assert SignIn.objects.count() == 0
