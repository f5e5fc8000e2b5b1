"""Rows 44 and 45: a worker's clock decides nothing; what was held is free when the database's own
loses hours.

A clock that steps back is a moment that moves away: what was written as "in a minute" is hours off.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import time_machine
from django.db import models
from django.db.models import F
from django.utils import timezone

from orders.models import PredictionFit
from orders.rollups import state
from orders.rollups.models import StaleStretch
from segments import leases as keepers
from segments.jobs import working as jobs
from segments.jobs.models import SegmentJob
from segments.models import MembershipLease
from tenants.models import Tenant
from tenants.shopify import tokens
from tests.rows import make_row
from webhooks import leases as appliers
from webhooks import predicting, recomputing, rescoring
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.files import working as files
from webhooks.files.models import Export, Import
from webhooks.models import ApplierLease, Scoring, StaleTotals
from webhooks.outbox import sending
from webhooks.outbox.models import Edit, SenderLease
from webhooks.privacy import requests
from webhooks.privacy.models import PrivacyRequest

LOST = timedelta(hours=3)


class Held(NamedTuple):
    """Something that one worker of a store holds at a time."""

    take: Callable[[Tenant], Any]  # as another worker each time; nothing while it is held
    model: type[models.Model]
    column: str = "held_until"
    running: bool = False  # the row is made before


HELD = {
    "the inbox": Held(
        lambda tenant: appliers.take_lease(tenant=tenant, holder=uuid4()),
        ApplierLease,
        "expires_at",
    ),
    "segments": Held(
        lambda tenant: keepers.take_lease(tenant=tenant, holder=uuid4()),
        MembershipLease,
        "expires_at",
    ),
    "a segment's job": Held(lambda _: jobs.take(), SegmentJob, running=True),
    "a sync": Held(lambda _: running.take(uuid4()), Sync, running=True),
    "an export": Held(
        lambda _: files.take(Export.objects.filter(state="running")), Export, running=True
    ),
    "an import": Held(
        lambda _: files.take(Import.objects.filter(state="running")), Import, running=True
    ),
    "edits": Held(lambda tenant: sending.take(tenant, uuid4()), SenderLease),
    "a privacy request": Held(lambda _: requests.take(), PrivacyRequest),
    "the token": Held(tokens.take_lease, Tenant, "token_held_until"),
    "scores": Held(lambda tenant: rescoring.SCORES.take(tenant=tenant), Scoring),
    "predictions": Held(lambda tenant: predicting.FIT.take(tenant=tenant), PredictionFit),
}


def step_back(model: type[models.Model], column: str, by: timedelta = LOST) -> None:
    """The database's clock loses so much, as a row sees it."""
    model._default_manager.update(**{column: F(column) + by})


def takers(held: Held, store: Tenant) -> Callable[[], bool]:
    """Makes the row, where there is none before; has one worker after the other try to take it."""
    if held.running:
        make_row(held.model, state="running")
    elif held.model is PrivacyRequest:
        make_row(PrivacyRequest)
    return lambda: bool(held.take(store))


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_f045_what_was_held_when_the_clock_stepped_back_is_free(in_anas_store, held):
    taken = takers(held, in_anas_store)
    before = (taken(), taken())

    step_back(held.model, held.column)

    assert before == (True, False)
    assert (taken(), taken()) == (True, False)


@pytest.mark.parametrize("days", [1, -1])
@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_f044_a_worker_whose_clock_is_a_day_off_takes_nothing_that_is_held(
    in_anas_store, held, days
):
    taken = takers(held, in_anas_store)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        first = taken()
    second = taken()
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        third = taken()

    assert (first, second, third) == (True, False, False)


def test_f045_a_sender_in_a_pause_is_due_after_the_step(in_anas_store):
    Tenant.objects.filter(pk=in_anas_store.pk).update(access_token="shpat")
    in_anas_store.refresh_from_db()
    edit = make_row(Edit, state="pending")
    sending.put_off(edit)
    sending.take(in_anas_store, uuid4())
    before = sending.is_due(in_anas_store)

    step_back(Edit, "held_until")
    step_back(SenderLease, "held_until")

    assert (before, sending.is_due(in_anas_store)) == (False, True)


@pytest.mark.parametrize(
    ("model", "module"),
    [(StaleTotals, recomputing), (Scoring, rescoring), (PredictionFit, predicting)],
    ids=["totals", "scores", "predictions"],
)
def test_f045_a_worker_who_was_told_before_the_step_is_told_again(in_anas_store, model, module):
    if module is recomputing:
        recomputing.ask_for_recompute(tenant=in_anas_store)
    module.note_told(tenant=in_anas_store)
    before = module.is_due(tenant=in_anas_store)

    step_back(model, "worked_at" if module is recomputing else "told_at")

    assert (before, module.is_due(tenant=in_anas_store)) == (False, True)


def test_f045_cohorts_that_became_stale_before_the_step_are_due(in_anas_store):
    StaleStretch.objects.create(unit="week", begins="2026-03-02")
    before = state.is_due(tenant=in_anas_store)

    step_back(StaleStretch, "stale_since")

    assert (before, state.is_due(tenant=in_anas_store)) == (False, True)
