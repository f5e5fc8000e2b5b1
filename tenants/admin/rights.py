"""Checkboxes of rights, each with where it comes from."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from tenants.roles import ROLE_RIGHTS, Right, Role, rights_with

# The browser sends nothing for a box that is empty: this says that the boxes were there at all.
SHOWN = "rights_shown"


class RightsWidget(forms.CheckboxSelectMultiple):
    """One box a right; a note beside it, and closed where the signed-in user may not change it."""

    template_name = "tenants/rights.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: Mapping[str, str] = {}
        self.closed: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["note"] = self.notes.get(str(value), "")
        if str(value) in self.closed:
            option["attrs"]["disabled"] = True
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "shown": SHOWN}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return SHOWN not in data


class RightsField(forms.MultipleChoiceField):
    """Some of the rights."""

    widget = RightsWidget

    def __init__(self, *, of: Iterable[Right] = Right, **kwargs: Any) -> None:
        choices = [(right.value, right.label) for right in of]
        super().__init__(choices=choices, **{"required": False, **kwargs})


def notes_of(role: Role, exceptions: Mapping[str, bool]) -> dict[str, str]:
    """Why a right is held or not: by the role, granted beside it, taken of it."""
    notes = {right.value: "by role" for right in ROLE_RIGHTS[role]}
    told = {right: "granted" if given else "taken" for right, given in exceptions.items()}
    return notes | told


def toggled(
    role: Role, exceptions: Mapping[str, bool], chosen: Iterable[str], open_to: Iterable[str]
) -> dict[str, bool]:
    """The exceptions after somebody who may change `open_to` left the boxes as `chosen`.

    Only a box that was touched says something: so a role that changes on the same page brings
    its own rights.
    """
    shown = {right.value for right in rights_with(role, exceptions)}
    touched = (set(chosen) ^ shown) & set(open_to)
    return {**exceptions, **{right: right not in shown for right in touched}}
