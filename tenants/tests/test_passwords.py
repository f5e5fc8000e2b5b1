"""Changing the password, setting a new one by mail, confirming the address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import PASSWORD, api_of
from tenants import passwords, sign_in
from tenants.links import CONFIRMATION, RESET, LinkNotValid
from tenants.mail import MOST_PER_HOUR
from tenants.models import AccountMail, SignIn, User
from tenants.tests.test_sign_in import first_error

NEW = "a lamp beside the river"
CHANGE, ASK, CONFIRM = (
    "/auth/password/change",
    "/auth/password/reset",
    "/auth/password/reset/confirm",
)
KINDS = AccountMail.Kind


def log_in(api, password):
    return api.post("/auth/login", {"email": "ana@example.com", "password": password})


def change(client, old=PASSWORD, new=NEW):
    return client.post(CHANGE, {"old_password": old, "new_password": new})


def test_f090_changing_the_password_ends_every_sign_in_at_once(api, ana, ana_api):
    other = sign_in.start_sign_in(user=ana)

    response = change(ana_api)

    assert response.status_code == 200
    assert ana.sign_ins.count() == 1
    assert ana_api.get("/auth/me").status_code == 401
    bearer = {"Authorization": f"Bearer {other.access}"}
    assert api.get("/auth/me", headers=bearer).status_code == 401
    assert api.post("/auth/refresh", {"refresh": other.refresh}).status_code == 401
    fresh = {"Authorization": f"Bearer {response.json()['access']}"}
    assert api.get("/auth/me", headers=fresh).status_code == 200
    assert (log_in(api, PASSWORD).status_code, log_in(api, NEW).status_code) == (401, 200)
    assert AccountMail.objects.get().kind == KINDS.PASSWORD_CHANGED


def test_f090_a_password_that_was_changed_any_other_way_ends_them_too(api, ana):
    tokens = sign_in.start_sign_in(user=ana)
    ana.set_password(NEW)
    ana.save()  # by an operator's form, a command, a statement

    bearer = {"Authorization": f"Bearer {tokens.access}"}
    assert api.get("/customers", headers=bearer).status_code == 401
    assert api.get("/auth/me", headers=bearer).status_code == 401
    assert api.post("/auth/refresh", {"refresh": tokens.refresh}).status_code == 401


@pytest.mark.parametrize(
    ("old", "new", "code", "attr"),
    [
        ("wrong", NEW, "wrong_password", "old_password"),
        (PASSWORD, "password", "weak_password", "new_password"),
        (PASSWORD, "ana@example.com", "weak_password", "new_password"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(ana, ana_api, old, new, code, attr):
    response = change(ana_api, old, new)

    assert response.status_code == 400
    assert (first_error(response)["code"], first_error(response)["attr"]) == (code, attr)
    assert User.objects.get(pk=ana.pk).check_password(PASSWORD)
    assert ana_api.get("/auth/me").status_code == 200


def test_f091_guessing_the_old_password_with_a_stolen_token_is_locked(ana_api):
    assert [change(ana_api, "wrong").status_code for _ in range(6)] == [400] * 5 + [429]


def test_f094_asking_for_a_reset_is_the_same_with_and_without_an_account(api, ana, ben):
    User.objects.filter(pk=ben.pk).update(is_active=False)

    def ask(email):
        with CaptureQueriesContext(connection) as queries:
            response = api.post(ASK, {"email": email})
        said = [query["sql"].replace(email, "?").split("VALUES")[0] for query in queries]
        return response.status_code, response.content, [s.split("WHERE")[0] for s in said]

    known, unknown, shut_out = map(
        ask, ("ana@example.com", "nobody@example.com", "ben@example.com")
    )

    assert known == unknown == shut_out
    assert known[0] == 202
    assert [mail.user for mail in AccountMail.objects.all()] == [ana]


def test_a_mailbox_is_not_flooded(api, ana):
    for _ in range(5):
        assert api.post(ASK, {"email": "Ana@example.com"}).status_code == 202

    assert AccountMail.objects.count() == MOST_PER_HOUR


def test_f094_a_reset_is_good_once_and_ends_every_sign_in(api, ana, ana_api):
    token = RESET.pack(ana)

    first, second = (api.post(CONFIRM, {"token": token, "password": NEW}) for _ in range(2))

    assert (first.status_code, second.status_code) == (204, 400)
    assert first_error(second)["code"] == "link_not_valid"
    assert ana_api.get("/auth/me").status_code == 401
    assert log_in(api, NEW).status_code == 200
    assert User.objects.get(pk=ana.pk).email_confirmed_at is not None
    assert len(sign_in.live_sign_ins(User.objects.get(pk=ana.pk))) == 1  # that of log_in alone


def test_a_weak_password_does_not_use_the_link_up(api, ana):
    token = RESET.pack(ana)

    weak = api.post(CONFIRM, {"token": token, "password": "password"})

    assert (first_error(weak)["code"], first_error(weak)["attr"]) == ("weak_password", "password")
    assert api.post(CONFIRM, {"token": token, "password": NEW}).status_code == 204


@pytest.mark.parametrize(
    ("links", "good_for"), [(RESET, timedelta(hours=1)), (CONFIRMATION, timedelta(days=3))]
)
def test_f094_links_expire(ana, links, good_for):
    token, now = links.pack(ana), timezone.now()

    for later, good in ((good_for - timedelta(seconds=5), True), (good_for * 1.01, False)):
        with time_machine.travel(now + later, tick=False):
            assert bool(links.find_user(token)) is good


def test_f094_no_other_text_is_a_link(api, ana, ben):
    token = RESET.pack(ana)
    name, _, rest = token.partition("-")
    others = [
        "", "x", "-", "--", "é", rest, f"{RESET.pack(ben).partition('-')[0]}-{rest}", token + "0",
        f"{name}-{rest[:-1]}", CONFIRMATION.pack(ana), f"zzzzzzzzzzzzz-{rest}", f"{name}-é-é",
    ]  # fmt: skip

    for text in others:
        assert RESET.find_user(text) is None, text
        response = api.post(CONFIRM, {"token": text, "password": NEW})
        assert response.status_code == 400, text
    assert RESET.find_user(token) == ana
    assert CONFIRMATION.find_user(token) is None


def test_f094_a_link_dies_with_what_it_is_about(ana):
    reset, confirmation = RESET.pack(ana), CONFIRMATION.pack(ana)

    ana.email = "ana@example.org"
    ana.save()
    assert (RESET.find_user(reset), CONFIRMATION.find_user(confirmation)) == (None, None)

    reset = RESET.pack(ana)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert RESET.find_user(reset) is None


def test_a_reset_does_not_take_the_second_factor_away(api, ana):
    from tenants.tests.test_two_factor import set_up

    set_up(ana)

    passwords.confirm_reset(token=RESET.pack(ana), password=NEW, address=None)

    assert first_error(log_in(api, NEW))["code"] == "otp_required"


@pytest.mark.django_db(transaction=True)
def test_f094_of_two_who_use_a_link_at_once_one_wins(ana):
    token = RESET.pack(ana)

    def use(n):
        try:
            return bool(passwords.confirm_reset(token=token, password=NEW + str(n), address=None))
        except LinkNotValid:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_signing_up_queues_the_mail_that_confirms_the_address(api):
    signed_up = api.post("/auth/signup", {"email": "dee@example.com", "password": NEW}).json()
    dee = User.objects.get()
    assert signed_up["user"]["email_confirmed"] is False
    assert [(mail.kind, mail.user) for mail in AccountMail.objects.all()] == [
        (KINDS.CONFIRM_ADDRESS, dee)
    ]
    token = CONFIRMATION.pack(dee)

    first, second = (api.post("/auth/email/confirm", {"token": token}) for _ in range(2))

    assert (first.status_code, second.status_code) == (204, 400)
    assert api_of(dee).get("/auth/me").json()["user"]["email_confirmed"] is True


def test_the_confirming_mail_comes_again_until_it_is_confirmed(ana, ana_api):
    resend = "/auth/email/confirm/resend"
    assert {ana_api.post(resend).status_code for _ in range(5)} == {202}
    assert AccountMail.objects.count() == MOST_PER_HOUR

    AccountMail.objects.all().delete()
    User.objects.filter(pk=ana.pk).update(email_confirmed_at=timezone.now())

    assert ana_api.post(resend).status_code == 202
    assert not AccountMail.objects.exists()


def test_what_says_where_somebody_is_opens_nothing(api, ana):
    passwords.confirm_reset(token=RESET.pack(ana), password=NEW, address="192.0.2.1")
    ana.refresh_from_db()
    marker = SignIn.objects.get()

    forged = sign_in.make_token(sign_in.RefreshToken, marker)

    assert sign_in.live_sign_ins(ana) == []
    assert api.post("/auth/refresh", {"refresh": str(forged)}).status_code == 401
