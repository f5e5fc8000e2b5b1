"""What stands open to a stranger, and how a browser is told to keep secrets: rows 93 and 96."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from conftest import PASSWORD
from tests.test_walls_routes import ROUTES

pytestmark = pytest.mark.django_db
# Pages for who is not signed in yet; what is not listed here must be shut.
OPEN = {
    "/admin/login/": 200,
    "/account/reset": 200,
    "/account/reset/1-forged": 400,
    "/account/confirm/1-forged": 400,
    "/account/invitation/1-forged": 400,
    "/healthz": 200,
    "/readyz": (200, 503),
    "/": 302,
    "/admin": 302,
    "/admin/logout/": 302,  # to the home page, which asks to sign in
}
# What scanners of the internet ask for first.
NOWHERE = (
    "/metrics", "/debug", "/__debug__/", "/silk/", "/admin/doc/", "/admin/auth/group/", "/.env",
    "/.git/config", "/manage.py", "/xeno/settings.py", "/server-status", "/actuator", "/graphql",
    "/static/../xeno/settings.py", "/swagger.json", "/openapi.json", "/redoc", "/api-auth/login/",
)  # fmt: skip
COOKIES = (
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME",
)  # fmt: skip


@pytest.fixture
def production(settings):
    """An install in production, as far as who asks can tell."""
    settings.PRODUCTION, settings.DEBUG = True, False


@pytest.mark.parametrize("path", sorted({path for path, _ in ROUTES.values()}))
def test_f096_a_stranger_gets_in_nowhere(path, client, production):
    path = path.format(id=1, type=1, customer=1)

    response = client.get(path)

    if path in OPEN:
        expected = OPEN[path]
        assert response.status_code in (expected if isinstance(expected, tuple) else (expected,))
    elif response.status_code == 302:
        assert response.url.startswith(("/admin/login/", "/admin/customers/"))
    else:
        assert response.status_code in (401, 404, 405)


@pytest.mark.parametrize("path", NOWHERE)
def test_f096_there_is_no_back_door(path, client, production):
    response = client.get(path)

    assert response.status_code == 404 or response.url.startswith("/admin/login/")
    assert "SECRET" not in response.text


@pytest.mark.parametrize("path", ["/schema", "/docs"])
def test_f096_the_schema_is_public_in_development_only(path, client, settings):
    assert client.get(path).status_code == 200

    settings.PRODUCTION = True

    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/schema", "/docs"])
def test_a_token_that_is_over_is_refused_on_a_page_too(path, client):
    response = client.get(path, headers={"Authorization": "Bearer over"})

    assert response.status_code == 401


def test_f096_an_error_tells_a_stranger_nothing_of_the_house(monkeypatch, production):
    def fail(request):
        secret = "a secret in a local variable"  # noqa: F841
        raise RuntimeError("a secret in a message")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr("xeno.dashboard.entry.SignInPage.get", lambda self, request: fail(request))

    response = client.get("/admin/login/")

    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def in_production(*names):
    """These settings, as an install in production reads them."""
    code = (
        "import json, sys; from xeno import settings; "
        f"print(json.dumps({{n: getattr(settings, n) for n in {names!r}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "XENO_ENV": "production"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_f093_cookies_in_production_are_of_this_host_over_tls_and_out_of_scripts_reach(
    client, ana, settings
):
    for name, value in in_production(*COOKIES).items():
        setattr(settings, name, value)

    client.get("/admin/login/", secure=True)
    client.post("/admin/login/", {"username": ana.email, "password": PASSWORD}, secure=True)

    cookies = {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(cookies)
    for name, morsel in cookies.items():
        flags = (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"])
        assert flags == (True, True, "Lax", "/"), name
        assert not morsel["domain"]


def test_f093_production_speaks_tls_alone():
    read = in_production("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "X_FRAME_OPTIONS", "DEBUG")

    assert read == {"SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000,
                    "X_FRAME_OPTIONS": "DENY", "DEBUG": False}  # fmt: skip


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "https://spa.example.evil.test"])
@pytest.mark.parametrize("path", ["/auth/login", "/customers", "/admin/login/", "/account/reset"])
def test_f093_no_other_origin_may_read_an_answer(path, origin, client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://spa.example"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    for response in (client.get(path, headers=asked), client.options(path, headers=asked)):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_f093_an_allowed_origin_is_named_and_sends_no_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://spa.example"]

    response = client.get("/customers", headers={"Origin": "https://spa.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "https://spa.example"
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_f093_every_page_refuses_to_be_framed_or_sniffed(client):
    headers = client.get("/admin/login/").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
