"""Who is in a campaign's audience, and what becomes of each: one statement that the plan reads
and the freeze inserts, so that they agree row by row when nothing changed between.

The rules and their order are in docs/decisions/0014-how-a-campaign-goes-out.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from campaigns.local_time import Quiet, moments_of
from campaigns.models import Campaign, SendingSettings
from campaigns.settings import settings_of
from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

PER_PERSON_DAYS = 30  # of the frequency that a person chose themselves
SHARE = 2**32  # of the hash by which people are divided

# In the segments now: members of an included one and of no excluded one.
NOT_EXCLUDED = """
    m.valid_to IS NULL AND NOT EXISTS (
        SELECT FROM segments_segmentmember x
        WHERE x.tenant_id = %(tenant)s AND x.customer_id = m.customer_id
            AND x.segment_id = ANY(%(excluded)s::bigint[]) AND x.valid_to IS NULL
    )
"""
MEMBERS = f"""
    SELECT DISTINCT m.customer_id FROM segments_segmentmember m
    WHERE m.tenant_id = %(tenant)s AND m.segment_id = ANY(%(included)s::bigint[])
        AND {NOT_EXCLUDED}
"""
# Of a page those who are among the next of each segment as its index has them, and who shares an
# address with one of these: enough to say of everybody on it what becomes of them. The addresses
# are an array, which PostgreSQL takes for ten, and not a join, which it took for the whole store.
MEMBERS_OF_PAGE = f"""
    WITH page AS MATERIALIZED (
        SELECT DISTINCT next.customer_id
        FROM unnest(%(included)s::bigint[]) AS included(segment_id) CROSS JOIN LATERAL (
            SELECT m.customer_id FROM segments_segmentmember m
            WHERE m.tenant_id = %(tenant)s AND m.segment_id = included.segment_id
                AND m.customer_id > %(after)s AND {NOT_EXCLUDED}
            ORDER BY m.customer_id LIMIT %(most)s
        ) AS next
        ORDER BY next.customer_id LIMIT %(most)s
    )
    SELECT customer_id FROM page
    UNION
    SELECT other.id FROM customers_customer other
    WHERE other.tenant_id = %(tenant)s AND other.email_search = ANY(ARRAY(
        SELECT c.email_search FROM page
        JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = page.customer_id
        WHERE c.email_search <> ''
    )) AND EXISTS (
        SELECT FROM segments_segmentmember m WHERE m.tenant_id = %(tenant)s
            AND m.segment_id = ANY(%(included)s::bigint[]) AND m.customer_id = other.id
            AND {NOT_EXCLUDED}
    )
"""
# The newest messages of each person, back to the longest time that any rule looks at.
RECENT = """
    SELECT m.customer_id, m.handed_at,
        row_number() OVER (PARTITION BY m.customer_id ORDER BY m.handed_at DESC) AS place
    FROM campaigns_message m
    WHERE m.tenant_id = %(tenant)s AND m.handed_at > %(recent_from)s AND m.customer_id IS NOT NULL
"""
RECENT_OF_PAGE = f"{RECENT} AND m.customer_id = ANY(ARRAY(SELECT customer_id FROM members))"
PEOPLE = """
    SELECT c.id, c.shopify_id, c.email_search AS address, c.country, c.region,
        ('x' || left(md5(%(salt)s || c.shopify_id), 8))::bit(32)::bigint & 4294967295 AS lot,
        ('x' || substr(md5(%(salt)s || c.shopify_id), 9, 8))::bit(32)::bigint
            & 4294967295 AS second_lot,
        CASE
            WHEN COALESCE(c.email_search, '') = '' THEN 'no_address'
            WHEN c.email_consent IS DISTINCT FROM 'subscribed' THEN 'no_consent'
            WHEN s.id IS NOT NULL THEN 'suppressed'
            WHEN unwanted.id IS NOT NULL OR frequency.most = 0 THEN 'not_wanted'
            WHEN pause.id IS NOT NULL THEN 'paused'
        END AS reason,
        pause.until AS paused_until,
        GREATEST(
            capped.handed_at + %(cap)s::interval, often.handed_at + %(own_cap)s::interval
        ) AS free_from
    FROM members
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = members.customer_id
    LEFT JOIN campaigns_suppression s ON s.tenant_id = %(tenant)s AND s.channel = 'email'
        AND s.address = c.email_search
    LEFT JOIN campaigns_preference unwanted ON unwanted.tenant_id = %(tenant)s
        AND unwanted.customer_id = c.id AND unwanted.topic_id = %(topic)s
    LEFT JOIN campaigns_preference pause ON pause.tenant_id = %(tenant)s
        AND pause.customer_id = c.id AND pause.until > %(now)s
    LEFT JOIN campaigns_preference frequency ON frequency.tenant_id = %(tenant)s
        AND frequency.customer_id = c.id AND frequency.most IS NOT NULL
    LEFT JOIN recent capped ON capped.customer_id = c.id AND capped.place = %(cap_messages)s
        AND capped.handed_at > %(now)s::timestamptz - %(cap)s::interval
    LEFT JOIN recent often ON often.customer_id = c.id AND often.place = frequency.most
        AND often.handed_at > %(now)s::timestamptz - %(own_cap)s::interval
