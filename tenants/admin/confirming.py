"""The base of pages whose writes are actions: those check and note by themselves."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from tenants.scoping.admin import TenantModelAdmin
from xeno.lib.errors import Mistake

M = TypeVar("M", bound=models.Model)
REFUSAL = "refusal_of_action"


class ActingAdmin(TenantModelAdmin[M]):
    """A refusal of an action is a message, and the trail is written by the action alone.

    `redraws` says that a refusal which names a field is told there, beside what was typed.
    """

    redraws: ClassVar[bool] = False

    def changelist_url(self) -> str:
        """The list of this class."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Mistake as mistake:
            if not self.redraws or mistake.field not in self.get_fields(request):
                return self.refused(request, mistake)
            setattr(request, REFUSAL, mistake)  # what was typed is drawn again, with why
            return super().changeform_view(request, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        mistake: Mistake | None = getattr(request, REFUSAL, None)
        return form if mistake is None else refusing(form, mistake)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except Mistake as mistake:
            return self.refused(request, mistake)

    def refused(self, request: HttpRequest, mistake: Mistake) -> HttpResponse:
        """Say why, beside the list as it is now; what is no person's mistake goes on up."""
        if mistake.status >= 500:
            raise mistake
        messages.error(request, str(mistake))
        return HttpResponseRedirect(self.changelist_url())

    def get_actions(self, request: HttpRequest) -> Any:
        return {}  # one by one, each under the rules

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the action noted it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the action noted it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing: the action noted it."""

    def confirm(
        self,
        request: HttpRequest,
        *,
        title: str,
        says: str,
        act: Callable[[], object],
        done: str,
        back: str | None = None,
    ) -> HttpResponse:
        """A page that asks first: GET shows what would happen, POST calls `act` and says `done`."""
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": title,
                "says": says,
                "back": back or self.changelist_url(),
            }
            return TemplateResponse(request, "tenants/confirm.html", context)
        try:
            act()
        except Mistake as mistake:
            return self.refused(request, mistake)
        messages.success(request, done)
        return HttpResponseRedirect(back or self.changelist_url())


def refusing(form: Any, mistake: Mistake) -> Any:
    """The form with what the action said at the field that it named: never valid."""

    def clean(self: Any) -> Any:
        cleaned = super(refused, self).clean()
        self.add_error(mistake.field, str(mistake))
        return cleaned

    refused: Any = type(form.__name__, (form,), {"clean": clean})
    return refused
