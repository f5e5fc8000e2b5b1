"""Customers who go: deleted, merged into others, or erased. Their messages stay to be counted."""

from collections.abc import Collection, Mapping

from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

PAIRS = {"leaving": "bigint", "kept": "bigint"}
# A message goes to the kept one, unless they, or another who is merged into them, have one of that
# campaign. One that waits for nobody is never claimed: it is given up, or its campaign would
# never be finished. Nor is a claimed one handed over: its worker finds the claim gone.
MESSAGES = f"""
    WITH pair AS (SELECT * FROM {unnest(PAIRS)}), found AS (
        SELECT m.id, pair.kept, pair.kept <> 0 AND NOT EXISTS (
                SELECT FROM campaigns_message o WHERE o.tenant_id = m.tenant_id
                    AND o.campaign_id = m.campaign_id AND o.customer_id = pair.kept
            ) AND row_number() OVER (
                PARTITION BY pair.kept, m.campaign_id
                ORDER BY m.state IN ('skipped', 'holdout'), m.id
            ) = 1 AS moves
        FROM campaigns_message m JOIN pair ON pair.leaving = m.customer_id
        WHERE m.tenant_id = %s
    )
    UPDATE campaigns_message m SET
        customer_id = CASE WHEN found.moves THEN found.kept END,
        state = CASE WHEN m.state IN ('queued', 'claimed') AND NOT found.moves
            THEN 'skipped' ELSE m.state END,
        reason = CASE WHEN m.state IN ('queued', 'claimed') AND NOT found.moves
            THEN CASE WHEN found.kept = 0 THEN 'erased' ELSE 'duplicate' END ELSE m.reason END
    FROM found WHERE m.tenant_id = %s AND m.id = found.id
"""
TOUCHES = f"""
    UPDATE campaigns_touch t SET customer_id = NULLIF(pair.kept, 0)
    FROM {unnest(PAIRS, "pair")} WHERE t.tenant_id = %s AND t.customer_id = pair.leaving
"""
# What both said of one thing stands as the kept one said it.
PREFERENCES = f"""
    WITH pair AS (SELECT * FROM {unnest(PAIRS)}), found AS (
        SELECT p.id, pair.kept, row_number() OVER (
                PARTITION BY pair.kept, p.topic_id, p.until IS NULL, p.most IS NULL
                ORDER BY p.changed_at DESC, p.id
            ) = 1 AND NOT EXISTS (
                SELECT FROM campaigns_preference o WHERE o.tenant_id = p.tenant_id
                    AND o.customer_id = pair.kept AND o.topic_id IS NOT DISTINCT FROM p.topic_id
                    AND (o.until IS NULL) = (p.until IS NULL)
                    AND (o.most IS NULL) = (p.most IS NULL)
            ) AS moves
        FROM campaigns_preference p JOIN pair ON pair.leaving = p.customer_id
        WHERE p.tenant_id = %s AND pair.kept <> 0
    )
    UPDATE campaigns_preference p SET customer_id = found.kept
    FROM found WHERE p.tenant_id = %s AND p.id = found.id AND found.moves
"""
FORGET = """
    DELETE FROM campaigns_preference WHERE tenant_id = %s AND customer_id = ANY(%s::bigint[])
"""


def hand_over(*, tenant: Tenant, owners: Mapping[int, int | None]) -> None:
    """Give what leaving customers have to those they were merged into, or to nobody.

    By our ids; within the transaction that deletes the customers.
    """
    if not owners:
        return
    pairs = arrays(PAIRS, sorted((leaving, kept or 0) for leaving, kept in owners.items()))
    run(MESSAGES, [*pairs, tenant.pk, tenant.pk])
    run(TOUCHES, [*pairs, tenant.pk])
    run(PREFERENCES, [*pairs, tenant.pk, tenant.pk])
    run(FORGET, [tenant.pk, array(sorted(owners))])


# A claimed one is not handed over either: its worker finds the claim gone.
GIVE_UP = """
    UPDATE campaigns_message SET state = 'skipped', reason = 'erased', holder = NULL
    WHERE tenant_id = %s AND customer_id = ANY(%s::bigint[]) AND state IN ('queued', 'claimed')
"""
# Of a customer who went before, the address was left.
BLANK = """
    UPDATE campaigns_message SET address = NULL
    WHERE tenant_id = %s AND customer_id IS NULL AND address = ANY(%s::text[])
"""
SUPPRESSIONS = """
    DELETE FROM campaigns_suppression WHERE tenant_id = %s AND address = ANY(%s::text[])
"""
LOCAL_MAIL = """
    DELETE FROM campaigns_localmail WHERE tenant_id = %s AND lower(recipient) = ANY(%s::text[])
"""


def erase(*, tenant: Tenant, customer_ids: Collection[int], addresses: Collection[str]) -> None:
    """Let nothing leave to the person, and nothing stay that only their address leads to.

    Before the walk over the tables empties what their key leads to.
    """
    run(GIVE_UP, [tenant.pk, array(sorted(customer_ids))])
    if addresses:
        lowered = array(sorted({address.lower() for address in addresses}))
        for statement in (BLANK, SUPPRESSIONS, LOCAL_MAIL):
            run(statement, [tenant.pk, lowered])
