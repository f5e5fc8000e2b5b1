"""Segments in the admin: the list, and which page does what."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from segments.actions import delete_segment
from segments.admin import answers, buttons, editor, explaining, page, starting, transfer
from segments.admin.freshness import short_words
from segments.admin.growth import growth_label, growth_of
from segments.freshness import freshness_of
from segments.models import Segment
from tenants.admin.own_pages import OwnPagesAdmin
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import NOTHING, display, label
from tenants.scoping.filtering import ChoiceFilter
from tenants.scoping.listing import CappedChangeList

SHORT = 120


class KindFilter(ChoiceFilter):
    """By how members come about."""

    title = "kind"
    parameter_name = "kind"
    column = "kind"
    options = Segment.Kind.choices


class SegmentList(CappedChangeList):
    """A page of segments, with how fresh they are and how they grew in a statement each."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        store, ids = get_store(request), [row.pk for row in rows]
        found = freshness_of(tenant=store, segment_ids=ids)
        grown = growth_of(tenant=store, segment_ids=ids)
        for row in rows:
            row.fresh, row.grown = found.get(row.pk), grown[row.pk]
        self.result_list = rows


@admin.register(Segment)
class SegmentAdmin(OwnPagesAdmin[Segment]):
    """Whoever may view segments sees them and tries queries; who may edit them makes them."""

    rights = {"view": Right.VIEW_SEGMENTS} | dict.fromkeys(
        ("add", "change", "delete"), Right.EDIT_SEGMENTS
    )
    list_display = ("titled", "kind_label", "members", "growth", "asks")
    ordering = ("-updated_at",)
    list_filter = (KindFilter,)
    search_fields = ("name",)
    search_help_text = "Name contains"
    list_before_template = "segments/list_before.html"
    empty_template = "segments/empty.html"

    class Media:
        css = {"all": ("xeno/segments/segments.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return SegmentList

    def find(self, queryset: QuerySet[Segment], term: str) -> QuerySet[Segment]:
        # A store has hundreds of segments: their names are read, not searched with LIKE.
        names = queryset.order_by().values_list("pk", "name")
        return queryset.filter(
            pk__in=[pk for pk, name in names if term.casefold() in name.casefold()]
        )

    def get_urls(self) -> list[Any]:
        own = [
            *self.routes("", {**answers.VIEWS, **starting.VIEWS, **transfer.VIEWS}),
            *self.routes(
                "<path:object_id>/",
                {**editor.VIEWS, **page.VIEWS, **buttons.VIEWS, **transfer.ROW_VIEWS},
            ),
            *(
                self.route("<path:object_id>/why/<int:customer_id>/", name, view)
                for name, view in explaining.VIEWS.items()
            ),
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return editor.add(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The segment's own page; a POST saves what the editor sends."""
        if request.method == "POST":
            return editor.change(self, request, object_id)
        return page.show(self, request, object_id)

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        delete_segment(actor=get_actor(request), tenant=get_store(request), segment_id=obj.pk)

    @display(description="Segment", header=True)  # type: ignore[untyped-decorator]
    def titled(self, segment: Segment) -> tuple[str, str]:
        """The name, and what it is for."""
        return segment.name, segment.description

    @admin.display(description="Kind")
    def kind_label(self, segment: Segment) -> SafeString:
        """Dynamic or static."""
        return label(segment.kind, "info" if segment.dynamic else "")

    @admin.display(description="Members")
    def members(self, segment: Segment) -> SafeString:
        """How many, and how fresh that is."""
        fresh = segment.fresh  # type: ignore[attr-defined]  # of the list, which reads all at once
        counted = fresh is not None and fresh.as_of is not None
        return format_html(
            '<span class="xeno-stack"><strong>{}</strong><small>{}</small></span>',
            f"{fresh.members_count:,}" if counted else NOTHING,
            short_words(segment, fresh),
        )

    @admin.display(description="30 days, last 7")
    def growth(self, segment: Segment) -> SafeString | str:
        """How many more or fewer than a week ago, and the line of a month."""
        fresh, grown = segment.fresh, segment.grown  # type: ignore[attr-defined]  # of the list
        return growth_label(segment, grown, fresh.members_count if fresh is not None else 0)

    @admin.display(description="Who")
    def asks(self, segment: Segment) -> SafeString | str:
        """What the query says, shortened."""
        if not segment.dynamic:
            return "Put in by hand"
        short = " ".join(segment.query.split())
        short = short if len(short) <= SHORT else f"{short[:SHORT].rstrip()} …"
        return format_html('<code class="xeno-code">{}</code>', short)
