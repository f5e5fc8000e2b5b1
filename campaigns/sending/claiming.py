"""Claims: a few messages for one worker and a few seconds, their consent read again.

Two statements in one transaction: the first takes rows that nobody else has, the second, which
sees everything committed until now, says who must not be written to any more. So nobody is
claimed after their unsubscribe is committed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from campaigns.audience import PER_PERSON_DAYS, quiet_of
from campaigns.local_time import Quiet, quiet_until
from campaigns.models import Campaign, SendingSettings
from campaigns.sending import rates
from campaigns.sending.settling import CLAIM_SECONDS, HAND_OVER_SECONDS
from campaigns.settings import settings_of
from tenants.models import Tenant
from xeno.lib.leases import over_sql
from xeno.lib.upsert import array, arrays, open_small, run, run_at_once, unnest

MOST = 100
MOST_TAKES = 50  # where all who come next are in their quiet hours; then the next turn looks on
SECONDS = CLAIM_SECONDS

TAKE = """
    SELECT m.id FROM campaigns_message m
    WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s
        AND m.phase = 'open' AND m.state = 'queued' AND m.variant <> ''
        AND m.not_before <= clock_timestamp() AND m.customer_id IS NOT NULL
        AND EXISTS (
            SELECT FROM campaigns_campaign c WHERE c.tenant_id = %(tenant)s
                AND c.id = %(campaign)s AND c.state = 'sending'
        )
    ORDER BY m.not_before, m.id LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
"""
PLACES = """
    SELECT m.id, COALESCE(c.country, ''), COALESCE(c.region, ''), clock_timestamp()
    FROM campaigns_message m
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = m.customer_id
    WHERE m.tenant_id = %(tenant)s AND m.id = ANY(%(ids)s::bigint[])
"""
WAITING = {"id": "bigint", "until": "timestamptz"}
PUT_OFF = f"""
    UPDATE campaigns_message m SET not_before = new.until
    FROM {unnest(WAITING)} WHERE m.tenant_id = %s AND m.id = new.id
"""
# Why somebody must not be written to any more; the same rules as the plan's, in its order.
REFUSED = """
    SELECT m.id, CASE
            WHEN c.email_search IS NULL OR c.email_search <> m.address THEN 'no_address'
            WHEN c.email_consent IS DISTINCT FROM 'subscribed' THEN 'no_consent'
            WHEN EXISTS (
                SELECT FROM campaigns_suppression s WHERE s.tenant_id = %(tenant)s
                    AND s.channel = 'email' AND s.address = m.address
            ) THEN 'suppressed'
            WHEN wish.unwanted THEN 'not_wanted'
            WHEN wish.until > clock_timestamp() THEN 'paused'
            WHEN %(cap)s::interval > interval '0' AND %(cap_messages)s <= (
                SELECT count(*) FROM campaigns_message o WHERE o.tenant_id = %(tenant)s
                    AND o.customer_id = m.customer_id AND o.campaign_id <> m.campaign_id
                    AND (o.handed_at > clock_timestamp() - %(cap)s::interval
                        OR o.state IN ('claimed', 'handing_over'))
            ) THEN 'capped'
            WHEN wish.most <= (
                SELECT count(*) FROM campaigns_message o WHERE o.tenant_id = %(tenant)s
                    AND o.customer_id = m.customer_id AND o.campaign_id <> m.campaign_id
                    AND (o.handed_at > clock_timestamp() - %(own_cap)s::interval
                        OR o.state IN ('claimed', 'handing_over'))
            ) THEN 'capped'
        END AS reason
    FROM campaigns_message m
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = m.customer_id
    CROSS JOIN LATERAL (
        SELECT bool_or(topic_id = %(topic)s OR most = 0) AS unwanted, max(until) AS until,
            min(most) AS most
        FROM campaigns_preference
        WHERE tenant_id = %(tenant)s AND customer_id = m.customer_id
    ) AS wish
    WHERE m.tenant_id = %(tenant)s AND m.id = ANY(%(ids)s::bigint[])
