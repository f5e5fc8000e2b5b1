"""What became of messages that were handed over, written in batches; and the marks before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tenants.models import Tenant
from xeno.lib.leases import over_sql
from xeno.lib.upsert import array, arrays, run, run_at_once, unnest

CLAIM_SECONDS = 10  # then others may have what was claimed
HAND_OVER_SECONDS = 60  # longer than a few may take: `providers/deadline.py`
MOST_ATTEMPTS = 5
PAUSES = (60, 300, 1_500, 7_500)  # seconds before the next attempt

COLUMNS = {
    "id": "bigint",
    "state": "text",
    "provider_id": "text",
    "code": "text",
    "pause": "integer",
}
SETTLED = f"""
    WITH settled AS (
        UPDATE campaigns_message m SET provider = %s,
            state = CASE WHEN new.state = 'queued' AND m.customer_id IS NULL THEN 'failed'
                ELSE new.state END,
            refused_at = CASE WHEN new.state IN ('failed', 'queued') AND new.code <> ''
                THEN clock_timestamp() ELSE m.refused_at END,
            provider_id = new.provider_id, code = new.code, holder = NULL,
            handed_at = CASE WHEN new.state IN ('sent', 'uncertain') THEN clock_timestamp() END,
            not_before = CASE WHEN new.state = 'queued'
                THEN clock_timestamp() + new.pause * interval '1 second' ELSE m.not_before END
        FROM {unnest(COLUMNS)}
        WHERE m.tenant_id = %s AND m.id = new.id AND m.holder = %s AND m.state = 'handing_over'
    )
"""
# One statement settles the last few and marks the next: both are committed before the provider
# hears of the next, and a message costs a fifth of a commit.
STEP = f"""{SETTLED}, held AS (
        UPDATE campaigns_claim
        SET begun_until = clock_timestamp() + interval '{HAND_OVER_SECONDS} seconds'
        WHERE tenant_id = %s AND holder = %s
            AND NOT {over_sql("lease_until", seconds=CLAIM_SECONDS)}
        RETURNING holder
    )
    UPDATE campaigns_message m SET state = 'handing_over'
    FROM held
    WHERE m.tenant_id = %s AND m.id = ANY(%s::bigint[]) AND m.holder = held.holder
        AND m.state = 'claimed'
    RETURNING m.id
"""
END = f"{SETTLED} DELETE FROM campaigns_claim WHERE tenant_id = %s AND holder = %s"
PROGRESS = """
    UPDATE campaigns_campaign SET progressed_at = clock_timestamp()
    WHERE tenant_id = %s AND id = %s
"""
UNBEGIN = """
    UPDATE campaigns_message SET
        state = CASE WHEN customer_id IS NULL THEN 'skipped' ELSE 'queued' END,
        reason = CASE WHEN customer_id IS NULL THEN 'erased' ELSE reason END,
        holder = NULL, claimed_at = NULL, attempts = attempts - 1
    WHERE tenant_id = %s AND holder = %s AND state = 'handing_over' AND id = ANY(%s::bigint[])
"""
# A worker that still waits for the provider's word finds its message settled, and leaves it so.
ARRIVED = """
    UPDATE campaigns_message SET state = 'sent', code = '', holder = NULL,
        handed_at = COALESCE(handed_at, claimed_at, clock_timestamp())
    WHERE tenant_id = %s AND id = ANY(%s::bigint[]) AND state IN ('uncertain', 'handing_over')
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the provider said of one message.

    `state` is sent, failed, uncertain, or queued for one that it will take later.
    """

    id: int
    state: str
    provider_id: str = ""
    code: str = ""


def step(
    *,
    tenant: Tenant,
    holder: UUID,
    provider: str,
    outcomes: Sequence[Outcome],
    attempts: dict[int, int],
    following: Sequence[int] = (),
    ending: bool = False,
) -> set[int]:
    """Write what became of the last few, and mark that the `following` are handed over now.

    Gives those of them whose lease still held: the provider may hear of no other. `attempts`
    counts the present one of each message; after the last one, later is failed. `ending` says
    that with these all of the claim is settled: it ends.

    Marks are awaited to be on disk. What only settles is not: a crash of the server makes those few
    uncertain, as it would have done a moment earlier.
    """
    rows = [row_of(outcome, attempts[outcome.id]) for outcome in outcomes]
    settled = [provider, *arrays(COLUMNS, rows), tenant.pk, holder]
    if ending:
        run_at_once(END, [*settled, tenant.pk, holder], awaited=False)
        return set()
    params = [*settled, tenant.pk, holder, tenant.pk, array(list(following))]
    begun = run_at_once(STEP, params, awaited=bool(following))
    return {pk for (pk,) in begun}


def unbegin(*, tenant: Tenant, holder: UUID, ids: Sequence[int]) -> None:
    """Queue again what was marked and of which the provider has heard nothing."""
    run(UNBEGIN, [tenant.pk, holder, array(list(ids))])


def settle_arrived(*, tenant: Tenant, message_ids: Sequence[int]) -> None:
    """These reached their people, as what came back of them proves: sent, if that was open."""
    run(ARRIVED, [tenant.pk, array(list(message_ids))])


def note_progress(*, tenant: Tenant, campaign_id: int) -> None:
    """Say that the campaign goes on."""
    run_at_once(PROGRESS, [tenant.pk, campaign_id], awaited=False)


def row_of(outcome: Outcome, attempt: int) -> tuple[int, str, str, str, int]:
    """One row of `COLUMNS`."""
    state, pause = outcome.state, 0
    if state == "queued":
        if attempt >= MOST_ATTEMPTS:
            state = "failed"
        else:
            pause = PAUSES[min(attempt, len(PAUSES)) - 1]
    return outcome.id, state, outcome.provider_id, outcome.code, pause
