"""How many messages may leave now: true sliding windows of a minute, and the circuit.

The store's row of `SendingState` is the lock: whoever claims holds it until their claim is
committed, so that two workers never fill one window twice.
"""

from campaigns.models import Campaign, SendingSettings
from tenants.models import Tenant
from xeno.lib.leases import lately_sql, over_sql
from xeno.lib.upsert import run, run_at_once

FIRST_PAUSE, LONGEST_PAUSE = 10, 600  # seconds for which an open circuit stays open

LOCK = f"""
    INSERT INTO campaigns_sendingstate (tenant_id) VALUES (%s) ON CONFLICT (tenant_id) DO UPDATE
    SET failures = campaigns_sendingstate.failures
    RETURNING NOT COALESCE({over_sql("open_until", seconds=LONGEST_PAUSE)}, true)
"""
# What was handed over or refused in the window and what is about to be.
LEAVING = f"""
    SELECT count(*), count(*) FILTER (WHERE c.sender_id = %(sender)s)
    FROM (
        SELECT campaign_id FROM campaigns_message
        WHERE tenant_id = %(tenant)s AND {lately_sql("handed_at", seconds=60)}
        UNION ALL
        SELECT campaign_id FROM campaigns_message
        WHERE tenant_id = %(tenant)s AND {lately_sql("refused_at", seconds=60)}
            AND handed_at IS NULL AND state NOT IN ('claimed', 'handing_over')
        UNION ALL
        SELECT m.campaign_id
        FROM campaigns_claim k
        CROSS JOIN unnest(k.message_ids) AS one(id)
        JOIN campaigns_message m ON m.tenant_id = %(tenant)s AND m.id = one.id
            AND m.holder = k.holder AND m.state IN ('claimed', 'handing_over')
        WHERE k.tenant_id = %(tenant)s
    ) AS m
    JOIN campaigns_campaign c ON c.tenant_id = %(tenant)s AND c.id = m.campaign_id
"""


def hold(*, tenant: Tenant) -> bool:
    """Take the store's lock for the caller's transaction; False while its circuit is open."""
    [(is_open,)] = run(LOCK, [tenant.pk])
    return not is_open


def free(*, tenant: Tenant, campaign: Campaign, rules: SendingSettings, most: int) -> int:
    """How many of the campaign's messages may be claimed now, `most` at most; under the lock."""
    by_store = rules.per_minute
    by_sender = campaign.sender.per_minute if campaign.sender else None
    if by_store is None and by_sender is None:
        return most
    [(store, sender)] = run(LEAVING, {"tenant": tenant.pk, "sender": campaign.sender_id})
    left = [most]
    left += [by_store - store] if by_store is not None else []
    left += [by_sender - sender] if by_sender is not None else []
    return min(left)


# A store that never sent has no row yet.
OPEN = f"""
    INSERT INTO campaigns_sendingstate AS s (tenant_id, failures, trouble, open_until)
    VALUES (%(tenant)s, 1, %(trouble)s, clock_timestamp() + interval '{FIRST_PAUSE} seconds')
    ON CONFLICT (tenant_id) DO UPDATE SET failures = s.failures + 1, trouble = %(trouble)s,
        open_until = clock_timestamp() + interval '1 second'
            * LEAST({LONGEST_PAUSE}, {FIRST_PAUSE} * 2 ^ LEAST(s.failures, 10))
"""
CLOSE = """
    UPDATE campaigns_sendingstate SET failures = 0, trouble = '', open_until = NULL
    WHERE tenant_id = %s AND failures > 0
"""


def open_circuit(*, tenant: Tenant, trouble: str) -> None:
    """Hand nothing over for a while, longer each time: the provider cannot be reached."""
    run(OPEN, {"tenant": tenant.pk, "trouble": trouble})


def close_circuit(*, tenant: Tenant) -> None:
    """The provider took a message: all is well again."""
    run_at_once(CLOSE, [tenant.pk])
