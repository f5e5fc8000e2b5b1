"""Everybody with a login: for the install's operators alone."""

from typing import Any

import structlog
from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.db.models.functions import Lower
from django.http import HttpRequest

from tenants.models import User
from tenants.scoping.admin import (
    TenantModelAdmin,
    is_operator,
)
from tenants.scoping.filtering import ChoiceFilter

log = structlog.get_logger(__name__)


class ActiveFilter(ChoiceFilter):
    """Those who may sign in, or may not."""

    title = "may sign in"
    parameter_name = "active"
    options = [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.options):
            return queryset
        return queryset.filter(is_active=self.value() == "yes")


@admin.register(User)
class UserAdmin(TenantModelAdmin[User]):
    """Everybody with a login: for the install's operators alone."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    ordering = ("email",)
    sortable_by = ("email",)
    list_filter = (ActiveFilter,)
    search_fields = ("email",)
    search_help_text = "E-mail begins with"
    fields = ("email", "name", "is_active", "is_superuser", "last_login", "created_at")
    readonly_fields = ("last_login", "created_at")

    def may(self, request: HttpRequest, verb: str) -> bool:
        return verb in ("view", "change") and is_operator(request)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # Nobody locks themselves out.
        own = ("is_active", "is_superuser") if obj == request.user else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def find(self, queryset: QuerySet[User], term: str) -> QuerySet[User]:
        key = Lower("email", output_field=TextField())
        return queryset.alias(email_key=key).filter(email_key__prefix=term)

    def audit(self, request: HttpRequest, verb: str, obj: Any, fields: Any = ()) -> None:
        # A user belongs to no store, so no store's trail may tell of them: the log does.
        log.info("user_changed", actor_id=request.user.pk, user_id=obj.pk, fields=list(fields))
