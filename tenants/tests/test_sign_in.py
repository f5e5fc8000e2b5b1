"""Signing up, in and out, and staying signed in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from conftest import PASSWORD
from tenants import sign_in
from tenants.auth import TokenNotValid
from tenants.models import SignIn, User

STRONG = "a lamp beside the river"


def first_error(response):
    return response.json()["errors"][0]


def log_in(api, email="ana@example.com", password=PASSWORD):
    return api.post("/auth/login", {"email": email, "password": password})


def test_sign_up_makes_a_user_without_a_store(api):
    response = api.post("/auth/signup", {"email": "Dee@Example.com", "password": STRONG})

    assert response.status_code == 201
    assert response.json()["stores"] == []
    assert User.objects.get(email="dee@example.com").check_password(STRONG)


def test_a_new_user_is_told_that_they_have_no_store(api):
    access = api.post("/auth/signup", {"email": "dee@example.com", "password": STRONG}).json()

    response = api.get("/customers", headers={"Authorization": f"Bearer {access['access']}"})

    assert response.status_code == 409
    assert first_error(response)["code"] == "no_store"


def test_a_weak_password_is_an_error_of_its_field(api):
    response = api.post("/auth/signup", {"email": "dee@example.com", "password": "password"})

    assert response.status_code == 400
    assert first_error(response)["attr"] == "password"
    assert not User.objects.exists()


def test_a_taken_address_is_an_error_of_its_field(api, ana):
    response = api.post("/auth/signup", {"email": "ANA@example.com", "password": STRONG})

    assert response.status_code == 400
    assert first_error(response) == {
        "code": "email_taken",
        "detail": "There is an account with this address. Sign in instead.",
        "attr": "email",
    }


def test_a_taken_address_is_not_told_while_the_password_is_weak(api, ana):
    taken = api.post("/auth/signup", {"email": "ana@example.com", "password": "password"})
    free = api.post("/auth/signup", {"email": "dee@example.com", "password": "password"})

    assert taken.status_code == 400
    assert taken.content == free.content


def test_log_in_gives_tokens_and_stores(api, ana, anas_store):
    response = log_in(api, "Ana@example.com")

    assert response.status_code == 200
    assert response.json().keys() == {"access", "refresh", "user", "stores"}
    assert response.json()["user"] == {
        "id": str(ana.pk),
        "email": "ana@example.com",
        "email_confirmed": False,
        "name": "Ana",
    }
    assert response.json()["stores"] == [
        {
            "id": str(anas_store.pk),
            "shop_domain": "ana.myshopify.com",
            "name": "Ana",
            "role": "owner",
            "two_factor_required": False,
        }
    ]


def test_f091_unknown_wrong_and_shut_out_get_the_same_answer(api, ana, ben):
    User.objects.filter(pk=ben.pk).update(is_active=False)

    unknown = log_in(api, "nobody@example.com")
    wrong = log_in(api, password="not the one")
    shut_out = log_in(api, "ben@example.com")

    assert unknown.status_code == 401
    assert unknown.content == wrong.content == shut_out.content


def test_f091_an_unknown_address_costs_a_hash_as_well(api, ana, monkeypatch):
    hashed = []
    encode = Argon2PasswordHasher.encode
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *a: hashed.append(a) or encode(*a))

    assert log_in(api, "nobody@example.com").status_code == 401
    assert len(hashed) == 1


def test_a_stale_token_is_no_obstacle_to_logging_in(api, ana):
    api.credentials(HTTP_AUTHORIZATION="Bearer stale")

    assert log_in(api).status_code == 200


def test_refresh_gives_a_new_pair_that_works(api, ana):
    tokens = log_in(api).json()

    fresh = api.post("/auth/refresh", {"refresh": tokens["refresh"]}).json()

    assert fresh["refresh"] != tokens["refresh"]
    assert api.post("/auth/refresh", {"refresh": fresh["refresh"]}).status_code == 200


def test_f089_a_refresh_token_that_comes_twice_ends_the_sign_in(api, ana):
    tokens = log_in(api).json()
    fresh = api.post("/auth/refresh", {"refresh": tokens["refresh"]}).json()

    again = api.post("/auth/refresh", {"refresh": tokens["refresh"]})
    after = api.post("/auth/refresh", {"refresh": fresh["refresh"]})

    assert (again.status_code, after.status_code) == (401, 401)
    assert first_error(again)["code"] == "token_not_valid"
    assert not SignIn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_f089_of_two_refreshes_at_once_one_wins(ana):
    refresh = sign_in.start_sign_in(user=ana).refresh

    def renew(_):
        try:
            return bool(sign_in.renew_sign_in(refresh=refresh))
        except TokenNotValid:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(renew, range(4))) == 1


def test_logging_out_ends_access_at_once(api, ana, ana_api):
    tokens = log_in(api).json()
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    assert api.get("/auth/me", headers=bearer).status_code == 200

    response = api.post("/auth/logout", {"refresh": tokens["refresh"]})

    assert response.status_code == 204
    assert api.get("/auth/me", headers=bearer).status_code == 401
    assert api.post("/auth/refresh", {"refresh": tokens["refresh"]}).status_code == 401
    assert ana_api.get("/auth/me").status_code == 200  # her other sign-in lives on


def test_the_token_itself_is_not_kept(api, ana):
    refresh = log_in(api).json()["refresh"]

    assert SignIn.objects.get().token_hash not in refresh
    assert len(SignIn.objects.get().token_hash) == 64


def test_me_says_who_i_am(ben_api, ben):
    response = ben_api.get("/auth/me")

    assert response.json()["user"]["id"] == str(ben.pk)
    assert [store["role"] for store in response.json()["stores"]] == ["analyst"]


def test_me_is_not_for_strangers(api):
    response = api.get("/auth/me")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("path", ["/auth/me", "/auth/me/", "/customers", "/customers/"])
def test_paths_answer_with_and_without_a_slash(ana_api, path):
    assert ana_api.get(path).status_code == 200
