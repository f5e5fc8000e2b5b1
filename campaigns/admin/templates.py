"""Content to begin campaigns from: a store's own, and the library; each seen in a closed frame."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from campaigns.admin.figures import SubjectList
from campaigns.admin.framing import framed
from campaigns.content import templates
from campaigns.content.library import LIBRARY
from campaigns.content.previewing import preview
from campaigns.content.writing import PARTS
from campaigns.models import Template
from tenants.admin.confirming import ActingAdmin
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import display, moment
from tenants.scoping.listing import CappedChangeList
from tenants.scoping.next_steps import NextStep
from xeno.lib.errors import Mistake


@admin.register(Template)
class TemplateAdmin(ActingAdmin[Template]):
    """Campaigns that began from one keep their own words when it is changed or deleted."""

    rights = {"view": Right.VIEW_CAMPAIGNS} | dict.fromkeys(
        ("add", "change", "delete"), Right.EDIT_CAMPAIGNS
    )
    redraws = True
    fields = ("name", *PARTS)
    lines = {"name": 1, "subject": 1, "preheader": 1, "html": 20, "text": 8}
    list_display = ("titled", "made", "changed")
    ordering = ("-pk",)
    empty_text = "Take one of the library, or write your own."
    next_step = NextStep(
        "Choose from the library", "admin:campaigns_template_library", Right.EDIT_CAMPAIGNS
    )
    list_before_template = "campaigns/templates_before.html"
    change_form_outer_after_template = "campaigns/template_preview.html"
    help_texts = {
        "preheader": "What mailboxes show behind the subject.",
        "html": "With Liquid, such as {{ customer.first_name | default: 'there' }}.",
        "text": "Empty: made from the HTML.",
    }

    class Media:
        css = {"all": ("xeno/segments/segments.css", "xeno/campaigns/report.css")}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return SubjectList

    def get_urls(self) -> list[Any]:
        views: dict[str, tuple[Callable[..., HttpResponse], str]] = {
            "library/": (self.library, "library"),
            "sample/": (self.sample, "sample"),
            "<path:object_id>/preview/": (self.preview, "preview"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"campaigns_template_{name}")
            for route, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in form.changed_data}
        given: dict[str, Any] = {"actor": get_actor(request), "tenant": get_store(request)}
        if change:
            templates.edit_template(**given, template_id=obj.pk, **told)
        else:
            data = templates.TemplateData(**told)
            obj.pk = templates.create_template(**given, data=data).pk

    def delete_model(self, request: HttpRequest, obj: Template) -> None:
        templates.delete_template(
            actor=get_actor(request), tenant=get_store(request), template_id=obj.pk
        )

    def library(self, request: HttpRequest) -> HttpResponse:
        """The cards of the library; a POST copies the one that it names."""
        if request.method == "POST":
            return self.take(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Library",
            "model_admin": self,
            "cards": LIBRARY.values(),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "campaigns/library.html", context)

    def take(self, request: HttpRequest) -> HttpResponse:
        """A copy that is the store's own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            made = templates.create_from_library(
                actor=get_actor(request),
                tenant=get_store(request),
                key=request.POST.get("key", ""),
            )
        except Mistake as mistake:
            return self.refused(request, mistake)
        messages.success(request, f"“{made}” is yours now: write what you want into it.")
        return HttpResponseRedirect(reverse("admin:campaigns_template_change", args=[made.pk]))

    def sample(self, request: HttpRequest) -> HttpResponse:
        """One of the library as an example of a customer gets it, for a frame."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = LIBRARY.get(request.GET.get("key", ""))
        if found is None:
            return framed("")
        told = {"subject": found.subject, "preheader": found.preheader, "html": found.html}
        return self.frame(request, Template(name=found.name, **told))

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A template as it is saved, or with what is typed by now, for a frame."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        template = self.get_object(request, unquote(object_id))
        if template is None:
            return framed("", status=404)
        for part in PARTS if request.method == "POST" else ():
            typed = request.POST.get(part, getattr(template, part))
            setattr(template, part, typed.replace("\0", ""))
        return self.frame(request, template)

    def frame(self, request: HttpRequest, template: Template) -> HttpResponse:
        """The words for an example, or why they cannot be written."""
        try:
            return framed(preview(template, tenant=get_store(request)).html)
        except Mistake as mistake:
            return framed(format_html("<!doctype html><p>{}</p>", str(mistake)))

    @display(description="Template", header=True)  # type: ignore[untyped-decorator]
    def titled(self, template: Template) -> tuple[str, str]:
        """The name, and the subject."""
        return template.name, template.shown_subject  # type: ignore[attr-defined]  # of the list

    @admin.display(description="Made from")
    def made(self, template: Template) -> str:
        """Which of the library it was."""
        found = LIBRARY.get(template.library)
        return found.name if found else "Your own"

    @admin.display(description="Changed")
    def changed(self, template: Template) -> str:
        """When it was last changed."""
        return moment(template.updated_at)
