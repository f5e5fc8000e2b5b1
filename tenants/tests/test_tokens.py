"""Tokens that open nothing."""

import base64
import json
import time
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken

from tenants import actions, sign_in
from tenants.models import SignIn, User


@pytest.fixture
def tokens(ana):
    return sign_in.start_sign_in(user=ana)


@pytest.fixture
def claims(tokens):
    return dict(AccessToken(tokens.access).payload)


def answer(api, token):
    return api.get("/customers", headers={"Authorization": f"Bearer {token}"})


def signed(claims, key=settings.JWT_SECRET, algorithm="HS256"):
    return jwt.encode(claims, key, algorithm=algorithm)


def check_refused(response):
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["errors"][0]["code"] == "token_not_valid"


def test_a_good_token_opens(api, claims):
    assert answer(api, signed(claims)).status_code == 200


def test_an_expired_token_is_refused(api, claims):
    check_refused(answer(api, signed({**claims, "exp": time.time() - 1})))


def test_a_token_of_another_secret_is_refused(api, claims):
    check_refused(answer(api, signed(claims, key="x" * 40)))


def test_a_token_without_signature_is_refused(api, claims):
    check_refused(answer(api, signed(claims, key=None, algorithm="none")))


def test_a_token_of_another_algorithm_is_refused(api, claims):
    check_refused(answer(api, signed(claims, algorithm="HS512")))


def test_a_refresh_token_opens_nothing(api, tokens):
    check_refused(answer(api, tokens.refresh))


def test_an_access_token_refreshes_nothing(api, tokens):
    check_refused(api.post("/auth/refresh", {"refresh": tokens.access}))
    assert SignIn.objects.count() == 1


def test_a_token_of_no_sign_in_is_refused(api, claims):
    check_refused(answer(api, signed({**claims, "sid": str(uuid4())})))


def test_a_token_with_somebody_elses_sign_in_is_refused(api, claims, cy):
    check_refused(answer(api, signed({**claims, "user_id": str(cy.pk)})))


@pytest.mark.parametrize("missing", ["exp", "jti", "token_type", "user_id", "sid"])
def test_a_token_without_a_claim_is_refused(api, claims, missing):
    del claims[missing]

    check_refused(answer(api, signed(claims)))


def test_a_token_of_a_user_who_was_shut_out_is_refused(api, ana, tokens):
    User.objects.filter(pk=ana.pk).update(is_active=False)

    check_refused(answer(api, tokens.access))
    check_refused(api.post("/auth/refresh", {"refresh": tokens.refresh}))


def test_a_member_who_was_removed_loses_the_store_at_once(ben, ben_api):
    assert ben_api.get("/customers").status_code == 200

    actions.remove_member(membership=ben.memberships.get())

    assert ben_api.get("/customers").status_code == 409


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.x",
        base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "n": 1}).encode()).decode() + "..",
        base64.urlsafe_b64encode(b'{"alg":' + b"9" * 5000 + b"}").decode() + ".e30.x",
    ],
    ids=["empty", "word", "three words", "not ascii", "deep", "no payload", "long number"],
)
def test_garbage_is_refused(api, ana, token):
    check_refused(answer(api, token))


def test_another_scheme_is_nobody(api, ana):
    response = api.get("/customers", headers={"Authorization": "Basic YW5hOmFuYQ=="})

    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "not_authenticated"
