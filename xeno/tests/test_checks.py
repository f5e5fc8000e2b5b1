"""Production is refused with a secret that everybody can read, or a login that sees every store."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from xeno.checks import (
    check_database_role,
    check_environment,
    check_secrets,
    refuse_unsafe_production,
)
from xeno.lib.postgres.migrator import as_migrator


@pytest.fixture
def production(settings):
    """Settings that may go into production."""
    settings.XENO_ENV, settings.PRODUCTION = "production", True
    settings.SECRET_KEY = settings.JWT_SECRET = "s" * 40
    settings.SHOPIFY_API_SECRET = "from the partner dashboard"
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.DEBUG = False
    return settings


def ids(errors):
    return [error.id for error in errors]


def test_production_with_secrets_of_its_own_is_served(production, db):
    refuse_unsafe_production()


def test_development_needs_no_secret(settings):
    assert check_secrets(None) == []


@pytest.mark.parametrize("kind", ["prod", "Production", ""])
def test_an_unknown_kind_of_install_is_refused_even_without_production(settings, kind):
    settings.XENO_ENV = kind

    (error,) = check_environment(None)
    assert error.id == "xeno.E008"
    assert "development or production" in error.hint
    with pytest.raises(ImproperlyConfigured, match=f"E008.*XENO_ENV is '{kind}'"):
        refuse_unsafe_production()


@pytest.mark.parametrize("kind", ["development", "production"])
def test_the_two_kinds_of_install_are_known(settings, kind):
    settings.XENO_ENV = kind

    assert check_environment(None) == []


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        (["p" * 40, "q" * 40], []),
        (["short"], ["xeno.E009"]),
        (["s" * 40], ["xeno.E009"]),  # the one that signs
        (["p" * 40, "p" * 40], ["xeno.E009"]),
        (["xeno-development-secret-jwt-" + "0" * 32], ["xeno.E009"]),
    ],
)
def test_a_previous_secret_is_as_strong_as_the_current_one(production, previous, expected):
    production.JWT_SECRETS_PREVIOUS = previous

    assert ids(check_secrets(None)) == expected


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET", "SHOPIFY_API_SECRET"])
def test_a_default_secret_is_refused_with_what_to_do(production, name):
    setattr(production, name, f"{production.DEVELOPMENT_SECRET}-{'0' * 40}")

    (error,) = check_secrets(None)
    assert error.id == "xeno.E001"
    assert name in error.msg
    assert "openssl rand" in error.hint


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("JWT_SECRET", "short", "xeno.E002"),
        ("SECRET_KEY", "short", "xeno.E002"),
        ("SHOPIFY_API_SECRET", "", "xeno.E002"),
        ("ENCRYPTION_KEYS", [], "xeno.E003"),
        ("ENCRYPTION_KEYS", [""], "xeno.E003"),
        ("DEBUG", True, "xeno.E004"),
        ("SHOPIFY_FAKE_URL", "http://127.0.0.1:9", "xeno.E010"),
    ],
)
def test_a_weak_setting_is_refused(production, name, value, expected):
    setattr(production, name, value)

    assert ids(check_secrets(None)) == [expected]


def test_the_key_of_development_is_refused(production):
    production.ENCRYPTION_KEYS = [production.DEVELOPMENT_KEY]

    assert ids(check_secrets(None)) == ["xeno.E003"]


def test_a_key_that_encrypts_nothing_is_refused_by_its_place_alone(production):
    production.ENCRYPTION_KEYS = [*production.ENCRYPTION_KEYS, "c2hvcnQ="]

    (error,) = check_secrets(None)
    assert error.id == "xeno.E003"
    assert "Key 2 of ENCRYPTION_KEYS" in error.msg
    assert "c2hvcnQ=" not in error.msg + error.hint


@pytest.mark.django_db(transaction=True)
def test_a_login_that_could_look_over_the_walls_is_refused_with_what_to_do(production):
    assert check_database_role(None, databases=["default"]) == []

    with as_migrator(connection):
        (error,) = check_database_role(None, databases=["default"])
        with pytest.raises(ImproperlyConfigured, match="setup_database"):
            refuse_unsafe_production()
    assert error.id == "xeno.E005"
