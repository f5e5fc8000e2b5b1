"""Working an inbox off: batches that shrink around what fails, so that it parks alone.

Two transactions a batch. The first takes the lease and counts the attempt, so that a crash is
counted. The second writes everything and marks the rows: a crash rolls it back whole.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import structlog
from django.db import InterfaceError, OperationalError, transaction

from customers.models import Tombstone
from orders.refunds import find_orders
from tenants.models import Tenant
from webhooks import leases, statistics
from webhooks.applying import apply_news, gone_of
from webhooks.backfill import beginning, running
from webhooks.mapping.context import Envelope
from webhooks.mapping.decoding import Unreadable, header_time
from webhooks.models import Delivery, State
from webhooks.news import HANDLERS, News
from webhooks.privacy import late
from xeno.lib.logs import trouble
from xeno.lib.postgres import refusals
from xeno.lib.upsert import array, arrays, read_binary, run, unnest

log = structlog.get_logger(__name__)

# How many rows a batch takes, by how often its first row has been tried before.
BATCH_SIZES = (500, 50, 5, 1)
MOST_ATTEMPTS = 8  # by then even alone it has taken its worker down several times
BATCH_BYTES = 32 * 1024 * 1024
TURN_SECONDS = 0.5  # then the next task goes on: a quiet store never waits for a flood's end
LOCK_SECONDS = 10  # then the batch is given back and tried again
TRANSIENT = (OperationalError, InterfaceError)  # the database's trouble, not the payload's
# Django calls these operational too, but trying the same again never helps: a value beyond a
# limit of the server, such as a text that no index entry holds; a statement that took too long.
NOT_TRANSIENT = ("54", "57014")


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed delivery."""

    id: int
    topic: str
    triggered_at: str
    attempts: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery."""

    id: int
    state: State
    code: str = ""
    reason: str = ""
    needs_order: int | None = None  # Shopify's id of an order that must be held here first


def has_pending() -> bool:
    """Whether something waits in the open store's inbox; reads the small partial index."""
    return Delivery.objects.filter(state=State.PENDING).exists()


def apply_inbox(
    *,
    tenant: Tenant,
    seconds: float = TURN_SECONDS,
    ticket: UUID | None = None,
    next_ticket: UUID | None = None,
) -> bool:
    """Apply the store's inbox for one turn; True when something is left for the next.

    Only one applier a store works at a time: where another holds the lease, this does nothing.
    What is left is kept for `next_ticket`: else each wake-up that comes meanwhile would begin
    a row of turns of its own, and a quiet store would wait behind them all.
    """
    holder, more = uuid4(), False
    end = time.monotonic() + seconds
    try:
        while ids := claim(tenant=tenant, holder=holder, ticket=ticket):
            if apply_claimed(tenant=tenant, holder=holder, ids=ids):
                statistics.analyze()
            if time.monotonic() > end:
                more = has_pending()
                break
    finally:
        if more and next_ticket:
            leases.leave_to(tenant=tenant, holder=holder, ticket=next_ticket)
        else:
            leases.give_back(tenant=tenant, holder=holder)
    return more


CLAIM = """
    WITH next AS MATERIALIZED (
        SELECT id, attempts, octet_length(body) AS bytes FROM webhooks_delivery
        WHERE tenant_id = %(tenant)s AND state = 'pending' ORDER BY id LIMIT %(most)s
    ), measured AS (
        SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before,
            row_number() OVER (ORDER BY id) AS place,
            first_value(attempts) OVER (ORDER BY id) AS tried
        FROM next
    )
    UPDATE webhooks_delivery d SET attempts = d.attempts + 1
    FROM measured
    WHERE d.tenant_id = %(tenant)s AND d.id = measured.id
        AND place <= (%(sizes)s::int[])[1 + LEAST(tried, %(last)s)]
        AND bytes_before < %(bytes)s
    RETURNING d.id
"""


@transaction.atomic
def claim(*, tenant: Tenant, holder: UUID, ticket: UUID | None = None) -> list[int]:
    """Take the lease and the next batch, counting the attempt; [] when there is nothing to do."""
    if not leases.take_lease(tenant=tenant, holder=holder, ticket=ticket):
        return []
    params = {
        "tenant": tenant.pk,
        "most": BATCH_SIZES[0],
        "sizes": list(BATCH_SIZES),
        "last": len(BATCH_SIZES) - 1,
        "bytes": BATCH_BYTES,
    }
    return sorted(pk for (pk,) in run(CLAIM, params))


def apply_claimed(*, tenant: Tenant, holder: UUID, ids: list[int]) -> bool:
    """Apply a claimed batch, or learn from its failure; whether the store has outgrown the
    planner's statistics.

    The database's own trouble gives the attempt back and is raised: the worker comes again.
    Any other failure leaves the attempt counted, so that the next batch is smaller; a row
    that failed alone is parked with the reason.
    """
    try:
        return apply_batch(tenant=tenant, holder=holder, ids=ids)
    except Exception as error:
        if is_transient(error):
            uncount(tenant=tenant, ids=ids)
            raise
        log.error(
            "batch_failed",
            tenant_id=tenant.pk,
            rows=len(ids),
            first=ids[0],
            refusal=refusals.told(error),
            **trouble(error),
        )
        if len(ids) == 1:
            reason = f"{refusals.told(error)} while it was applied. Replay it after a fix."
            mark(tenant=tenant, outcomes=[Outcome(ids[0], State.PARKED, "failed", reason)])
        return False


