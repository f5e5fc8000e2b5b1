"""The form of the store's rules of sending. What is secret goes in and never comes out."""

import re
from typing import Any

from django import forms

from campaigns.admin.ways_out import (
    INSTALLS,
    KEYS,
    NAMES,
    OWN_SERVER,
    SECURITY,
    account_of,
    provider_by,
    server_stored,
    way_of,
    ways,
)
from campaigns.api.rules import LONGEST_WINDOW, MOST_A_MINUTE
from campaigns.models import SendingSettings
from campaigns.providers.accounts import write_account, write_server
from campaigns.providers.anymail import CREDENTIALS
from tenants.scoping.versions import etag_of
from xeno.lib.errors import Mistake

# The rules that the form shows as they are.
PLAIN = (
    "postal_address", "require_approval", "cap_messages", "cap_hours", "quiet_from",
    "quiet_until", "per_minute", "track_opens", "track_clicks", "click_days", "open_days",
)  # fmt: skip
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
CHANGED = (
    "Somebody else changed the settings while you wrote. Below is what you wrote: save again to"
    " put it in place of theirs."
)
SHORT = {"class": "seg-field cam-size"}
WIDE = {"class": "seg-field seg-wide"}


def number(label: str, least: int, most: int, *, required: bool = True) -> forms.IntegerField:
    """A whole number, each mistake in the same words."""
    words = f"Write a whole number from {least:,} to {most:,}"
    words += "." if required else ", or leave it empty."
    kinds = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        error_messages=dict.fromkeys(kinds, words),
        widget=forms.NumberInput(attrs=SHORT),
    )


def hour(label: str) -> forms.TimeField:
    """An hour of the local day, or none."""
    return forms.TimeField(
        label=label,
        required=False,
        error_messages={"invalid": "Write an hour such as 21:00, or leave both empty."},
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "seg-field"}),
    )


def secret(label: str) -> forms.CharField:
    """Written, and never shown."""
    attrs = WIDE | {"autocomplete": "new-password", "spellcheck": "false"}
    widget = forms.PasswordInput(render_value=False, attrs=attrs)
    return forms.CharField(label=label, required=False, max_length=500, widget=widget)


