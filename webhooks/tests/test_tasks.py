"""The workers' entry points call and are done; the sweep wakes only who has something waiting."""

import pytest
from django.db import OperationalError

from tests.rows import make_row
from webhooks import processing, recomputing, tasks
from webhooks.models import Delivery, State
from xeno.lib.postgres.scope import find_tenant_id, tenant_scope


@pytest.fixture
def woken(monkeypatch):
    """The stores for which a worker was asked."""
    asked = []
    monkeypatch.setattr(tasks.apply_inbox, "delay", asked.append)
    return asked


def add_delivery(store, state):
    with tenant_scope(store.pk):
        return make_row(Delivery, state=state)


def test_the_sweep_wakes_a_store_with_something_pending_and_no_other(anas_store, cys_store, woken):
    add_delivery(anas_store, State.PENDING)

    tasks.sweep_inbox()

    assert woken == [anas_store.pk]


@pytest.mark.parametrize("state", [state for state in State if state != State.PENDING])
def test_the_sweep_leaves_what_is_not_pending(anas_store, woken, state):
    add_delivery(anas_store, state)

    tasks.sweep_inbox()

    assert woken == []


def test_many_pending_webhooks_are_one_message_a_store(anas_store, cys_store, woken):
    for store in (anas_store, cys_store, anas_store):
        add_delivery(store, State.PENDING)

    tasks.sweep_inbox()

    assert woken == [anas_store.pk, cys_store.pk]


def test_a_store_that_fails_keeps_no_other_from_being_woken(
    anas_store, cys_store, woken, monkeypatch
):
    add_delivery(cys_store, State.PENDING)
    pending = processing.has_pending

    def fail_in_anas():
        if find_tenant_id() == anas_store.pk:
            raise ZeroDivisionError
        return pending()

    monkeypatch.setattr(processing, "has_pending", fail_in_anas)

    tasks.sweep_inbox()

    assert woken == [cys_store.pk]


class Turns:
    """In place of the applier: notes each turn, and says whether something is left."""

    def __init__(self, left):
        self.left = left
        self.seen = []

    def __call__(self, *, tenant, ticket, next_ticket):
        assert find_tenant_id() == tenant.pk
        self.seen.append((tenant, ticket, next_ticket))
        return self.left


@pytest.fixture
def turns(monkeypatch):
    turns = Turns(left=False)
    monkeypatch.setattr(processing, "apply_inbox", turns)
    return turns


@pytest.fixture
def queued(monkeypatch):
    """What the task queues for later."""
    messages = []
    monkeypatch.setattr(tasks.apply_inbox, "delay", lambda *arguments: messages.append(arguments))
    return messages


def test_an_inbox_that_is_empty_after_the_turn_is_done(anas_store, turns, queued):
    tasks.apply_inbox(anas_store.pk)

    assert [(tenant, ticket) for tenant, ticket, _ in turns.seen] == [(anas_store, None)]
    assert queued == []


def test_what_is_left_queues_up_again_with_the_ticket_for_which_it_is_kept(
    anas_store, turns, queued
):
    turns.left = True

    tasks.apply_inbox(anas_store.pk)

    _, _, next_ticket = turns.seen[0]
    assert queued == [(anas_store.pk, str(next_ticket))]


def test_a_turn_that_comes_with_a_ticket_shows_it_and_gets_another_for_the_next(
    anas_store, turns, queued
):
    turns.left = True
    tasks.apply_inbox(anas_store.pk)
    tasks.apply_inbox(*queued[0])

    (_, _, first), (_, shown, second) = turns.seen
    assert shown == first
    assert second != first


def test_recomputing_is_one_turn_within_the_stores_scope(anas_store, monkeypatch):
    seen = []
    monkeypatch.setattr(
        recomputing, "recompute", lambda *, tenant: seen.append((tenant, find_tenant_id()))
    )

    assert tasks.recompute_totals(anas_store.pk) is None
    assert seen == [(anas_store, anas_store.pk)]


@pytest.mark.parametrize("task", [tasks.apply_inbox, tasks.recompute_totals])
def test_a_store_that_is_gone_is_no_error(db, task):
    assert task(2**62) is None


@pytest.mark.parametrize("task", [tasks.apply_inbox, tasks.recompute_totals])
def test_only_the_databases_own_trouble_is_tried_again(task):
    assert task.autoretry_for == processing.TRANSIENT
    assert OperationalError in task.autoretry_for
    assert task.max_retries == 5
