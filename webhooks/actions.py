"""What staff and operators do with the inbox."""

from collections.abc import Sequence

from django.db import transaction

from tenants.models import Tenant
from webhooks.models import Delivery, State
from webhooks.nudge import send


def replay_deliveries(
    *,
    tenant: Tenant,
    delivery_ids: Sequence[int] | None = None,
    states: Sequence[str] = (State.PARKED,),
) -> int:
    """Put deliveries back in the inbox, all of these states or the named ones; gives how many.

    Applying again is harmless: an older word never overwrites a newer one.
    """
    chosen = Delivery.objects.filter(state__in=states)
    if delivery_ids is not None:
        chosen = Delivery.objects.filter(pk__in=delivery_ids).exclude(state=State.PENDING)
    # A body that was dropped, or blanked because of somebody in it, cannot be applied again.
    count = chosen.exclude(body=b"").update(
        state=State.PENDING, attempts=0, code="", reason="", waits_for="", done_at=None
    )
    transaction.on_commit(lambda: send({tenant.pk}))
    return count