"""
# From when on they may be written to: as the plan reckons it, and by what is at work now at most
# the store's whole time.
FREE_FROM = """
    CASE l.reason
        WHEN 'paused' THEN (
            SELECT max(p.until) FROM campaigns_preference p
            WHERE p.tenant_id = %(tenant)s AND p.customer_id = m.customer_id
        )
        WHEN 'capped' THEN COALESCE(GREATEST(
            (
                SELECT o.handed_at + %(cap)s::interval FROM campaigns_message o
                WHERE o.tenant_id = %(tenant)s AND o.customer_id = m.customer_id
                    AND o.campaign_id <> m.campaign_id
                    AND o.handed_at > clock_timestamp() - %(cap)s::interval
                ORDER BY o.handed_at DESC OFFSET GREATEST(%(cap_messages)s - 1, 0) LIMIT 1
            ),
            (
                SELECT o.handed_at + %(own_cap)s::interval FROM campaigns_preference p
                CROSS JOIN LATERAL (
                    SELECT handed_at FROM campaigns_message o
                    WHERE o.tenant_id = %(tenant)s AND o.customer_id = m.customer_id
                        AND o.campaign_id <> m.campaign_id
                        AND o.handed_at > clock_timestamp() - %(own_cap)s::interval
                    ORDER BY o.handed_at DESC OFFSET GREATEST(p.most - 1, 0) LIMIT 1
                ) AS o
                WHERE p.tenant_id = %(tenant)s AND p.customer_id = m.customer_id
                    AND p.most IS NOT NULL
                ORDER BY o.handed_at DESC LIMIT 1
            )
        ), clock_timestamp() + %(cap)s::interval)
    END
"""
# `claimed_at` is the statement's begin: whoever said no before it is seen to have done so.
SETTLE = f"""
    WITH looked_at AS MATERIALIZED ({REFUSED}), settled AS (
        UPDATE campaigns_message m SET
            state = CASE WHEN l.reason IS NULL THEN 'claimed' ELSE 'skipped' END,
            reason = COALESCE(l.reason, ''),
            free_from = {FREE_FROM},
            attempts = m.attempts + CASE WHEN l.reason IS NULL THEN 1 ELSE 0 END,
            holder = CASE WHEN l.reason IS NULL THEN %(holder)s::uuid END,
            claimed_at = CASE WHEN l.reason IS NULL THEN statement_timestamp() END
        FROM looked_at l
        WHERE m.tenant_id = %(tenant)s AND m.id = l.id
        RETURNING m.id, m.state, m.customer_id, m.address, m.variant, m.attempts
    ), claimed AS (
        INSERT INTO campaigns_claim (tenant_id, holder, message_ids, lease_until)
        SELECT %(tenant)s, %(holder)s::uuid, array_agg(id),
            clock_timestamp() + interval '{SECONDS} seconds'
        FROM settled WHERE state = 'claimed' HAVING count(*) > 0
    )
    SELECT id, customer_id, address, variant, attempts FROM settled WHERE state = 'claimed'
"""
SETTLE = " ".join(SETTLE.split())  # psycopg reads one of more than 4,096 letters anew each time


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message that this worker may hand over until its lease ends."""

    id: int
    customer_id: int
    address: str
    variant: str
    attempts: int


@transaction.atomic
def claim(
    *,
    tenant: Tenant,
    campaign: Campaign,
    holder: UUID,
    rules: SendingSettings | None = None,
    most: int = MOST,
) -> list[Claimed]:
    """The next messages of the campaign, with their attempt counted; [] when none may leave now.

    Fewer than `most` where the store's or the sender's rate allows no more in this minute. The
    store's `rules` are read here, or were once for all the claims of a turn.
    """
    # Planning its statements anew would cost a tenth of it. Nor is the disk awaited: a mark is, and
    # with it the claim is there; a crash between the two leaves the messages queued.
    open_small(awaited=False)
    if not rates.hold(tenant=tenant):
        return []
    rules = rules or settings_of(tenant)
    free = rates.free(tenant=tenant, campaign=campaign, rules=rules, most=most)
    if free <= 0:
        return []
    params: dict[str, Any] = {"tenant": tenant.pk, "campaign": campaign.pk, "most": free}
    ids = take(tenant, params, quiet_of(rules))
    if not ids:
        return []
    params |= {
        "ids": array(ids),
        "holder": holder,
        "topic": campaign.topic_id,
        "cap_messages": rules.cap_messages,
        "cap": timedelta(hours=rules.cap_hours),
        "own_cap": timedelta(days=PER_PERSON_DAYS),
    }
    return [Claimed(*row) for row in sorted(run(SETTLE, params))]


