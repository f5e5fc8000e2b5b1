"""Guessing: limited by account and by address, told alike to everybody, locking nobody out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import PASSWORD, api_of
from tenants import lockout, passwords, sign_in
from tenants.links import RESET
from tenants.lockout import PER_ACCOUNT, PER_ACCOUNT_AND_ADDRESS, PER_ADDRESS, WINDOW
from tenants.models import SignInFailure, User
from tenants.sign_in import WrongCredentials

HERE, THERE = "192.0.2.1", "198.51.100.7"


def log_in(api, email="ana@example.com", password="wrong", address=HERE, **headers):
    body = {"email": email, "password": password}
    return api.post("/auth/login", body, REMOTE_ADDR=address, headers=headers)


def fail(email="ana@example.com", address=HERE, times=1):
    """Failures as they are kept, without the time that hashing takes."""
    account, network = lockout.account_hash(email), lockout.network_of(address)
    SignInFailure.objects.bulk_create(
        SignInFailure(account_hash=account, address=network) for _ in range(times)
    )


def test_f091_after_five_failures_even_the_right_password_waits(api, ana):
    statuses = [log_in(api).status_code for _ in range(PER_ACCOUNT_AND_ADDRESS + 2)]

    locked = log_in(api, password=PASSWORD)

    assert statuses == [401] * PER_ACCOUNT_AND_ADDRESS + [429, 429]
    assert locked.status_code == 429
    assert locked.json()["errors"][0]["code"] == "too_many_attempts"
    assert 0 < int(locked.headers["Retry-After"]) <= WINDOW.total_seconds()


def test_f091_whether_there_is_such_an_account_is_not_told_by_locking(api, ana):
    """The same statuses, words and statements."""

    def ask(email):
        with CaptureQueriesContext(connection) as queries:
            response = log_in(api, email)
        verbs = [
            query["sql"].split("WHERE")[0] for query in queries if "INSERT" not in query["sql"]
        ]
        return response.status_code, response.content, verbs, len(queries)

    known, unknown = (
        [ask(email) for _ in range(PER_ACCOUNT_AND_ADDRESS + 1)]
        for email in ("ana@example.com", "nobody@example.com")
    )

    assert known == unknown
    assert [status for status, *_ in known] == [401] * PER_ACCOUNT_AND_ADDRESS + [429]


def test_f091_a_forwarded_address_is_not_believed(api, ana):
    statuses = [
        log_in(api, **{"X-Forwarded-For": f"203.0.113.{n}"}).status_code
        for n in range(PER_ACCOUNT_AND_ADDRESS + 1)
    ]

    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "203.0.113.9", HERE),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),  # it came past the first proxy
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "nonsense", None),
        (1, None, None),
    ],
)
def test_f091_as_many_hops_are_believed_as_there_are_proxies(
    api, ana, settings, hops, forwarded, address
):
    settings.TRUSTED_PROXIES = hops

    log_in(api, **({"X-Forwarded-For": forwarded} if forwarded else {}))

    expected = lockout.network_of(address) if forwarded else HERE
    assert SignInFailure.objects.get().address == expected


def test_f091_one_household_is_one_address_of_ipv6():
    assert lockout.network_of("2001:db8::1") == lockout.network_of("2001:db8::ffff:1")
    assert lockout.network_of("2001:db8::1") != lockout.network_of("2001:db8:0:1::1")


def test_f091_spraying_one_password_over_many_accounts_locks_the_address(api, ana):
    for n in range(PER_ADDRESS):
        fail(f"user{n}@example.com")

    assert log_in(api, password=PASSWORD).status_code == 429
    assert log_in(api, password=PASSWORD, address=THERE).status_code == 200


def test_f091_many_addresses_lock_the_account_but_not_where_its_person_is(api, ana):
    sign_in.start_sign_in(user=ana, address=THERE)
    for n in range(PER_ACCOUNT):
        fail(address=f"203.0.113.{n}")

    assert log_in(api, password=PASSWORD, address=HERE).status_code == 429
    assert log_in(api, password=PASSWORD, address=THERE).status_code == 200


def test_f091_a_victim_gets_in_by_a_reset_while_the_attack_goes_on(api, ana):
    def attack():
        for n in range(PER_ACCOUNT):
            fail(address=f"203.0.113.{n}")

    attack()
    assert log_in(api, password=PASSWORD).status_code == 429

    passwords.confirm_reset(token=RESET.pack(ana), password="a lamp by the river", address=HERE)
    attack()

    assert log_in(api, password="a lamp by the river").status_code == 200
    assert log_in(api, password="a lamp by the river", address=THERE).status_code == 429


def test_f091_a_reset_opens_the_account_where_its_person_mistyped_too_often(api, ana):
    fail(times=PER_ACCOUNT_AND_ADDRESS)
    assert log_in(api, password=PASSWORD).status_code == 429

    passwords.confirm_reset(token=RESET.pack(ana), password="a lamp by the river", address=HERE)

    assert log_in(api, password="a lamp by the river").status_code == 200


def test_f091_a_lock_ends_by_itself_and_trying_does_not_prolong_it(api, ana):
    now = timezone.now()
    fail(times=PER_ACCOUNT_AND_ADDRESS)
    SignInFailure.objects.update(failed_at=now)

    with time_machine.travel(now + WINDOW - timedelta(seconds=1), tick=False):
        locked = log_in(api, password=PASSWORD)
    with time_machine.travel(now + WINDOW + timedelta(seconds=1), tick=False):
        free = log_in(api, password=PASSWORD)

    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "1")
    assert free.status_code == 200


def test_success_clears_the_slate_of_this_account_at_this_address(api, ana, cy):
    fail(times=PER_ACCOUNT_AND_ADDRESS - 1)
    fail("cy@example.com")

    assert log_in(api, password=PASSWORD).status_code == 200

    assert [row.account_hash for row in SignInFailure.objects.all()] == [
        lockout.account_hash("cy@example.com")
    ]


def test_no_address_of_a_stranger_is_kept(api, db):
    log_in(api, "Stranger@Example.com")

    kept = str(SignInFailure.objects.values().get())

    assert "stranger" not in kept.lower()
    assert lockout.account_hash("stranger@example.com") in kept


@pytest.mark.django_db(transaction=True)
def test_f091_a_hundred_at_once_are_not_a_hundred_tries(ana, monkeypatch):
    tried = []
    monkeypatch.setattr("tenants.sign_in.authenticate", lambda **given: tried.append(given))

    def guess(n):
        try:
            sign_in.check_credentials(email="ana@example.com", password=f"{n}", address=HERE)
        except (WrongCredentials, lockout.TooManyAttempts) as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(100)))

    assert len(tried) <= PER_ACCOUNT_AND_ADDRESS
    assert codes.count("wrong_credentials") == len(tried)
    assert SignInFailure.objects.count() == len(tried)


@pytest.mark.django_db(transaction=True)
def test_f091_a_thousand_tries_are_five(api, ana):
    """Over the API, with the header rotated, as the person at another address goes on."""
    statuses = [
        log_in(api, **{"X-Forwarded-For": f"203.0.{n % 250}.{n // 250}"}).status_code
        for n in range(1000)
    ]

    assert statuses.count(401) == PER_ACCOUNT_AND_ADDRESS
    assert statuses.count(429) == 1000 - PER_ACCOUNT_AND_ADDRESS
    assert log_in(api, password=PASSWORD, address=THERE).status_code == 200


def test_f092_passwords_are_hashed_by_argon2_and_older_hashes_at_the_next_sign_in(api, ana):
    older = User.objects.get(pk=ana.pk)
    older.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    older.save(update_fields=["password"])
    elsewhere = api_of(older)

    assert ana.password.startswith("argon2$")
    assert log_in(api, password=PASSWORD).status_code == 200
    assert User.objects.get(pk=ana.pk).password.startswith("argon2$")
    assert elsewhere.get("/auth/me").status_code == 200  # the same word, hashed anew