"""
# Of several people with one address the one whom Shopify knows longest: of those who may be sent.
RANKED = """
    SELECT people.*,
        CASE WHEN reason IS NULL THEN row_number() OVER (
            PARTITION BY address, reason IS NULL ORDER BY shopify_id
        ) END AS place
    FROM people
"""
DECIDED = """
    SELECT ranked.*, COALESCE(
        reason,
        CASE WHEN place > 1 THEN 'duplicate' END,
        CASE WHEN free_from IS NOT NULL THEN 'capped' END,
        CASE WHEN %(held)s > 0 AND lot < %(held)s THEN 'holdout' END,
        ''
    ) AS why
    FROM ranked
"""
# By the person's own lot, whoever else is in the audience; or, of a test of a planned size, the
# first so many by their lots, in turn, and everybody else waits for the winner. Where all get the
# same, as where nobody is held out, the planner sees that no lot is asked for, and draws none.
DIVIDED = f"""
    CASE WHEN %(shares)s = 1 THEN (%(variants)s::text[])[1]
        ELSE (%(variants)s::text[])[1 + LEAST(second_lot * %(shares)s / {SHARE}, %(shares)s - 1)]
    END
"""
TESTED = """
    CASE WHEN row_number() OVER testing <= %(size)s * %(shares)s
        THEN (%(variants)s::text[])[1 + (row_number() OVER testing - 1) %% %(shares)s]
        ELSE '' END
"""
PLANNED = f"""
    members AS ({{members}}), recent AS ({{recent}}), people AS ({PEOPLE}), ranked AS ({RANKED}),
    decided AS ({DECIDED}),
    planned AS (
        SELECT d.id AS customer_id, NULLIF(d.address, '') AS address,
            CASE d.why WHEN '' THEN 'queued' WHEN 'holdout' THEN 'holdout' ELSE 'skipped' END
                AS state,
            d.why AS reason,
            CASE d.why WHEN 'capped' THEN d.free_from WHEN 'paused' THEN d.paused_until END
                AS free_from,
            CASE WHEN d.why = '' THEN {{variant}} ELSE '' END AS variant,
            COALESCE(places.moment, %(otherwise)s) AS not_before
        FROM decided d
        LEFT JOIN places ON places.country = COALESCE(d.country, '')
            AND places.region = COALESCE(d.region, '')
        WINDOW testing AS (PARTITION BY d.why = '' ORDER BY d.second_lot, d.id)
    )
"""
PLACES = """
    SELECT DISTINCT COALESCE(country, ''), COALESCE(region, '') FROM customers_customer
    WHERE tenant_id = %s AND COALESCE(country, '') <> ''
"""
PLACE_COLUMNS = {"country": "text", "region": "text", "moment": "timestamptz"}
SUMMARY = f"""
    WITH places AS (SELECT * FROM {{places}}), {PLANNED}
    SELECT state, reason, count(*) FROM planned GROUP BY state, reason ORDER BY state, reason
"""
PAGE = f"""
    WITH places AS (SELECT * FROM {{places}}), {PLANNED}
    SELECT customer_id, address, state, reason, free_from, variant, not_before FROM planned
    WHERE customer_id > %(after)s AND (%(reason)s::text IS NULL OR reason = %(reason)s)
    ORDER BY customer_id LIMIT %(most)s
"""
# Nothing of a campaign that has messages: asked once. ON CONFLICT would look for each row twice.
FREEZE = f"""
    WITH places AS (SELECT * FROM {{places}}), {PLANNED}
    INSERT INTO campaigns_message (tenant_id, campaign_id, customer_id, address, state, reason,
        free_from, variant, not_before, attempts)
    SELECT %(tenant)s, %(campaign)s, customer_id, address, state, reason, free_from, variant,
        not_before, 0
    FROM planned
    WHERE NOT EXISTS (
        SELECT FROM campaigns_message WHERE tenant_id = %(tenant)s AND campaign_id = %(campaign)s
    )
    ORDER BY customer_id