def take(tenant: Tenant, params: dict[str, Any], quiet: Quiet | None) -> list[int]:
    """Messages that nobody else has and whose people are not in their quiet hours; who is, waits
    for the end of these."""
    for _ in range(MOST_TAKES):
        ids = [pk for (pk,) in run(TAKE, params)]
        if quiet is None or not ids:
            return ids
        waiting = {
            pk: until
            for pk, *place, now in run(PLACES, {**params, "ids": array(ids)})
            if (until := quiet_until((place[0], place[1]), now=now, store=tenant.zone, quiet=quiet))
        }
        if not waiting:
            return ids
        run(PUT_OFF, [*arrays(WAITING, sorted(waiting.items())), tenant.pk])
        if awake := [pk for pk in ids if pk not in waiting]:
            return awake
    return []


# What is begun and not settled stays in the claim, for whoever takes up what dead workers left.
GIVE_BACK = """
    WITH given AS (
        UPDATE campaigns_message SET state = 'queued', holder = NULL, claimed_at = NULL,
            attempts = attempts - 1
        WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s::bigint[]) AND holder = %(holder)s
            AND state = 'claimed'
    )
    DELETE FROM campaigns_claim c WHERE c.tenant_id = %(tenant)s AND c.holder = %(holder)s
        AND NOT EXISTS (
            SELECT FROM campaigns_message m WHERE m.tenant_id = %(tenant)s
                AND m.id = ANY(%(ids)s::bigint[]) AND m.holder = %(holder)s
                AND m.state = 'handing_over'
        )
"""


def give_back(*, tenant: Tenant, holder: UUID, ids: Collection[int]) -> None:
    """End a claim: of those that are not settled, what was not begun is queued, with no attempt
    used.

    Where a crash undoes it, the claim ends by itself with its lease.
    """
    params = {"tenant": tenant.pk, "holder": holder, "ids": array(list(ids))}
    run_at_once(GIVE_BACK, params, awaited=False)


# By the database's clock alone: a worker's may be off by days. Whoever marks messages writes the
# claim first, so that either they are marked before this looks, or the claim is gone.
REAP = f"""
    WITH over AS (
        SELECT * FROM (
            SELECT id, holder, message_ids,
                {over_sql("lease_until", seconds=CLAIM_SECONDS)} AS unbegun,
                COALESCE({over_sql("begun_until", seconds=HAND_OVER_SECONDS)}, true) AS begun
            FROM campaigns_claim WHERE tenant_id = %(tenant)s
            FOR UPDATE SKIP LOCKED
        ) AS claim WHERE unbegun
    ), taken AS (
        UPDATE campaigns_message m SET
            state = CASE m.state WHEN 'claimed' THEN 'queued' ELSE 'uncertain' END,
            code = CASE m.state WHEN 'claimed' THEN m.code ELSE 'worker_died' END,
            handed_at = CASE m.state WHEN 'claimed' THEN NULL
                ELSE COALESCE(m.handed_at, m.claimed_at, clock_timestamp()) END,
            holder = NULL
        FROM over
        WHERE m.tenant_id = %(tenant)s AND m.id = ANY(over.message_ids) AND m.holder = over.holder
            AND (m.state = 'claimed' OR m.state = 'handing_over' AND over.begun)
        RETURNING m.id
    ), ended AS (
        DELETE FROM campaigns_claim c USING over
        WHERE c.tenant_id = %(tenant)s AND c.id = over.id AND over.begun
    )
    SELECT count(*) FROM taken
"""


def reap(*, tenant: Tenant) -> int:
    """Take up what dead workers left: claimed is queued again, begun is uncertain; how many."""
    [(count,)] = run(REAP, {"tenant": tenant.pk})
    return int(count)
