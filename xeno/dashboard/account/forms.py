"""What is typed on the pages about an account."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from tenants.api.shapes import LONGEST_PASSWORD


def email_field(**attrs: Any) -> forms.EmailField:
    """An address that the browser may fill in."""
    widget = UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username", **attrs})
    return forms.EmailField(label="E-mail address", max_length=254, widget=widget)


def password_field(label: str, purpose: str = "current-password", **more: Any) -> forms.CharField:
    """A password; `purpose` tells the browser whether to fill in or to suggest."""
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": purpose})
    return forms.CharField(
        label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget, **more
    )


def code_field(label: str = "Code", **attrs: Any) -> forms.CharField:
    """A code of the authenticator, or a recovery code."""
    shown = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
    widget = UnfoldAdminTextInputWidget(attrs={**shown, **attrs})
    return forms.CharField(label=label, max_length=64, widget=widget)


class Plain(forms.Form):
    """Labels without a mark: every field here is needed."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class SignInForm(Plain):
    """Who one is. The names are those of Django's form, which password managers know."""

    username = email_field(autofocus=True)
    password = password_field("Password")


class CodeForm(Plain):
    """The second factor alone."""

    otp = code_field(autofocus=True, inputmode="text")


class NameForm(Plain):
    """What one is called."""

    name = forms.CharField(
        label="Name", max_length=150, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "name"}),
    )  # fmt: skip


def zones() -> list[tuple[str, str]]:
    """Every time zone, after none at all."""
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    return [("", "The store's own"), *((name, name.replace("_", " ")) for name in names)]


class ZoneForm(Plain):
    """Where one is."""

    timezone = forms.ChoiceField(
        label="Time zone", choices=zones, required=False, widget=UnfoldAdminSelectWidget
    )


class NewPasswordForm(Plain):
    """A new password, twice."""

    new_password = password_field("New password", "new-password")
    again = password_field("New password, once more", "new-password")

    def clean_again(self) -> str:
        """Refuse two that differ."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new_password", again):
            raise ValidationError("The two are not the same.", code="password_mismatch")
        return again


class PasswordForm(NewPasswordForm):
    """A new password, by somebody who knows the present one."""

    old_password = password_field("Present password")
    field_order = ("old_password", "new_password", "again")


class ProofForm(Plain):
    """The password, to show that it is still them."""

    password = password_field("Your password")


class ConfirmForm(Plain):
    """The first code of a new authenticator."""

    otp = code_field("Code from the app", inputmode="numeric", placeholder="123456")


class RenewForm(Plain):
    """A code, for new recovery codes."""

    otp = code_field("Code from the app, or a recovery code")


class TurnOffForm(Plain):
    """Both factors, to give one up."""

    password = password_field("Your password")
    otp = code_field("Code from the app, or a recovery code")


class ResetForm(Plain):
    """Whose password is forgotten."""

    email = email_field(autofocus=True)


class JoinForm(NewPasswordForm):
    """What an account is made of besides the address, which the invitation knows."""

    name = forms.CharField(
        label="Your name", max_length=150,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "name", "autofocus": True}),
    )  # fmt: skip
    field_order = ("name", "new_password", "again")