"""


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """One row of the plan: what becomes of a person, and why."""

    customer_id: int
    address: str | None
    state: str
    reason: str
    free_from: datetime | None
    variant: str
    not_before: datetime


def summarize(*, tenant: Tenant, campaign: Campaign, now: datetime | None = None) -> dict[str, int]:
    """How many of the audience are `queued`, and how many there are of each other reason."""
    rows = ask(SUMMARY, tenant, campaign, now)
    return {reason or state: count for state, reason, count in rows}


def list_people(
    *,
    tenant: Tenant,
    campaign: Campaign,
    after: int = 0,
    most: int = 50,
    reason: str | None = None,
    now: datetime | None = None,
) -> list[PlannedPerson]:
    """The next rows of the plan by our customer id; `reason` '' shows those who are queued."""
    # Of a test of a planned size everybody's lot counts, and who has a reason may be far away.
    whole = reason is not None or is_tested(campaign)
    rows = ask(PAGE, tenant, campaign, now, whole=whole, after=after, most=most, reason=reason)
    return [PlannedPerson(*row) for row in rows]


def insert_messages(*, tenant: Tenant, campaign: Campaign, now: datetime) -> None:
    """Write the plan as messages, within the caller's transaction; doing it again adds nothing."""
    ask(FREEZE, tenant, campaign, now)


def ask(
    sql: str,
    tenant: Tenant,
    campaign: Campaign,
    now: datetime | None,
    *,
    whole: bool = True,
    **more: Any,
) -> list[tuple[Any, ...]]:
    """Run one of the statements above for the campaign as it would go out now: over the `whole`
    audience, or, of a page, over what its rows depend on."""
    now = now or timezone.now()
    rules = settings_of(tenant)
    scheduled = campaign.scheduled_for or now
    by_recipient = campaign.clock == Campaign.Clock.RECIPIENT
    if not by_recipient:
        scheduled = max(scheduled, now)
    places, named = places_at(tenant, rules, scheduled, now, by_recipient=by_recipient)
    params = {**parameters(tenant, campaign, rules, now), **named, **more}
    text = sql.format(
        places=places,
        members=MEMBERS if whole else MEMBERS_OF_PAGE,
        recent=RECENT if whole else RECENT_OF_PAGE,
        variant=TESTED if is_tested(campaign) else DIVIDED,
    )
    return run(text, {**params, "otherwise": scheduled})


def is_tested(campaign: Campaign) -> bool:
    """Whether its variants are tried on a planned number of people first."""
    return campaign.decided_at_size > 0 and len(campaign.variants) > 0


def parameters(
    tenant: Tenant, campaign: Campaign, rules: SendingSettings, now: datetime
) -> dict[str, Any]:
    """What the statements are given."""
    audiences = list(campaign.audiences.values_list("segment_id", "excluded"))
    cap = timedelta(hours=rules.cap_hours)
    own_cap = timedelta(days=PER_PERSON_DAYS)
    variants = lots_of(campaign)
    return {
        "tenant": tenant.pk,
        "campaign": campaign.pk,
        "included": array([pk for pk, excluded in audiences if not excluded]),
        "excluded": array([pk for pk, excluded in audiences if excluded]),
        "salt": str(campaign.salt),
        "topic": campaign.topic_id,
        "now": now,
        "cap": cap,
        "own_cap": own_cap,
        "recent_from": now - max(cap, own_cap),
        "cap_messages": rules.cap_messages,
        "held": int(campaign.holdout_percent * SHARE / 100),
        "variants": array(variants),
        "shares": len(variants),
        "size": campaign.decided_at_size,
    }


def lots_of(campaign: Campaign) -> list[str]:
    """The variants among which people are divided, evenly."""
    return ["A", *(variant["key"] for variant in campaign.variants)]


def places_at(
    tenant: Tenant,
    rules: SendingSettings,
    scheduled: datetime,
    now: datetime,
    *,
    by_recipient: bool,
) -> tuple[str, dict[str, Any]]:
    """`unnest(…) AS p(country, region, moment)`: when a message may leave for each place in which
    the store has customers; with its named parameters."""
    moments = moments_for(tenant, rules, scheduled, now, by_recipient=by_recipient)
    named = {f"place_{name}": value for name, value in zip(PLACE_COLUMNS, moments, strict=True)}
    places = unnest(PLACE_COLUMNS, "p")
    for name in PLACE_COLUMNS:
        places = places.replace("%s", f"%(place_{name})s", 1)
    return places, named


def quiet_of(rules: SendingSettings) -> Quiet | None:
    """The store's quiet hours, where it has any."""
    if rules.quiet_from is None or rules.quiet_until is None:
        return None
    return Quiet(rules.quiet_from, rules.quiet_until)


def moments_for(
    tenant: Tenant,
    rules: SendingSettings,
    scheduled: datetime,
    now: datetime,
    *,
    by_recipient: bool,
) -> list[str]:
    """When a message may leave for each place in which the store has customers, as arrays."""
    quiet = quiet_of(rules)
    if quiet is None and not by_recipient:
        return arrays(PLACE_COLUMNS, [])
    found = moments_of(
        [("", ""), *run(PLACES, [tenant.pk])],
        scheduled=scheduled,
        now=now,
        store=tenant.zone,
        by_recipient=by_recipient,
        quiet=quiet,
    )
    return arrays(PLACE_COLUMNS, [(*place, moment) for place, moment in found.items()])
