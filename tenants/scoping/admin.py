"""The base of every admin class: rights of the open store, capped lists, our own audit trail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from tenants.audit import get_actor, save_audit, save_reading
from tenants.models import AuditEntry, Tenant, User
from tenants.roles import Right
from tenants.scoping.display import Panel
from tenants.scoping.filtering import lookup_names
from tenants.scoping.forms import TenantModelForm
from tenants.scoping.listing import CappedChangeList, CappedPaginator
from tenants.scoping.next_steps import NextStep
from tenants.scoping.page_links import PageLink, links_at
from tenants.scoping.rights import rights_kept_by
from tenants.scoping.tabs import TABS
from xeno.lib.postgres.scope import NoTenant

if TYPE_CHECKING:  # unfold has no types
    from django.contrib.admin import ModelAdmin
else:
    from unfold.admin import ModelAdmin

M = TypeVar("M", bound=models.Model)
HISTORY_ROWS = 100
LABELS = {
    "email": "E-mail",
    "created_at": "Created",
    "updated_at": "Updated",
    "synced_at": "Synced",
    "cancelled_at": "Cancelled",
    "completed_at": "Completed",
    "first_order_at": "First order",
    "last_order_at": "Last order",
    "triggered_at": "Triggered",
    "done_at": "Done",
    "installed_at": "Installed",
    "uninstalled_at": "Uninstalled",
    "happened_at": "When",
    "shopify_id": "Shopify's id",
}


def find_store(request: HttpRequest) -> Tenant | None:
    """The store that this staff member has open, as the middleware found it."""
    return getattr(request, "tenant", None)


def get_store(request: HttpRequest) -> Tenant:
    """The open store; NoTenant, which the site turns into "choose a store", without one."""
    store = find_store(request)
    if store is None:
        raise NoTenant
    return store


def get_user(request: HttpRequest) -> User:
    """Who is signed in; only for pages that nobody else reaches."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def is_operator(request: HttpRequest) -> bool:
    """Whether the user runs the install and may open any store."""
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_superuser


def rights_in_store(request: HttpRequest) -> frozenset[str]:
    """What the user may do in the open store; asked once per request, as a page asks often."""
    store, user = find_store(request), request.user
    if store is None or not isinstance(user, User):
        return frozenset()
    return rights_kept_by(request, user, store)


def holds(request: HttpRequest, right: Right | None) -> bool:
    """Whether the user holds this right in the open store; nobody holds None."""
    return right is not None and right.value in rights_in_store(request)


def offers_at(place: str, request: HttpRequest, row: Any = None) -> list[dict[str, str]]:
    """What upper apps offer there, as unfold's buttons."""
    links = links_at(place, request, row)
    return [{"title": link.title, "icon": link.icon, "path": link.url} for link in links]