def is_transient(error: Exception) -> bool:
    """Whether the database's own trouble failed the batch, so that it may go through later."""
    sqlstate: str = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, TRANSIENT) and not sqlstate.startswith(NOT_TRANSIENT)


def uncount(*, tenant: Tenant, ids: list[int]) -> None:
    """Give an attempt back that the rows did not use; left counted when that fails too."""
    try:
        run(
            "UPDATE webhooks_delivery SET attempts = attempts - 1"
            " WHERE tenant_id = %s AND id = ANY(%s)",
            [tenant.pk, ids],
        )
    except TRANSIENT:
        log.warning("attempt_stays_counted", tenant_id=tenant.pk, rows=len(ids))


@transaction.atomic
def apply_batch(*, tenant: Tenant, holder: UUID, ids: list[int]) -> bool:
    """Write a batch and mark its rows, or nothing of both; whether the store has outgrown the
    planner's statistics."""
    if not leases.still_holds(tenant=tenant, holder=holder):
        return False  # it took longer than the lease; another applier has the rows now
    tenant.refresh_from_db()
    run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", [])
    news = News()
    rows = list(read(tenant, ids))
    outcomes = [hear(row, tenant, news) for row in rows]
    outcomes = put_off(news, outcomes)
    apply_news(tenant=tenant, news=news)
    if news.scopes:
        beginning.hear_scopes(before=tenant)
    if news.bulk_ended:
        running.cut_pause()
    mark(tenant=tenant, outcomes=outcomes)
    aside = {o.id for o in outcomes if o.state in (State.PARKED, State.NOT_HANDLED)}
    unheard = [row.body for row in rows if row.id in aside]
    late.blank_bodies(tenant=tenant, ids=ids, news=news, unheard=unheard)
    told = {order.shopify_id for order in news.orders} | news.deletions[Tombstone.Kind.ORDER]
    wake_waiting(tenant=tenant, order_numbers=told)
    return statistics.count_applied(tenant=tenant, applied=len(outcomes))


def read(tenant: Tenant, ids: list[int]) -> Iterable[Row]:
    """The claimed rows that are still pending, in the order of arrival."""
    rows = read_binary(
        "SELECT id, topic, triggered_at, attempts, body FROM webhooks_delivery"
        " WHERE tenant_id = %s AND id = ANY(%s::bigint[]) AND state = 'pending' ORDER BY id",
        [tenant.pk, array(ids)],
    )
    return [Row(*row) for row in rows]


def hear(row: Row, tenant: Tenant, news: News) -> Outcome:
    """Gather what a delivery tells, or say why it is parked."""
    handler = HANDLERS.get(row.topic)
    if handler is None:
        return Outcome(row.id, State.NOT_HANDLED)
    if row.attempts > MOST_ATTEMPTS:
        reason = f"{MOST_ATTEMPTS} attempts ended without a result. Replay it after a fix."
        return Outcome(row.id, State.PARKED, "too_many_attempts", reason)
    envelope = Envelope(row.topic, tenant.shop_domain, header_time(row.triggered_at), row.id)
    try:
        needs_order = handler(row.body, envelope, news)
    except Unreadable as error:
        return Outcome(row.id, State.PARKED, error.code, str(error))
    return Outcome(row.id, State.APPLIED, needs_order=needs_order)


def put_off(news: News, outcomes: list[Outcome]) -> list[Outcome]:
    """Let refunds wait whose order is neither held here, nor in this batch, nor deleted."""
    needed = {outcome.needs_order for outcome in outcomes if outcome.needs_order}
    if not needed:
        return outcomes
    needed -= {order.shopify_id for order in news.orders}
    needed -= find_orders(shopify_ids=needed).keys()
    needed -= gone_of(Tombstone.Kind.ORDER, needed).keys()
    news.refunds = [refund for refund in news.refunds if refund.order_id not in needed]
    return [
        replace(outcome, state=State.WAITING, reason="Its order has not arrived yet.")
        if outcome.needs_order in needed
        else outcome
        for outcome in outcomes
    ]


MARK_COLUMNS = {
    "id": "bigint",
    "state": "text",
    "code": "text",
    "reason": "text",
    "waits_for": "text",
}


def mark(*, tenant: Tenant, outcomes: list[Outcome]) -> None:
    """Write what became of the rows. Waiting uses up no attempt."""
    rows = [
        (
            outcome.id,
            outcome.state.value,
            outcome.code,
            outcome.reason,
            order_key(outcome.needs_order or 0) if outcome.state == State.WAITING else "",
        )
        for outcome in outcomes
    ]
    run(
        "UPDATE webhooks_delivery d SET state = new.state, code = new.code, reason = new.reason,"
        " waits_for = new.waits_for, done_at = statement_timestamp(),"
        " attempts = CASE WHEN new.state = 'waiting' THEN 0 ELSE d.attempts END"
        f" FROM {unnest(MARK_COLUMNS)} WHERE d.tenant_id = %s AND d.id = new.id",
        [*arrays(MARK_COLUMNS, rows), tenant.pk],
    )


def order_key(number: int) -> str:
    """What a row waits for, as it is stored."""
    return f"order:{number}"


def wake_waiting(*, tenant: Tenant, order_numbers: set[int]) -> None:
    """Put rows back that waited for orders which are held now, or will never be."""
    run(
        "UPDATE webhooks_delivery SET state = 'pending', reason = '', waits_for = ''"
        " WHERE tenant_id = %s AND state = 'waiting' AND waits_for = ANY(%s::text[])",
        [tenant.pk, array(sorted({order_key(number) for number in order_numbers}))],
    )
