"""By which ways messages can leave a store, in words, and what each asks of its account."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from campaigns.models import SendingSettings
from campaigns.providers.accounts import CredentialsNotValid, read_account, read_server
from campaigns.providers.anymail import CREDENTIALS
from campaigns.providers.choosing import name_for

NAMES = {
    "brevo": "Brevo",
    "mailersend": "MailerSend",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "mailtrap": "Mailtrap",
    "postmark": "Postmark",
    "resend": "Resend",
    "sendgrid": "SendGrid",
    "sparkpost": "SparkPost",
    "unisender_go": "Unisender Go",
}
KEYS = {
    "api_key": "API key",
    "api_token": "API token",
    "secret_key": "Secret key",
    "sender_domain": "Sending domain",
    "server_token": "Server token",
}
INSTALLS = "-install"  # behind a provider: by the install's account with it
OWN_SERVER = "smtp"
SECURITY = [
    ("starttls", "STARTTLS, as on port 587"),
    ("tls", "TLS from the beginning, as on port 465"),
    ("none", "None: anybody on the way can read it"),
]
Choices = list[tuple[str, Any]]


def way_of(rules: SendingSettings) -> str:
    """The way that the rules say: empty for the install's, a provider, or one's own account."""
    name, stored = name_for(rules), rules.credentials
    if stored and name == "smtp":
        return OWN_SERVER
    if stored and name == "anymail":
        return provider_stored(stored) or f"anymail{INSTALLS}"
    if rules.provider in ("smtp", "anymail"):
        return f"{rules.provider}{INSTALLS}"
    return str(rules.provider)


def provider_stored(text: str) -> str:
    """Whose account it is; empty for what cannot be read."""
    try:
        return read_account(text)[0]
    except CredentialsNotValid:
        return ""


def server_stored(text: str) -> dict[str, Any]:
    """The mail server of the account; empty where it is no server's."""
    try:
        return read_server(text)
    except CredentialsNotValid:
        return {}


def ways(now: str) -> Choices:
    """Every way that can be chosen here, and the one that is in force."""
    by_install = {
        f"smtp{INSTALLS}": ("The mail server of this install", bool(settings.EMAIL_HOST)),
        f"anymail{INSTALLS}": ("The account of this install", bool(settings.CAMPAIGN_ANYMAIL)),
    }
    trials = {
        "mailbox": ("Local mailbox: nothing leaves, it is read here", not settings.PRODUCTION),
        "console": ("Console: nothing leaves, the worker prints it", not settings.PRODUCTION),
    }
    groups: Choices = [
        ("", f"As this install does ({install_words()})"),
        ("An account of the store", [(OWN_SERVER, "Mail server (SMTP)"), *NAMES.items()]),
        ("By this install", offered(by_install, now)),
        ("For trying", offered(trials, now)),
    ]
    return [(value, told) for value, told in groups if told]


def offered(found: Mapping[str, tuple[str, bool]], now: str) -> Choices:
    """Those that this install has, and the one that is in force."""
    return [(way, words) for way, (words, here) in found.items() if here or way == now]


def install_words() -> str:
    """How the install sends, where a store has chosen nothing."""
    name = settings.CAMPAIGN_PROVIDER
    told = {
        "smtp": "its mail server",
        "anymail": NAMES.get(settings.CAMPAIGN_ANYMAIL, "its provider"),
        "mailbox": "local mailbox",
    }
    return told.get(name, str(name))


def provider_by(way: str) -> str:
    """The provider that a store has to name for this way."""
    name = way.removesuffix(INSTALLS)
    return "anymail" if name in CREDENTIALS else name


def account_of(way: str) -> tuple[str, ...]:
    """The fields of the form that tell the way's account, the first of them the one to begin by."""
    if way == OWN_SERVER:
        return ("smtp_host", "smtp_port", "smtp_security", "smtp_username", "smtp_password")
    return tuple(f"{way}_{key}" for key in CREDENTIALS.get(way, ()))