class TenantModelAdmin(ModelAdmin[M]):
    """A declaration: which rights open it, what it lists, what may be sorted and linked by.

    `rights` names the right for view, add, change and delete; what is not named nobody may.
    `sortable_by` names columns with an index; `linked_by` fields by which other pages link here.
    `personal` says that its rows tell of people, and by what name the audit trail notes that
    somebody read them: `customer` for `customer.listed` and `customer.viewed`.
    """

    rights: ClassVar[Mapping[str, Right]] = {}
    linked_by: ClassVar[Sequence[str]] = ()
    personal: ClassVar[str] = ""
    many: ClassVar[str] = ""  # of its rows, where the model's plural is the name of the page
    empty_text: ClassVar[str] = "Nothing here yet."
    empty_template: ClassVar[str] = ""  # in place of the text, where one can begin from there
    next_step: ClassVar[NextStep | None] = None  # of an empty list; None: to add the first row
    labels: ClassVar[Mapping[str, str]] = {}
    help_texts: ClassVar[Mapping[str, str]] = {}
    # How high the field of a text is drawn; Django draws each ten lines high.
    lines: ClassVar[Mapping[str, int]] = {}

    form: Any = TenantModelForm
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # a facet is a COUNT per choice
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_filter_sheet = True
    list_fullwidth = True
    view_on_site = False
    sortable_by: ClassVar[tuple[str, ...]] = ()
    change_form_outer_after_template = "admin/panels.html"

    # --- Rights -------------------------------------------------------------------------
    def holds(self, request: HttpRequest, right: Right) -> bool:
        """Whether the user holds this right in the open store; a filter asks by it."""
        return holds(request, right)

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the user holds the right that this class declares for the verb."""
        return holds(request, self.rights.get(verb))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.may(request, "delete")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # --- Lists --------------------------------------------------------------------------
    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*super().get_list_filter(request), *TABS[self.opts.label]]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return CappedChangeList

    def find_next_step(self, request: HttpRequest) -> PageLink | None:
        """What this user can do where the list is empty."""
        step = self.next_step
        if step is not None and holds(request, step.right):
            return PageLink(step.title, "arrow_forward", reverse(step.route))
        if step is None and self.has_add_permission(request):
            add = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")
            return PageLink(f"Add {self.opts.verbose_name}", "add", add)
        return None

    def find(self, queryset: models.QuerySet[M], term: str) -> models.QuerySet[M]:
        """What the search field means: the model's own prefix search, never LIKE."""
        searchable: Any = queryset
        return searchable.search(term)  # type: ignore[no-any-return]

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[M], search_term: str
    ) -> tuple[models.QuerySet[M], bool]:
        term = search_term.replace("\0", "").strip()
        if not term or not self.get_search_fields(request):
            return queryset, False
        return self.find(queryset, term), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Django allows every lookup on own fields (?password__startswith=) and many through
        # relations; only what a filter or a link of ours says is asked here.
        filters = [*self.list_filter, *TABS[self.opts.label]]
        return lookup in {*lookup_names(filters), *self.linked_by}

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        owned = getattr(db_field.related_model, "tenant_owned", False)
        searched = {*self.autocomplete_fields, *self.raw_id_fields}
        if owned and db_field.name not in searched:
            raise ImproperlyConfigured(f"{db_field} would be a dropdown of a whole table.")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        height = self.lines.get(db_field.name)
        if height == 1:
            kwargs["widget"] = UnfoldAdminTextInputWidget()
        elif height:
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": height})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # --- Pages --------------------------------------------------------------------------
    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # A model's help is written for who reads the code; a page has its own, or none.
        none = {field.name: "" for field in self.opts.get_fields()}
        texts = {"labels": LABELS | dict(self.labels), "help_texts": none | dict(self.help_texts)}
        return super().get_form(request, obj, change, **{**texts, **kwargs})

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        # Only what the form changed: a webhook may write the other columns meanwhile.
        obj.save(update_fields=form.changed_data if change else None)

    def panels(self, request: HttpRequest, obj: M) -> Iterable[Panel]:
        """Tables below the object's own fields; each reads a bounded number of rows."""
        return ()

    def visible_panels(self, request: HttpRequest, obj: M) -> list[Panel]:
        """The panels whose right the user holds."""
        return [panel for panel in self.panels(request, obj) if holds(request, panel.right)]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if kwargs.get("obj") is not None:
            self.note_reading(request, "viewed", [kwargs["obj"]])
            context["panels"] = self.visible_panels(request, kwargs["obj"])
            offered = offers_at(f"{self.opts.label}.page", request, kwargs["obj"])
            context["actions_detail"] = [*context.get("actions_detail", ()), *offered]
        return super().render_change_form(request, context, *args, **kwargs)

    # --- The audit trail in place of Django's LogEntry, which belongs to no store --------
    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        return list(form.changed_data)

    def audit(self, request: HttpRequest, verb: str, obj: models.Model, fields: Any = ()) -> None:
        """Note who did what to the object in the open store."""
        save_audit(
            actor=get_actor(request),
            action=f"{obj._meta.model_name}.{verb}",
            target=obj,
            fields=fields,
        )

    def note_reading(self, request: HttpRequest, verb: str, rows: Sequence[M]) -> None:
        """Note that the user saw these rows of the open store, where they tell of people."""
        if self.personal and find_store(request) is not None:
            save_reading(
                actor=get_actor(request),
                action=f"{self.personal}.{verb}",
                object_type=self.opts.label_lower,
                object_id=str(rows[0].pk) if verb == "viewed" else "",
                seen=[row.pk for row in rows],
            )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        page = getattr(response, "context_data", None) or {}
        if "cl" in page:  # else a redirect, or the page of an action
            offered = offers_at(self.opts.label, request)
            page["actions_list"] = [*page.get("actions_list", ()), *offered]
            self.note_reading(request, "listed", list(page["cl"].result_list))
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "added", obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if message:
            self.audit(request, "changed", obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.audit(request, "deleted", obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        # The right first: a refusal must not tell which ids there are.
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            missing: Any = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
            return missing(request, self.opts, object_id)  # type: ignore[no-any-return]
        self.note_reading(request, "viewed", [obj])  # its name stands on the page
        entries = AuditEntry.objects.filter(
            object_type=self.opts.label_lower, object_id=str(obj.pk)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "subtitle": None,
            "entries": entries.select_related("actor", "key").order_by("-pk")[:HISTORY_ROWS],
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/object_history.html", context)
