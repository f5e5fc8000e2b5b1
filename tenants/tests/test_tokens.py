"""Tokens that open nothing."""

import base64
import hmac
import json
import time
from hashlib import sha256
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken

from tenants import actions, sign_in
from tenants.models import SignIn, User
from tenants.roles import Role
from tenants.tokens import key_id

NEW_SECRET = "a newer secret, long enough for HMAC-SHA256"


@pytest.fixture
def tokens(ana):
    return sign_in.start_sign_in(user=ana)


@pytest.fixture
def claims(tokens):
    return dict(AccessToken(tokens.access).payload)


def answer(api, token):
    return api.get("/customers", headers={"Authorization": f"Bearer {token}"})


def signed(claims, key=settings.JWT_SECRET, algorithm="HS256", **headers):
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def raw_token(header, claims, key=settings.JWT_SECRET):
    """A token that no library would make: HMAC-SHA256, whatever its header says."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
             for part in (header, claims)]  # fmt: skip
    signature = hmac.new(key.encode(), b".".join(parts), sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def check_refused(response):
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["errors"][0]["code"] == "token_not_valid"


def test_a_good_token_opens(api, claims):
    """Also one without a key id, of a time before there were any."""
    assert answer(api, signed(claims)).status_code == 200
    assert answer(api, raw_token({"alg": "HS256"}, claims)).status_code == 200


def test_f088_an_expired_token_is_refused(api, claims):
    check_refused(answer(api, signed({**claims, "exp": time.time() - 1})))


def test_f088_a_token_of_another_secret_is_refused(api, claims):
    check_refused(answer(api, signed(claims, key="x" * 40)))


def test_f088_a_token_of_tomorrow_is_refused(api, claims):
    check_refused(answer(api, signed({**claims, "nbf": time.time() + 3600})))
    assert answer(api, signed({**claims, "nbf": time.time() - 3600})).status_code == 200


def test_a_token_names_the_secret_that_signed_it(tokens):
    names = {jwt.get_unverified_header(token)["kid"] for token in tokens}

    assert names == {key_id(settings.JWT_SECRET)}
    assert settings.JWT_SECRET.encode().hex()[:8] not in names


def test_tokens_of_the_secret_before_are_good_and_renewed_under_the_new_one(api, tokens, settings):
    before, settings.JWT_SECRET = settings.JWT_SECRET, NEW_SECRET
    check_refused(answer(api, tokens.access))
    check_refused(api.post("/auth/refresh", {"refresh": tokens.refresh}))

    settings.JWT_SECRETS_PREVIOUS = [before]

    assert answer(api, tokens.access).status_code == 200
    fresh = api.post("/auth/refresh", {"refresh": tokens.refresh}).json()
    assert jwt.get_unverified_header(fresh["access"])["kid"] == key_id(NEW_SECRET)
    assert answer(api, fresh["access"]).status_code == 200


@pytest.mark.parametrize("name", ["0" * 8, "", key_id(NEW_SECRET), "../../etc/passwd", 7, ["x"]])
def test_f088_a_token_that_names_another_secret_is_refused(api, claims, settings, name):
    settings.JWT_SECRETS_PREVIOUS = [NEW_SECRET]
    assert answer(api, signed(claims, kid=key_id(settings.JWT_SECRET))).status_code == 200

    check_refused(answer(api, raw_token({"alg": "HS256", "kid": name}, claims)))


def test_f088_a_previous_secret_signs_only_under_its_name(api, claims, settings):
    settings.JWT_SECRETS_PREVIOUS = [NEW_SECRET]

    assert answer(api, signed(claims, NEW_SECRET, kid=key_id(NEW_SECRET))).status_code == 200
    check_refused(answer(api, signed(claims, NEW_SECRET)))
    check_refused(answer(api, signed(claims, NEW_SECRET, kid=key_id(settings.JWT_SECRET))))


@pytest.mark.parametrize("algorithm", ["none", "None", "RS256", "ES256", "HS384", "", None])
def test_f088_the_algorithm_is_ours_to_choose(api, claims, algorithm):
    """HMAC with our secret under any other name, and no signature at all."""
    token = raw_token({"alg": algorithm, "typ": "JWT"}, claims)

    check_refused(answer(api, token))
    check_refused(answer(api, token.rpartition(".")[0] + "."))


def test_f088_a_token_without_signature_is_refused(api, claims):
    check_refused(answer(api, signed(claims, key=None, algorithm="none")))


def test_f088_a_token_of_another_algorithm_is_refused(api, claims):
    check_refused(answer(api, signed(claims, algorithm="HS512")))


def test_f088_a_refresh_token_opens_nothing(api, tokens):
    check_refused(answer(api, tokens.refresh))


def test_f088_an_access_token_refreshes_nothing(api, tokens):
    check_refused(api.post("/auth/refresh", {"refresh": tokens.access}))
    assert SignIn.objects.count() == 1


def test_a_token_of_no_sign_in_is_refused(api, claims):
    check_refused(answer(api, signed({**claims, "sid": str(uuid4())})))


def test_a_token_with_somebody_elses_sign_in_is_refused(api, claims, cy):
    check_refused(answer(api, signed({**claims, "user_id": str(cy.pk)})))


@pytest.mark.parametrize("missing", ["exp", "jti", "token_type", "user_id", "sid"])
def test_f088_a_token_without_a_claim_is_refused(api, claims, missing):
    del claims[missing]

    check_refused(answer(api, signed(claims)))


def test_f090_a_token_of_a_user_who_was_shut_out_is_refused(api, ana, tokens):
    User.objects.filter(pk=ana.pk).update(is_active=False)

    check_refused(answer(api, tokens.access))
    check_refused(api.post("/auth/refresh", {"refresh": tokens.refresh}))


def test_f090_a_member_who_was_removed_loses_the_store_at_once(ben, ben_api):
    assert ben_api.get("/customers").status_code == 200

    actions.remove_member(membership=ben.memberships.get())

    assert ben_api.get("/customers").status_code == 409


def test_f090_a_role_that_was_taken_opens_nothing_with_the_old_token(ana, ana_api, anas_store):
    assert ana_api.get("/team").status_code == 200

    actions.save_member(tenant=anas_store, user=ana, role=Role.ANALYST)

    assert ana_api.get("/team").status_code == 403
    assert ana_api.get("/customers").status_code == 200


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
def test_f088_garbage_is_refused(api, ana, token):
    check_refused(answer(api, token))


def test_another_scheme_is_nobody(api, ana):
    response = api.get("/customers", headers={"Authorization": "Basic YW5hOmFuYQ=="})

    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "not_authenticated"
