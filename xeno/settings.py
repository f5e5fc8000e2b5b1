"""All settings, read from the environment or `.env`; each has a default for development.

`xeno/checks.py` refuses what must not reach production. `.env.example` lists every name.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from redis.backoff import NoBackoff
from redis.retry import Retry

from xeno import embedded
from xeno.dashboard.theme import UNFOLD as UNFOLD
from xeno.lib.environment import (
    Environment,
    check_database_url,
    check_port,
    check_redis_url,
    read_email_url,
)
from xeno.lib.logs import configure_logging

django_stubs_ext.monkeypatch()  # lets generic Django classes name their types at run time

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
Environment.read_env(BASE_DIR / ".env")

# --- What kind of install this is -------------------------------------------------------
XENO_ENV = env.str("XENO_ENV", "development")
PRODUCTION = XENO_ENV == "production"
DEBUG = env.bool("DEBUG", False)
TESTING = "pytest" in sys.modules
XENO_HOME = Path(env.str("XENO_HOME", str(BASE_DIR / ".xeno"))).expanduser().resolve()
PORT = check_port("PORT", env.int("PORT", 8000))
# A command beside `make run` says where that one answers, whatever PORT it was given.
ANSWERS_AT = "" if TESTING else embedded.running_at(XENO_HOME)
PUBLIC_URL = env.str("PUBLIC_URL", ANSWERS_AT or f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# How many proxies stand before us and write X-Forwarded-For; of none it is not believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "content-type", "idempotency-key", "if-match", "x-store",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "etag", "idempotency-replayed", "retry-after",
    "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset",
]  # fmt: skip

# --- Secrets ----------------------------------------------------------------------------
DEVELOPMENT_SECRET = "xeno-development-secret"  # noqa: S105  # checks.py refuses it in production
DEVELOPMENT_KEY = "eGVuby1kZXZlbG9wbWVudC1zZWNyZXQtMzItYnl0ZXM="
SECRET_KEY = env.str("SECRET_KEY", f"{DEVELOPMENT_SECRET}-django-{'0' * 32}")
JWT_SECRET = env.str("JWT_SECRET", f"{DEVELOPMENT_SECRET}-jwt-{'0' * 32}")
# Tokens that an earlier secret signed are good until they expire: put it here when you rotate.
JWT_SECRETS_PREVIOUS = env.list("JWT_SECRETS_PREVIOUS", default=[])
SHOPIFY_API_KEY = env.str("SHOPIFY_API_KEY", "xeno-development-key")
SHOPIFY_API_SECRET = env.str("SHOPIFY_API_SECRET", DEVELOPMENT_SECRET)
# After a rotation Shopify signs with the old secret for up to an hour.
SHOPIFY_API_SECRET_PREVIOUS = env.str("SHOPIFY_API_SECRET_PREVIOUS", "")
# Whether Shopify has approved the app for read_all_orders: then an install asks for it too.
SHOPIFY_ALL_ORDERS = env.bool("SHOPIFY_ALL_ORDERS", False)
# A stand-in for Shopify, for development and tests: production is refused with one. A command
# beside `make run` asks the one that it started.
STANDIN_AT = "" if TESTING or PRODUCTION else embedded.standin_at(XENO_HOME)
SHOPIFY_FAKE_URL = env.str("SHOPIFY_FAKE_URL", STANDIN_AT).rstrip("/")
# "declared": with the app, by shopify.app.toml. "api": kept in order in each store, for an app
# that only its own store can install.
SHOPIFY_SUBSCRIPTIONS = env.str("SHOPIFY_SUBSCRIPTIONS", "declared")
# Fernet keys; the first encrypts, each decrypts.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[DEVELOPMENT_KEY])
# Those of them that were dropped: they open nothing, and still know who was erased under them.
RECEIPT_KEYS = env.list("RECEIPT_KEYS", default=[])

# --- Apps -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "xeno.apps.XenoConfig",
    "tenants",
    "customers",
    "orders",
    "segments",
    "campaigns",
    "webhooks",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "xeno.dashboard.apps.DashboardConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "guardian",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_structlog",
    "anymail",
]
MIDDLEWARE = [
    # First: a webhook is answered here and meets no session, no CSRF, no tenant scope.
    "webhooks.middleware.ArrivalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "xeno.lib.api.limits.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "xeno.lib.request_log.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tenants.scoping.middleware.TenantMiddleware",
    "tenants.scoping.limits.LimitMiddleware",
]
ROOT_URLCONF = "xeno.urls"
WSGI_APPLICATION = "xeno.wsgi.application"
APPEND_SLASH = False  # every API path is routed with and without one
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # xeno stands first among the apps, so its templates come before unfold's. They must not
        # be found twice: one that extends its namesake of unfold's would extend itself.
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Engines: what is not configured is embedded -----------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASE_ADMIN_URL = env.str("DATABASE_ADMIN_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
if DATABASE_URL:
    check_database_url("DATABASE_URL", DATABASE_URL)
if DATABASE_ADMIN_URL:
    check_database_url("DATABASE_ADMIN_URL", DATABASE_ADMIN_URL)
if REDIS_URL:
    check_redis_url("REDIS_URL", REDIS_URL)
if not (DATABASE_URL and REDIS_URL):
    engines = embedded.addresses(XENO_HOME)
    REDIS_URL = REDIS_URL or engines.redis_url
    if not DATABASE_URL:
        DATABASE_URL, DATABASE_ADMIN_URL = engines.database_url, engines.database_admin_url


def database(url: str, admin_url: str) -> dict[str, Any]:
    """Django's settings for the application's login, with the migrator's beside it."""
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    settings["ENGINE"] = "xeno.lib.postgres"
    settings["APPLICATION_ROLE"] = settings["USER"]
    # A socket directory comes as ?host=, which environ leaves among the options.
    settings["HOST"] = settings.get("OPTIONS", {}).pop("host", settings["HOST"])
    if admin_url:
        admin = database(admin_url, "")
        settings["MIGRATOR"] = {key: admin[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    return settings


DATABASES = {"default": database(DATABASE_URL, DATABASE_ADMIN_URL)}
# A host that is gone says nothing: without the second one a statement would wait a quarter hour.
DATABASES["default"].setdefault("OPTIONS", {}).update(connect_timeout=5, tcp_user_timeout=10_000)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Prepared statements of raw cursors (a webhook's insert): never behind pgbouncer in transaction
# mode, which gives each transaction another session.
if env.bool("DATABASE_PREPARE", not env.str("DATABASE_URL", "")):
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
DATABASES["default"]["TEST"] = {"NAME": env.str("DATABASE_TEST_NAME", "test_xeno")}
# The pool is for the web process: Celery closes it after every task.
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 0)
if DATABASE_POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": DATABASE_POOL_SIZE,
        "timeout": 5,
        # No max_waiting: those who gave up still count, and once they are so many the pool would
        # never connect again. xeno/turns.py lets no more ask at once than there are connections.
        # It doubles its pauses between two tries until it gives up, and then tries anew for the
        # next request: so a database that was away is found within two seconds of its return.
        "reconnect_timeout": 2,
    }
elif not TESTING:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 1,
            # One try: redis-py's own retries would hold a page up for seconds.
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
            "SOCKET_TIMEOUT": 1,
            # A cache that is away is a cache that is empty: the database holds the truth.
            "IGNORE_EXCEPTIONS": True,
        },
    }
}

