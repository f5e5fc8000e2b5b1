"""Syncs in the admin: how far each is, what a reconciliation found, and three buttons."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from tenants.audit import Actor, get_actor
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import NOTHING, Panel, label, moment
from tenants.scoping.filtering import ChoiceFilter
from tenants.scoping.next_steps import SEE_CONNECTION
from tenants.shopify.errors import words_of
from webhooks.admin_base import WorkAdmin
from webhooks.backfill.models import Sync, SyncPart
from webhooks.reconciliation import ledger
from webhooks.reconciliation.models import Finding
from webhooks.reconciliation.ordering import cancel_order, order_sync
from xeno.lib.errors import Mistake

STATE_KINDS = {
    Sync.State.RUNNING: "info",
    Sync.State.DONE: "success",
    Sync.State.FAILED: "danger",
}
PART_KINDS: dict[str, str] = {SyncPart.State.DONE: "success", SyncPart.State.APPLYING: "info"}
MOST_SHOWN = 200

Order = Callable[[Actor, Tenant], Sync]
# What a button orders, and what is said when it was done.
ORDERS: dict[str, tuple[Order, str]] = {
    "begin": (
        lambda actor, store: order_sync(actor=actor, tenant=store),
        "The whole history is being fetched.",
    ),
    "reconcile": (
        lambda actor, store: order_sync(actor=actor, tenant=store, kind="reconciliation"),
        "What changed since the last good sync is being compared.",
    ),
    "cancel": (
        lambda actor, store: cancel_order(actor=actor, tenant=store),
        "The sync is cancelled; what it brought stays.",
    ),
}


@admin.register(Sync)
class SyncAdmin(WorkAdmin[Sync]):
    """With buttons; `why` says why it failed, or what it waits for."""

    state_kinds = STATE_KINDS
    empty_text = "A sync begins as soon as the store is connected to Shopify."
    next_step = SEE_CONNECTION
    list_display = ("kind", "what_became", "progress", "found", "started", "finished", "why")
    list_filter = (ChoiceFilter.of("kind", Sync.Kind.choices),)
    list_before_template = "admin/sync_buttons.html"
    fields = (
        ("kind", "what_became"), ("started", "finished"), ("from_when", "started_by"), "why",
    )  # fmt: skip
    labels = {"started_by": "Started by"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sync]:
        parts = Prefetch("parts", SyncPart.objects.order_by("pk"))
        return super().get_queryset(request).prefetch_related(parts, "ledger")

    def get_urls(self) -> list[Any]:
        own = [
            path(
                f"{name}/",
                self.admin_site.admin_view(require_POST(self.answer_to(name))),
                name=f"webhooks_sync_{name}",
            )
            for name in ORDERS
        ]
        return [*own, *super().get_urls()]

    def answer_to(self, name: str) -> Callable[[HttpRequest], HttpResponse]:
        """The view of one button."""

        def view(request: HttpRequest) -> HttpResponse:
            if not holds(request, Right.MANAGE_STORE):
                raise PermissionDenied
            order, said = ORDERS[name]
            try:
                order(get_actor(request), get_store(request))
            except Mistake as mistake:
                messages.error(request, str(mistake))
            else:
                messages.success(request, said)
            return HttpResponseRedirect(reverse("admin:webhooks_sync_changelist"))

        return view

    def panels(self, request: HttpRequest, obj: Sync) -> Iterable[Panel]:
        yield Panel(
            "Parts",
            ("What", "State", "Progress", "Applied", "Unreadable"),
            [
                (
                    part.get_kind_display(),
                    label(part.get_state_display(), PART_KINDS.get(part.state, "")),
                    bar(part.applied, part.total or 0),
                    f"{part.applied:,}" + (f" of {part.total:,}" if part.total else ""),
                    f"{part.unreadable:,}",
                )
                for part in obj.parts.all()
            ],
            Right.MANAGE_STORE,
        )
        if obj.kind == Sync.Kind.RECONCILIATION:
            yield ledger_panel(obj)
            yield findings_panel(obj)

    def explain(self, row: Sync) -> str:
        return words_of(row.trouble) if row.trouble else ""

    @admin.display(description="Progress")
    def progress(self, sync: Sync) -> SafeString | str:
        """How much of it is applied."""
        return bar(sync.percent, 100)

    @admin.display(description="Found")
    def found(self, sync: Sync) -> SafeString | str:
        """How many things were off, and whether they still are."""
        if sync.kind != Sync.Kind.RECONCILIATION:
            return NOTHING
        lines = list(sync.ledger.all())
        if not lines and sync.state != Sync.State.DONE:
            return NOTHING  # it has not looked
        number = sum(line.found for line in lines)
        if not all(line.settled for line in lines):
            return label(f"{number:,}, not all mended", "danger")
        return label(f"{number:,} mended", "warning") if number else label("in step", "success")

    @admin.display(description="Started")
    def started(self, sync: Sync) -> str:
        """When it began, in the store's time zone."""
        return moment(sync.started_at)

    @admin.display(description="Finished")
    def finished(self, sync: Sync) -> str:
        """When it ended."""
        return moment(sync.finished_at)

    @admin.display(description="Everything that changed since")
    def from_when(self, sync: Sync) -> str:
        """Its mark."""
        return moment(sync.since) if sync.since else "the beginning"


def bar(done: int, total: int) -> SafeString | str:
    """A bar that says its share in words too."""
    if not total:
        return NOTHING
    percent = min(100, 100 * done // total)
    return format_html(
        '<progress class="xeno-progress" max="100" value="{}">{} %</progress> {} %',
        percent,
        percent,
        percent,
    )


def ledger_panel(sync: Sync) -> Panel:
    """What was off, kind by kind."""
    return Panel(
        "Ledger",
        ("What", "Missing", "Late", "Different", "Gone", "Not mended", "Here", "In Shopify"),
        [
            (
                line.get_kind_display(),
                *(f"{n:,}" for n in (line.missing, line.late, line.different, line.extra)),
                label(f"{line.unmended:,}", "danger") if line.unmended else "0",
                NOTHING if line.here is None else f"{line.here:,}",
                NOTHING if line.there is None else f"{line.there:,}",
            )
            for line in ledger.lines_of(sync)
        ],
        Right.MANAGE_STORE,
        note="Late: Shopify had a newer state. Different: the same moment, other values.",
    )


def findings_panel(sync: Sync) -> Panel:
    """The first of them one by one."""
    findings = list(Finding.objects.filter(sync=sync).order_by("pk")[: MOST_SHOWN + 1])
    return Panel(
        "What was off",
        ("What", "Shopify's id", "Trouble", "Fields", "Mended"),
        [
            (
                finding.get_kind_display(),
                finding.shopify_id,
                finding.get_trouble_display(),
                ", ".join(finding.fields) or NOTHING,
                "yes" if finding.mended else label("no", "danger"),
            )
            for finding in findings[:MOST_SHOWN]
        ],
        Right.MANAGE_STORE,
        note="There are more." if len(findings) > MOST_SHOWN else "",
    )
