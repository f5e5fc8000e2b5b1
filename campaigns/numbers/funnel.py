"""From everybody who was planned to those who acted, by variant; and each link.

A person counts once for each kind of thing that they did. What machines did (scanners of links,
mailboxes that fetch pictures) is counted apart, and is part of no rate.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from campaigns.models import Touch
from tenants.models import Tenant
from xeno.lib.upsert import array, run

MOST_LINKS = 200
KINDS = tuple(Touch.Kind.values)
WAITING = ("queued", "claimed", "handing_over")

STATES = """
    SELECT m.campaign_id, m.variant, m.state, m.reason, count(*)
    FROM campaigns_message m
    WHERE m.tenant_id = %(tenant)s AND m.campaign_id = ANY(%(campaigns)s::bigint[])
    GROUP BY m.campaign_id, m.variant, m.state, m.reason
"""
# `within` after the freeze, so that an older campaign can be seen at a younger one's age.
TOUCHED = """
    SELECT t.campaign_id, m.variant, t.kind,
        count(DISTINCT t.message_id) FILTER (WHERE t.machine = ''),
        count(DISTINCT t.message_id) FILTER (WHERE t.machine <> '')
    FROM campaigns_touch t
    JOIN campaigns_campaign c ON c.tenant_id = %(tenant)s AND c.id = t.campaign_id
    JOIN campaigns_message m ON m.tenant_id = %(tenant)s AND m.id = t.message_id
    WHERE t.tenant_id = %(tenant)s AND t.campaign_id = ANY(%(campaigns)s::bigint[])
        AND (%(within)s::interval IS NULL OR t.happened_at < c.frozen_at + %(within)s::interval)
    GROUP BY t.campaign_id, m.variant, t.kind
"""
LINKS = f"""
    SELECT l.url, count(DISTINCT t.message_id) FILTER (WHERE t.machine = ''),
        count(t.id) FILTER (WHERE t.machine = ''),
        count(DISTINCT t.message_id) FILTER (WHERE t.machine <> '')
    FROM campaigns_link l
    LEFT JOIN campaigns_touch t ON t.tenant_id = %(tenant)s AND t.campaign_id = %(campaign)s
        AND t.kind = 'clicked' AND t.link_id = l.id
    WHERE l.tenant_id = %(tenant)s AND l.campaign_id = %(campaign)s
    GROUP BY l.id ORDER BY l.position, l.id LIMIT {MOST_LINKS}
"""


@dataclass(slots=True)
class Touched:
    """How many people did it, and of how many messages a machine did."""

    people: int = 0
    machines: int = 0


@dataclass(slots=True)
class Funnel:
    """Messages of a campaign, or of one of its variants, by how far they came."""

    planned: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    holdout: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    touched: dict[str, Touched] = field(default_factory=lambda: {kind: Touched() for kind in KINDS})

    def add_messages(self, state: str, reason: str, count: int) -> None:
        """Count so many messages of one state."""
        self.planned += count
        if state == "skipped":
            self.skipped[reason] = self.skipped.get(reason, 0) + count
        else:
            name = "waiting" if state in WAITING else state
            setattr(self, name, getattr(self, name) + count)

    def add(self, other: "Funnel") -> None:
        """Count the other's too."""
        for name in ("planned", "waiting", "sent", "failed", "uncertain", "holdout"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, count in other.skipped.items():
            self.skipped[reason] = self.skipped.get(reason, 0) + count
        for kind, touched in other.touched.items():
            self.touched[kind].people += touched.people
            self.touched[kind].machines += touched.machines

    def rate(self, kind: str) -> float | None:
        """The share of those who got it who did it; None where nobody got it."""
        return self.touched[kind].people / self.sent if self.sent else None


Funnels = dict[int, dict[str, Funnel]]


def find_funnels(
    *, tenant: Tenant, campaign_ids: Collection[int], within: timedelta | None = None
) -> Funnels:
    """For each campaign its funnels by variant, '' for who has none, in two statements."""
    found: Funnels = {pk: {} for pk in campaign_ids}
    params = {"tenant": tenant.pk, "campaigns": array(sorted(campaign_ids)), "within": within}
    for pk, variant, state, reason, count in run(STATES, params):
        found[pk].setdefault(variant, Funnel()).add_messages(state, reason, count)
    for pk, variant, kind, people, machines in run(TOUCHED, params):
        funnel = found[pk].setdefault(variant, Funnel())
        funnel.touched[kind] = Touched(people, machines)
    return found


def total_of(funnels: Iterable[Funnel]) -> Funnel:
    """All of them as one."""
    whole = Funnel()
    for funnel in funnels:
        whole.add(funnel)
    return whole


@dataclass(frozen=True, slots=True)
class LinkClicks:
    """Who clicked one link, how often, and how many machines."""

    url: str
    people: int
    clicks: int
    machines: int


def find_links(*, tenant: Tenant, campaign_id: int) -> list[LinkClicks]:
    """Each link in the order of the message, at most so many."""
    rows = run(LINKS, {"tenant": tenant.pk, "campaign": campaign_id})
    return [LinkClicks(*row) for row in rows]
