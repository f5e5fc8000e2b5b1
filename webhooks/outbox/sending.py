"""Sending a store's edits, one worker at a time, and settling each when Shopify has answered.

No lock is held while Shopify is asked. A worker that dies between the answer and the settling
leaves the edit pending; the next one asks what Shopify has and finds it done.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from customers.editing import save_tag_words
from customers.models import Customer
from tenants.models import Tenant
from tenants.shopify.client import AdminApi
from tenants.shopify.errors import (
    QueryRefused,
    ShopifyError,
    ShopifyThrottled,
    ShopifyUnreachable,
)
from tenants.shopify.tokens import get_api
from webhooks.outbox.keeping import standing_tags
from webhooks.outbox.models import Edit, SenderLease
from webhooks.outbox.telling import Outcome, tell
from xeno.lib.leases import is_free
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)  # longer than one edit's questions with all their waiting
TURN_SECONDS = 10.0  # then other stores' work comes before the next turn
FIRST_PAUSE, LONGEST_PAUSE = 30, 900  # seconds
LONGEST_HOLD = timedelta(seconds=LONGEST_PAUSE)
UNREACHABLE_SECONDS, THROTTLED_SECONDS = 30.0, 5.0


def is_due(tenant: Tenant) -> bool:
    """Whether the open store has an edit to send, and can be told."""
    if not tenant.access_token or not waiting().exists():
        return False
    held = SenderLease.objects.filter(tenant=tenant).exclude(
        is_free("held_until", longest=LONGEST_HOLD)
    )
    return not held.exists()


def send_edits(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Send for one turn; True when something is left for the next.

    False too where another worker is at it, or Shopify is in trouble: then the sweep comes.
    """
    holder = uuid4()
    if not take(tenant, holder):
        return False
    pause, code, deadline = 0.0, "", time.monotonic() + seconds
    try:
        api = get_api(tenant=tenant)
        while keep(tenant, holder) and (edit := waiting().order_by("pk").first()):
            send_one(tenant, api, edit)
            if time.monotonic() > deadline:
                break
    except ShopifyError as error:
        log.warning("edits_not_sent", tenant_id=tenant.pk, code=error.code)
        pause, code = pause_after(error), error.code
    finally:
        give_back(tenant, holder, pause=pause, code=code)
    return not code and waiting().exists()


def waiting() -> QuerySet[Edit]:
    """What can be sent now."""
    free = is_free("held_until", longest=LONGEST_HOLD)
    return Edit.objects.filter(free, state=Edit.State.PENDING)


def send_one(tenant: Tenant, api: AdminApi, edit: Edit) -> None:
    """Send one edit and settle it; raises a ShopifyError that is not of its own making."""
    ((began,),) = run("SELECT clock_timestamp()", [])
    try:
        outcome = tell(api=api, edit=edit)
    except Customer.DoesNotExist:
        return  # erased meanwhile, and the edit with them
    except QueryRefused as error:
        outcome = Outcome(Edit.State.PARKED, error.code, str(error))
    except ShopifyUnreachable:
        put_off(edit)
        raise
    settle(tenant=tenant, edit=edit, outcome=outcome, began=began)


@transaction.atomic
def settle(*, tenant: Tenant, edit: Edit, outcome: Outcome, began: datetime) -> bool:
    """Write down what became of an edit; False when something newer came meanwhile."""
    same = Edit.objects.filter(pk=edit.pk, state=edit.state, edited_at=edit.edited_at)
    if not same.select_for_update().exists():
        return False
    parked = outcome.state == Edit.State.PARKED
    if outcome.state == Edit.State.SENT and edit.field == Edit.Field.TAGS:
        # As of now Shopify has them: a list that it began to make before is no news.
        ours = standing_tags(edit.customer_id, edit.payload)
        customer = Customer.objects.get(pk=edit.customer_id)
        changes = dict(ours.values())
        save_tag_words(tenant=tenant, customer=customer, changes=changes, at=began)
    same.update(
        state=outcome.state,
        payload=edit.payload if parked else {},  # what is told is not kept
        code=outcome.code,
        reason=outcome.reason,
        told_at=outcome.told_at,
        attempts=F("attempts") + 1,
        held_until=None,
        done_at=Now(),
    )
    # Of a refusal neither the words nor the customer: they may quote an address.
    log.info("edit_settled", tenant_id=tenant.pk, edit=edit.pk, state=outcome.state.value)
    return True


def put_off(edit: Edit) -> None:
    """Let an edit wait that Shopify could not answer: the others of the store go first."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(edit.attempts, 10))
    Edit.objects.filter(pk=edit.pk, state=Edit.State.PENDING).update(
        attempts=F("attempts") + 1, held_until=Now() + timedelta(seconds=seconds)
    )


def pause_after(error: ShopifyError) -> float:
    """Seconds for which the store's edits rest; a new connection ends a long rest."""
    if isinstance(error, ShopifyThrottled):
        return max(error.wait, THROTTLED_SECONDS)
    return UNREACHABLE_SECONDS if error.retryable else LONGEST_PAUSE


# --- The store's one sender: the database's clock alone decides ---------------------------
def take(tenant: Tenant, holder: UUID) -> bool:
    """Become the store's sender, unless somebody is, or it rests."""
    SenderLease.objects.get_or_create(tenant=tenant)
    free = is_free("held_until", longest=LONGEST_HOLD)
    lease = SenderLease.objects.filter(free, tenant=tenant)
    return bool(lease.update(holder=holder, held_until=Now() + LEASE))


def keep(tenant: Tenant, holder: UUID) -> bool:
    """Renew the lease; False when another worker has it."""
    mine = SenderLease.objects.filter(tenant=tenant, holder=holder)
    return bool(mine.update(held_until=Now() + LEASE))


def give_back(tenant: Tenant, holder: UUID, *, pause: float, code: str) -> None:
    """End the turn; the next one may begin after the pause."""
    mine = SenderLease.objects.filter(tenant=tenant, holder=holder)
    mine.update(holder=None, held_until=Now() + timedelta(seconds=pause), trouble=code)