def word(label: str, longest: int) -> forms.CharField:
    """A line of text."""
    widget = forms.TextInput(attrs=WIDE | {"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


class SendingForm(forms.Form):
    """What is typed of an account replaces it as a whole; nothing typed keeps what is stored."""

    way = forms.ChoiceField(
        label="Messages leave by", required=False, widget=forms.Select(attrs=WIDE)
    )
    smtp_host = word("Host", 253)
    smtp_port = number("Port", 1, 65_535)
    smtp_security = forms.ChoiceField(
        label="Security", choices=SECURITY, widget=forms.Select(attrs=WIDE)
    )
    smtp_username = secret("User name")
    smtp_password = secret("Password")
    per_minute = number("Messages a minute, at most", 1, MOST_A_MINUTE, required=False)
    postal_address = forms.CharField(
        label="Postal address",
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs=WIDE | {"rows": 3}),
        help_text="Stands where a campaign says {{ store.postal_address }}. The law asks for it"
        " (CAN-SPAM), and without it no campaign is sent.",
    )
    require_approval = forms.BooleanField(
        label="Campaigns need an approval",
        required=False,
        help_text="Somebody else than who wrote it has to approve the very words of each campaign.",
    )
    cap_messages = number("Messages, at most", 1, 1_000)
    cap_hours = number("Within hours", 0, 720)
    quiet_from = hour("From")
    quiet_until = hour("Until")
    track_opens = forms.BooleanField(label="Count who opens", required=False)
    track_clicks = forms.BooleanField(label="Count who clicks", required=False)
    click_days = number("Days after a click", 1, LONGEST_WINDOW)
    open_days = number("Days after an opening", 1, LONGEST_WINDOW)

    def __init__(self, data: Any = None, *, rules: SendingSettings, may_write: bool) -> None:
        self.rules, self.now = rules, way_of(rules)
        self.server = server_stored(rules.credentials) if may_write else {}
        shown = {name: getattr(rules, name) for name in PLAIN}
        shown |= {"way": self.now, **shown_of(self.server)}
        super().__init__(data, initial=shown, label_suffix="")
        self.fields["way"].choices = ways(self.now)  # type: ignore[attr-defined]
        for esp, keys in CREDENTIALS.items():
            for key in keys:
                field = word(KEYS[key], 253) if key == "sender_domain" else secret(KEYS[key])
                self.fields[f"{esp}_{key}"] = field
        for name in ("smtp_port", "smtp_security"):
            self.fields[name].required = data is not None and data.get("way") == OWN_SERVER
        if not may_write:
            for each in self.fields.values():
                each.disabled = True

    @property
    def version(self) -> str:
        """A tag of what the form shows: equal for equal rules."""
        return etag_of({name: str(value) for name, value in self.initial.items()})

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """What is asked of the account by each way that has one."""
        return [
            {
                "way": way,
                "title": "Mail server" if way == OWN_SERVER else f"Account with {NAMES[way]}",
                "fields": [self[name] for name in account_of(way)],
                "shown": way == self["way"].value(),
                "kept": way == self.now,
            }
            for way in (OWN_SERVER, *NAMES)
        ]

    # --- Reading ----------------------------------------------------------------------------
    def clean_postal_address(self) -> str:
        """Its lines, as they are stored."""
        return str(self.cleaned_data["postal_address"]).replace("\r\n", "\n")

    def clean_smtp_host(self) -> str:
        """A host's name or address alone."""
        host = str(self.cleaned_data["smtp_host"]).strip()
        if host and not HOST.fullmatch(host):
            raise forms.ValidationError("Write the host alone, such as smtp.example.com.")
        return host

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if self.data.get("version") not in (None, self.version):
            raise forms.ValidationError(CHANGED)
        if {"way", *account_of(told.get("way", ""))} <= told.keys():
            read = self.read_server if told["way"] == OWN_SERVER else self.read_account
            told["account"] = read(told)
        return told

    def read_server(self, told: dict[str, Any]) -> str | None:
        """The account of the mail server, or None for the one that is stored."""
        server = {name: told[f"smtp_{name}"] for name in ("host", "port", "security")}
        user, password = told["smtp_username"], told["smtp_password"]
        same = {f"smtp_{name}": value for name, value in server.items()} == shown_of(self.server)
        if self.server and same and not user and not password:
            return None
        if not server["host"]:
            self.add_error("smtp_host", "Write the mail server’s host, such as smtp.example.com.")
        elif bool(user) is not bool(password):
            lacking = "smtp_username" if password else "smtp_password"
            self.add_error(lacking, "Write the user name and the password, or neither.")
        elif self.server.get("username") and not user:
            # Else whoever may write here could have the password brought to a server of theirs.
            self.add_error(
                "smtp_username",
                "Write the user name and the password again: they are kept for the same server"
                " alone.",
            )
        return write_server(**server, username=user, password=password)

    def read_account(self, told: dict[str, Any]) -> str | None:
        """The account with the chosen provider, None for what is stored, empty for none at all."""
        way = told["way"]
        account = {key: told[f"{way}_{key}"] for key in CREDENTIALS.get(way, ())}
        if not any(account.values()):
            if account and way != self.now:
                first = account_of(way)[0]
                self.add_error(first, f"Write what {NAMES[way]} shows you of your account.")
            by_install = not way or way.endswith(INSTALLS)
            return "" if by_install and way != self.now else None
        for key, value in account.items():
            if not value:
                self.add_error(f"{way}_{key}", "Write this too: an account is replaced whole.")
        return write_account(way, account)

    def changes(self) -> dict[str, Any]:
        """What the form says, as the action takes it."""
        told = self.cleaned_data
        changes = {name: told[name] for name in PLAIN}
        if told["way"] != self.now:
            changes["provider"] = provider_by(told["way"])
        if told["account"] is not None:
            changes["credentials"] = told["account"]
        return changes

    def refuse(self, mistake: Mistake) -> None:
        """Say it beside the field that it is about."""
        way = self.cleaned_data["way"]
        places = {"provider": "way", "credentials": next(iter(account_of(way)), "way")}
        field = places.get(mistake.field or "", mistake.field)
        self.add_error(field if field in self.fields else None, str(mistake))


def shown_of(server: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of a mail server: never who signs in."""
    security = "tls" if server.get("use_ssl") else "starttls" if server.get("use_tls") else "none"
    return {
        "smtp_host": server.get("host", ""),
        "smtp_port": server.get("port") or 587,
        "smtp_security": security if server else "starttls",
    }
