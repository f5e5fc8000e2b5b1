"""How far the store has come and how its connection stands: one statement for the home page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.shopify.standing import State, standing_of
from xeno.dashboard.home.cards import Card
from xeno.lib.upsert import run

MOST_COUNTED = 1_000
LATE_SECONDS = 60  # that a webhook may wait before it is said in red

STANDING = f"""
    SELECT (
        SELECT received_at FROM webhooks_delivery WHERE tenant_id = %(tenant)s
        ORDER BY id DESC LIMIT 1
    ), (
        SELECT received_at FROM webhooks_delivery
        WHERE tenant_id = %(tenant)s AND state = 'pending' ORDER BY id LIMIT 1
    ), (
        SELECT count(*) FROM (
            SELECT FROM webhooks_delivery WHERE tenant_id = %(tenant)s AND state = 'parked'
            LIMIT {MOST_COUNTED + 1}
        ) AS parked
    ), (
        SELECT state FROM webhooks_sync WHERE tenant_id = %(tenant)s AND kind = 'history'
        ORDER BY id DESC LIMIT 1
    ),
    EXISTS (SELECT FROM orders_order WHERE tenant_id = %(tenant)s),
    EXISTS (
        SELECT FROM segments_segment WHERE tenant_id = %(tenant)s AND deleted_at IS NULL
    ),
    EXISTS (
        SELECT FROM campaigns_campaign WHERE tenant_id = %(tenant)s AND frozen_at IS NOT NULL
    ), (
        SELECT COALESCE(min(stale_since) < clock_timestamp() - interval '1 minute', false)
        FROM orders_stalestretch WHERE tenant_id = %(tenant)s AND unit = 'day'
    )
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of the store already."""

    heard_at: datetime | None  # when the last webhook came
    waits_since: datetime | None  # the oldest that is not applied; None: all are
    parked: int
    sync: str | None  # the state of the newest sync of the history
    has_orders: bool
    has_segment: bool
    has_campaign: bool  # one whose audience was frozen: it was sent, or is being sent
    numbers_wait: bool  # days are being recounted, and have been for a while


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps."""

    title: str
    note: str
    href: str
    button: str
    done: bool
    waits: bool = False  # something else does it, and shows how far it is


def find_standing(store: Tenant) -> Standing:
    """How the store stands, in one query."""
    return Standing(*run(STANDING, {"tenant": store.pk})[0])


def connection_card(store: Tenant, standing: Standing) -> Card:
    """What ails the connection, or else what came of it: how far applying is behind, and what
    was set aside."""
    heard, stands = standing.heard_at, standing_of(store)
    came = f"Last webhook {timesince(heard, depth=1)} ago" if heard else "No webhook has come yet"
    late = lag_seconds(standing) > LATE_SECONDS
    counted = f"{MOST_COUNTED:,}+" if standing.parked > MOST_COUNTED else f"{standing.parked:,}"
    parked = f"{counted} parked" if standing.parked else ""
    if stands.state != State.CONNECTED:
        return Card(
            "Connection",
            stands.state.label.capitalize(),
            note=" · ".join(filter(None, [came, lag_words(standing), parked])),
            href=reverse("admin:connection"),
            warn=bool(stands.kind),  # who never connected has lost nothing
        )
    return Card(
        "Connection",
        (parked or ("Late" if late else "Healthy")) if heard else "Quiet",
        note=f"{came} · {lag_words(standing)}",
        href=reverse("admin:webhooks_delivery_changelist"),
        warn=bool(parked) or late,
    )


def lag_seconds(standing: Standing) -> float:
    """How long the oldest webhook that is not applied has waited."""
    since = standing.waits_since
    return (timezone.now() - since).total_seconds() if since else 0.0


def lag_words(standing: Standing) -> str:
    """The lag, as people say it."""
    seconds = lag_seconds(standing)
    if standing.waits_since is None:
        return "nothing waits"
    if seconds < LATE_SECONDS:
        return f"{seconds:.0f} s behind"
    return f"{timesince(standing.waits_since, depth=1)} behind"


def first_steps(request: HttpRequest, store: Tenant, standing: Standing) -> list[Step]:
    """What is left of the way to the first campaign; nothing once all is done or waved away."""
    if store.steps_dismissed_at is not None:
        return []
    connected = standing_of(store).connected
    loading = standing.sync == "running"
    every = [
        (
            Right.MANAGE_STORE,
            Step(
                "Connect the store to Shopify",
                "Customers, orders and products come by themselves from then on.",
                reverse("admin:connection"), "Connect", connected,
            ),
        ),
        (
            Right.MANAGE_STORE,
            Step(
                "Wait for the history",
                "What was before is being read; you can look around meanwhile."
                if loading else "Everything from before the connection, read once.",
                reverse("admin:connection"), "See the connection",
                not loading and (standing.sync == "done" or store.history_complete), loading,
            ),
        ),
        (
            Right.EDIT_SEGMENTS,
            Step(
                "Make your first segment",
                "Who bought twice, who has not come back, who lives nearby: start from a template.",
                reverse("admin:segments_segment_templates"), "Choose a template",
                standing.has_segment,
            ),
        ),
        (
            Right.EDIT_CAMPAIGNS,
            Step(
                "Send your first campaign",
                "Write to a segment, see who would get it, then send it or set a time.",
                reverse("admin:campaigns_campaign_add"), "Write one",
                standing.has_campaign,
            ),
        ),
    ]  # fmt: skip
    steps = [step for right, step in every if holds(request, right)]
    return steps if any(not step.done for step in steps) else []


def steps_context(request: HttpRequest, store: Tenant, standing: Standing) -> dict[str, Any]:
    """The list, how much of it is done, and whether this person may wave it away."""
    steps = first_steps(request, store, standing)
    return {
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "next_step": next((step for step in steps if not step.done and not step.waits), None),
        "dismisses": holds(request, Right.MANAGE_STORE),
    }
