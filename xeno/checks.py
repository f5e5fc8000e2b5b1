"""System checks of the settings: production is refused with a default secret or a strong role."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from redis.exceptions import RedisError

from xeno.health import find_evicting_policy

SECRETS = ("SECRET_KEY", "JWT_SECRET", "SHOPIFY_API_SECRET")
ENVIRONMENTS = ("development", "production")
FERNET = (
    "Make one with: python -c 'from cryptography.fernet import Fernet;"
    " print(Fernet.generate_key().decode())'"
)


def refuse_unsafe_production() -> None:
    """Raise ImproperlyConfigured, with what to do, rather than serve with open doors.

    Called where the web server and the workers start; `manage.py check --database default` tells
    the same.
    """
    for error in (
        *check_environment(None),
        *check_secrets(None),
        *check_database_role(None, databases=["default"]),
    ):
        raise ImproperlyConfigured(f"({error.id}) {error.msg} {error.hint}")


def check_environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a kind of install that nobody knows: "prod" would be served like development."""
    if settings.XENO_ENV in ENVIRONMENTS:
        return []
    return [
        Error(
            f"XENO_ENV is {settings.XENO_ENV!r}, and no such kind of install is known.",
            hint=f"Set it to {' or '.join(ENVIRONMENTS)}.",
            id="xeno.E008",
        )
    ]


def check_secrets(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse secrets that everybody can read in the source."""
    if not settings.PRODUCTION:
        return []
    hint = "Set it to a long random value, for example from: openssl rand -base64 48"
    weak = [name for name in SECRETS if settings.DEVELOPMENT_SECRET in getattr(settings, name)]
    errors: list[CheckMessage] = [
        Error(f"{name} is the default of development.", hint=hint, id="xeno.E001") for name in weak
    ]
    errors += [
        Error(f"{name} is shorter than 32 characters.", hint=hint, id="xeno.E002")
        for name in ("SECRET_KEY", "JWT_SECRET")
        if len(getattr(settings, name)) < 32
    ]
    if not settings.SHOPIFY_API_SECRET:
        hint = "Take it from the app's page in Shopify's partner dashboard."
        errors.append(Error("SHOPIFY_API_SECRET is empty.", hint=hint, id="xeno.E002"))
    if settings.SHOPIFY_FAKE_URL:
        hint = "Unset it: stores would be asked for nowhere."
        errors.append(Error("SHOPIFY_FAKE_URL is set.", hint=hint, id="xeno.E010"))
    errors += check_previous_secrets()
    errors += check_encryption_keys()
    if settings.DEBUG:
        errors.append(Error("DEBUG is on.", hint="Unset DEBUG.", id="xeno.E004"))
    return errors


def check_previous_secrets() -> list[CheckMessage]:
    """Refuse what would still verify tokens: a known or short secret, and one named twice."""
    previous = settings.JWT_SECRETS_PREVIOUS
    weak = [s for s in previous if settings.DEVELOPMENT_SECRET in s or len(s) < 32]
    if not weak and len({settings.JWT_SECRET, *previous}) == 1 + len(previous):
        return []
    return [
        Error(
            "JWT_SECRETS_PREVIOUS holds a secret that is known, short or there twice.",
            hint="Name the secrets that JWT_SECRET had before, and not the one that it has.",
            id="xeno.E009",
        )
    ]


def check_encryption_keys() -> list[CheckMessage]:
    """Refuse no key, a key that encrypts nothing, and the one in the source."""
    if not settings.ENCRYPTION_KEYS:
        return [Error("ENCRYPTION_KEYS is empty.", hint=FERNET, id="xeno.E003")]
    errors: list[CheckMessage] = []
    if settings.DEVELOPMENT_KEY in settings.ENCRYPTION_KEYS:
        errors.append(
            Error("ENCRYPTION_KEYS holds the key of development.", hint=FERNET, id="xeno.E003")
        )
    for place, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:  # the key itself stays out of the message
            message = f"Key {place} of ENCRYPTION_KEYS is no Fernet key."
            errors.append(Error(message, hint=FERNET, id="xeno.E003"))
    return errors


STRONG_ROLE = """
    SELECT EXISTS (
        SELECT FROM pg_roles r
        WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, r.oid, 'MEMBER')
    ) OR EXISTS (
        SELECT FROM pg_class
        WHERE relrowsecurity AND pg_has_role(current_user, relowner, 'MEMBER')
    )
"""


def check_database_role(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse, in production, an application login that could look over the walls."""
    if not settings.PRODUCTION:
        return []
    errors: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute(STRONG_ROLE)
            if cursor.fetchone()[0]:
                errors.append(
                    Error(
                        "The login of DATABASE_URL could see every store's rows: it is, or is a"
                        " member of, a superuser, a role with BYPASSRLS, or the tables' owner.",
                        hint="Make two logins with: python manage.py setup_database",
                        id="xeno.E005",
                    )
                )
            cursor.execute("SHOW synchronous_commit")
            if cursor.fetchone()[0] == "off":
                errors.append(
                    Error(
                        "synchronous_commit is off: a crash would lose acknowledged webhooks.",
                        hint="Set synchronous_commit = on for the application's login.",
                        id="xeno.E006",
                    )
                )
    return errors


def check_queue(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse, in production, a Redis that throws queued work away when its memory is short."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        policy = find_evicting_policy()
    except (RedisError, OSError):
        return []  # one that is away loses nothing; `/readyz` and `doctor` tell of it
    if not policy:
        return []
    return [
        Error(
            f"Redis evicts by {policy}: queued work is thrown away when its memory is short.",
            hint="Set maxmemory-policy noeviction.",
            id="xeno.E007",
        )
    ]