# --- Workers ----------------------------------------------------------------------------
# kombu has its own words for a Unix socket.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace(
    "?db=", "?virtual_host=", 1
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for as long as it likes
# A Redis that answers with an error (read-only, out of memory) is waited for like one that is
# away; by default the worker would end.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600  # below the visibility timeout, so that no task runs twice at once
CELERY_TASK_SOFT_TIME_LIMIT = 570
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Webhooks ---------------------------------------------------------------------------
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", 10 * 1024 * 1024)
# A raw body is dropped so many days after its webhook came and was applied; one that is still
# parked or waits, later.
RAW_BODY_DAYS = env.int("RAW_BODY_DAYS", 14)
RAW_BODY_DAYS_MOST = env.int("RAW_BODY_DAYS_MOST", 60)
# Where a file is put together while somebody downloads it; it has no name there. The files
# themselves lie in the database, for as many hours.
XENO_FILES = Path(env.str("XENO_FILES", str(XENO_HOME / "files"))).expanduser()
EXPORT_HOURS = env.int("EXPORT_HOURS", 24)
# Of a file of customers to be imported.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 64 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 1_000_000)
API_MAX_BYTES = env.int("API_MAX_BYTES", 2 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BYTES
# No statement of a request that only reads runs longer; 0 is no limit.
API_READ_SECONDS = env.int("API_READ_SECONDS", 5)
# Requests a minute; 0 is no limit. The tests' own limits are those that they set.
API_LIMIT_PER_MINUTE_USER = env.int("API_LIMIT_PER_MINUTE_USER", 0 if TESTING else 600)
API_LIMIT_PER_MINUTE_KEY = env.int("API_LIMIT_PER_MINUTE_KEY", 0 if TESTING else 1200)
API_LIMIT_PER_MINUTE_STORE = env.int("API_LIMIT_PER_MINUTE_STORE", 0 if TESTING else 3000)
API_LIMIT_PER_MINUTE_ADDRESS = env.int("API_LIMIT_PER_MINUTE_ADDRESS", 0 if TESTING else 60)
# Of one link in a mail, whoever follows it.
LIMIT_PER_MINUTE_LINK = env.int("LIMIT_PER_MINUTE_LINK", 0 if TESTING else 120)

# --- Users and the API ------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: nobody who is not signed in holds any right
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.auth.RequestUserAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.scoping.rights.HoldsRight"],
    "DEFAULT_PARSER_CLASSES": ["xeno.lib.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["xeno.lib.api.rendering.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "xeno.lib.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["xeno.lib.api.filtering.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "tenants.scoping.schema.TenantSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "DATETIME_FORMAT": None,  # as the database gives them, in UTC; DRF would use the store's zone
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "xeno.lib.api.errors.MistakeHandler",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Xeno CRM",
    "DESCRIPTION": "Customers, orders and audiences of Shopify stores.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["xeno.lib.api.schema.MayReadSchema"],
    "PREPROCESSING_HOOKS": ["xeno.lib.api.routing.without_slash"],
    # A client that makes a key need not send the id that the answer will have.
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ConsentEnum": "customers.models.Consent",
        "TotalsSourceEnum": "customers.models.TotalsSource",
        "SyncKindEnum": "webhooks.backfill.models.Sync.Kind",
        "SyncStateEnum": "webhooks.backfill.models.Sync.State",
        "CampaignStateEnum": "campaigns.models.Campaign.State",
        "ExportKindEnum": "webhooks.files.models.Export.Kind",
        "ExportFormatEnum": "webhooks.files.models.Export.Format",
        "ExportStateEnum": "webhooks.files.models.State",
        "ImportStateEnum": "webhooks.files.models.Stage",
        "SegmentKindEnum": "segments.models.Segment.Kind",
        "SegmentJobKindEnum": "segments.models.SegmentJob.Kind",
        "SegmentJobStateEnum": "segments.models.SegmentJob.State",
        "SyncPartKindEnum": "webhooks.backfill.models.SyncPart.Kind",
        "SyncPartStateEnum": "webhooks.backfill.models.SyncPart.State",
        "ErrorTypeEnum": "xeno.lib.api.schema.ERROR_TYPES",
        "RightEnum": "tenants.roles.Right",
        "KeyRightEnum": "tenants.api.keys.KEY_RIGHT_CHOICES",
        "SessionKindEnum": "tenants.models.SignIn.Kind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
SIMPLE_JWT = {  # the keys are tenants/tokens.py's
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
}

# --- Pages, files, mail -----------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "xeno.dashboard.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(XENO_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "xeno" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
vars().update(read_email_url("EMAIL_URL", env.str("EMAIL_URL", "") or "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str(
    "MAIL_FROM", f"Xeno CRM <no-reply@{urlsplit(PUBLIC_URL).hostname or 'localhost'}>"
)

# --- Campaigns --------------------------------------------------------------------------
# By which of campaigns/providers/ messages leave, where a store has not chosen its own.
CAMPAIGN_PROVIDER = env.str("CAMPAIGN_PROVIDER", "smtp" if PRODUCTION else "mailbox")
# django-anymail's own settings, as JSON: the keys of a provider, and WEBHOOK_SECRET ("user:word")
# without which no provider's events are let in.
ANYMAIL = env.json("ANYMAIL", {})
# Which of its providers messages leave by where CAMPAIGN_PROVIDER is "anymail": "postmark", …
CAMPAIGN_ANYMAIL = env.str("CAMPAIGN_ANYMAIL", "")

# Whether a mail server that a store names may be one of the network that this install runs in.
SMTP_PRIVATE_HOSTS = env.bool("SMTP_PRIVATE_HOSTS", not PRODUCTION)

# Whom to ask for a sender's records, host:port; empty: whom this machine asks.
DNS_SERVERS = env.list("DNS_SERVERS", default=[])

# --- Browser safety ---------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    # By this prefix a browser takes them from this host alone: a neighbour plants none.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
X_FRAME_OPTIONS = "DENY"

# --- Logs: events with fields, one line each ----------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = configure_logging(
    LOG_LEVEL, json_lines=env.bool("LOG_JSON", PRODUCTION), full_traces=not PRODUCTION
)
