"""Privacy requests as they come in, and as they are taken, put off and done."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import Tenant
from webhooks.mapping.privacy import PrivacyData
from webhooks.privacy.bodies import blank_these
from webhooks.privacy.models import PrivacyRequest
from xeno.lib.leases import is_free

DEADLINE = timedelta(days=30)
LEASE = timedelta(minutes=10)  # the task's own time limit, so that no two work one request
FIRST_PAUSE, LONGEST_PAUSE = 30, 3600  # seconds


def save_requests(*, tenant: Tenant, requests: Sequence[PrivacyData]) -> None:
    """Write down what was asked for, each delivery once, and each person once that staff want
    erased; workers are told after the commit."""
    if not requests:
        return
    due = timezone.now() + DEADLINE
    PrivacyRequest.objects.bulk_create(
        [
            PrivacyRequest(
                tenant_id=tenant.pk,
                kind=asked.kind,
                origin=asked.origin,
                customer_shopify_id=asked.customer_id,
                emails=sorted(asked.person.emails),
                phones=sorted(asked.person.phones),
                order_ids=list(asked.order_ids),
                delivery_id=asked.delivery_id,
                triggered_at=asked.triggered_at,
                due_at=due,
            )
            for asked in requests
        ],
        ignore_conflicts=True,
    )
    # robust: the rows are the queue, and the sweep finds them.
    transaction.on_commit(lambda: tell_worker(tenant), robust=True)


def tell_worker(tenant: Tenant) -> None:
    """Have a worker look at the store's requests."""
    from webhooks.privacy.tasks import work_privacy

    work_privacy.delay(tenant.pk)


def is_due() -> bool:
    """Whether something in the open store can be worked on now."""
    return open_requests().exists()


def open_requests() -> QuerySet[PrivacyRequest]:
    """What is not done, and not in somebody's hands."""
    free = is_free("held_until", longest=timedelta(seconds=LONGEST_PAUSE))
    return PrivacyRequest.objects.filter(free, done_at=None)


def take() -> PrivacyRequest | None:
    """The next open request, for this worker alone; a dead one's is free after the lease."""
    request = open_requests().order_by("pk").first()
    if request is None:
        return None
    mine = open_requests().filter(pk=request.pk)
    taken = mine.update(held_until=Now() + LEASE, attempts=F("attempts") + 1)
    if not taken:
        return None
    request.attempts += 1
    return request


def put_off(request: PrivacyRequest, trouble: str) -> None:
    """Come again later, and say why."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(request.attempts, 10))
    PrivacyRequest.objects.filter(pk=request.pk).update(
        trouble=trouble, held_until=Now() + timedelta(seconds=pause)
    )


def finish(*, tenant: Tenant, request: PrivacyRequest, trouble: str = "") -> None:
    """Note that it is done; its webhook has said what it had to say."""
    PrivacyRequest.objects.filter(pk=request.pk).update(
        done_at=Now(), held_until=None, trouble=trouble, emails=[], phones=[]
    )
    if request.delivery_id:
        blank_these(tenant=tenant, ids=[request.delivery_id])
