"""What became of each message after it left: the first of each kind that a person made."""

from collections.abc import Collection, Mapping
from datetime import datetime

from campaigns.models import Touch
from xeno.lib.upsert import array, run

KINDS = tuple(Touch.Kind.values)

FIND = """
    SELECT t.message_id, t.kind, min(t.happened_at) FROM campaigns_touch t
    WHERE t.tenant_id = %(tenant)s AND t.message_id = ANY(%(ids)s::bigint[]) AND t.machine = ''
    GROUP BY t.message_id, t.kind
"""


def find_outcomes(
    *, tenant_id: int, message_ids: Collection[int]
) -> Mapping[int, dict[str, datetime]]:
    """For each message when it was first delivered, opened, clicked…, in one statement."""
    found: dict[int, dict[str, datetime]] = {pk: {} for pk in message_ids}
    params = {"tenant": tenant_id, "ids": array(sorted(message_ids))}
    for message_id, kind, moment in run(FIND, params) if found else ():
        found[message_id][kind] = moment
    return found
