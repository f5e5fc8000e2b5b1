"""The part of a customer that staff change on the admin's page."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from customers.editing import (
    LONGEST_NOTE,
    MOST_TAGS,
    SETTABLE,
    TooManyTags,
    check_agreed,
    read_tags,
)
from customers.models import Consent, CustomerTag
from tenants.scoping.forms import TenantModelForm
from xeno.lib.errors import Mistake

CHANGES = [("", "As it is"), *((choice.value, choice.label) for choice in SETTABLE)]


class CustomerForm(TenantModelForm):
    """Tags, note and consent. What the page showed comes back with it, hidden: only what the
    person changed is changed, whatever came from Shopify meanwhile."""

    tag_list = forms.CharField(
        label="Tags",
        required=False,
        help_text="With commas between them.",
        show_hidden_initial=True,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        show_hidden_initial=True,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    consent_change = forms.ChoiceField(
        label="Change e-mail consent to",
        required=False,
        choices=CHANGES,
        widget=UnfoldAdminSelectWidget,
    )
    consent_reason = forms.CharField(
        label="How they agreed",
        required=False,
        max_length=500,
        help_text="Such as: asked at the till on 3 March. Needed to subscribe somebody.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = CustomerTag.objects.filter(customer=self.instance, present=True)
        self.initial["tag_list"] = ", ".join(tags.order_by("tag_key").values_list("tag", flat=True))

    def clean_tag_list(self) -> dict[str, str]:
        """The tags by their names in lower case."""
        tags = split(self.cleaned_data["tag_list"])
        try:
            found = read_tags(tags)
            if len(found) > MOST_TAGS:
                raise TooManyTags
        except Mistake as mistake:
            raise ValidationError(str(mistake), code=mistake.code) from mistake
        return found

    def clean_note(self) -> str:
        """The note, unless somebody else has changed it since the page was opened."""
        note: str = lines(self.cleaned_data["note"])
        held = lines(self.initial.get("note") or "").strip()
        if "note" in self.changed_data and self.seen("note") != held:
            raise ValidationError(
                "The note was changed meanwhile. Open this page again to see it.",
                code="changed_meanwhile",
            )
        return note

    def clean(self) -> dict[str, Any]:
        """Refuse, in words, what customers/editing.py refuses."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = told.get("consent_change")
        if wanted == Consent.SUBSCRIBED != self.instance.email_consent:
            try:
                check_agreed(self.instance, told.get("consent_reason", ""))
            except Mistake as mistake:
                field = mistake.field or "consent_change"
                self.add_error(field, ValidationError(str(mistake), code=mistake.code))
        return told

    def seen(self, name: str) -> str:
        """What the page showed in a field."""
        value = self.data.get(self.add_initial_prefix(name), "")
        return lines(str(value)).strip()

    def wanted(self) -> dict[str, Any]:
        """What the person changed, as `edit_customer` takes it."""
        changed, told = set(self.changed_data), self.cleaned_data
        seen = {tag.lower(): tag for tag in split(self.seen("tag_list"))}
        now: dict[str, str] = told["tag_list"] if "tag_list" in changed else seen
        return {
            "note": told["note"] if "note" in changed else None,
            "add_tags": [tag for key, tag in now.items() if key not in seen],
            "remove_tags": [tag for key, tag in seen.items() if key not in now],
            "email_consent": told["consent_change"] or None,
            "consent_reason": told["consent_reason"],
        }


def split(text: str) -> list[str]:
    """Tags with commas between them."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def lines(text: str) -> str:
    """A text with line ends as they are stored; browsers send others."""
    return text.replace("\r\n", "\n")
