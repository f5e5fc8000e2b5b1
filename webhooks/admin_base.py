"""What the admin's pages of deliveries, edits, syncs and privacy requests have in common: rows that
work themselves off, each with a state, and with words on what is the matter."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, holds
from tenants.scoping.display import NOTHING, label

M = TypeVar("M", bound=models.Model)


class WorkAdmin(TenantModelAdmin[M]):
    """Read-only, newest first, for who manages the store and its connection.

    `state_kinds` gives each state's colour; `explain` says why a row is not done.
    """

    rights = {"view": Right.MANAGE_STORE}
    ordering = ("-pk",)
    state_kinds: ClassVar[Mapping[Any, str]] = {}

    def tell_state(self, row: Any) -> tuple[str, str]:
        """The state in words, and its colour."""
        return row.get_state_display(), self.state_kinds.get(row.state, "")

    def explain(self, row: Any) -> str:
        """Why it is not done, in words; empty when there is nothing to say."""
        raise NotImplementedError

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Whether the user may have rows tried again, where the class has such an action."""
        return holds(request, Right.MANAGE_STORE)

    @admin.display(description="State")
    def what_became(self, row: M) -> SafeString:
        """The state as a label."""
        return label(*self.tell_state(row))

    @admin.display(description="Why")
    def why(self, row: M) -> str:
        """What is the matter."""
        return self.explain(row) or NOTHING
