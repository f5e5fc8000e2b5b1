"""One applier a store: a lease that runs out, is renewed, given back, and never shared."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tenants.models import Tenant
from webhooks.leases import (
    HANDOVER_SECONDS,
    LEASE_SECONDS,
    give_back,
    leave_to,
    still_holds,
    take_lease,
)
from webhooks.models import ApplierLease

ANN, BOB, TICKET = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


def expire(store: Tenant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    ApplierLease.objects.filter(tenant=store).update(expires_at=past)


def test_the_first_to_ask_has_it(store):
    assert take_lease(tenant=store, holder=ANN) is True
    assert still_holds(tenant=store, holder=ANN) is True


def test_a_second_does_not_get_it(store):
    take_lease(tenant=store, holder=ANN)

    assert take_lease(tenant=store, holder=BOB) is False
    assert still_holds(tenant=store, holder=BOB) is False
    assert still_holds(tenant=store, holder=ANN) is True


def test_it_lasts_for_a_minute(store):
    take_lease(tenant=store, holder=ANN)

    left = ApplierLease.objects.get(tenant=store).expires_at - timezone.now()
    assert timedelta(seconds=LEASE_SECONDS - 20) < left <= timedelta(seconds=LEASE_SECONDS)


def test_its_holder_renews_it(store):
    take_lease(tenant=store, holder=ANN)
    expire(store)

    assert take_lease(tenant=store, holder=ANN) is True
    assert ApplierLease.objects.get(tenant=store).expires_at > timezone.now()


def test_one_that_ran_out_is_anybodys(store):
    take_lease(tenant=store, holder=ANN)
    expire(store)

    assert take_lease(tenant=store, holder=BOB) is True
    assert still_holds(tenant=store, holder=ANN) is False


def test_one_that_ran_out_is_still_the_holders_until_somebody_takes_it(store):
    take_lease(tenant=store, holder=ANN)
    expire(store)

    assert still_holds(tenant=store, holder=ANN) is True


def test_one_that_is_given_back_is_free_at_once(store):
    take_lease(tenant=store, holder=ANN)

    give_back(tenant=store, holder=ANN)

    assert take_lease(tenant=store, holder=BOB) is True


def test_nobody_gives_back_what_another_holds(store):
    take_lease(tenant=store, holder=ANN)

    give_back(tenant=store, holder=BOB)

    assert take_lease(tenant=store, holder=BOB) is False


def test_a_store_that_never_had_one_is_held_by_nobody(store):
    assert still_holds(tenant=store, holder=ANN) is False
    assert give_back(tenant=store, holder=ANN) is None


def test_each_store_has_its_own(store, cys_store):
    take_lease(tenant=store, holder=ANN)

    assert take_lease(tenant=cys_store, holder=BOB) is True
    assert still_holds(tenant=store, holder=ANN) is True
    assert still_holds(tenant=cys_store, holder=ANN) is False


def test_what_is_left_to_a_ticket_is_nobody_elses(store):
    take_lease(tenant=store, holder=ANN)

    leave_to(tenant=store, holder=ANN, ticket=TICKET)

    assert take_lease(tenant=store, holder=ANN) is False
    assert take_lease(tenant=store, holder=BOB) is False
    assert take_lease(tenant=store, holder=BOB, ticket=TICKET) is True


def test_a_ticket_is_good_for_once(store):
    take_lease(tenant=store, holder=ANN)
    leave_to(tenant=store, holder=ANN, ticket=TICKET)
    take_lease(tenant=store, holder=BOB, ticket=TICKET)

    assert take_lease(tenant=store, holder=ANN, ticket=TICKET) is False
    assert still_holds(tenant=store, holder=BOB) is True


def test_a_ticket_that_was_lost_holds_the_store_up_for_seconds_only(store):
    take_lease(tenant=store, holder=ANN)
    leave_to(tenant=store, holder=ANN, ticket=TICKET)

    left = ApplierLease.objects.get(tenant=store).expires_at - timezone.now()
    assert left <= timedelta(seconds=HANDOVER_SECONDS) < timedelta(seconds=LEASE_SECONDS)

    expire(store)
    assert take_lease(tenant=store, holder=BOB) is True


def test_nobody_leaves_to_a_ticket_what_another_holds(store):
    take_lease(tenant=store, holder=ANN)

    leave_to(tenant=store, holder=BOB, ticket=TICKET)

    assert still_holds(tenant=store, holder=ANN) is True


def test_an_unknown_ticket_opens_nothing(store):
    take_lease(tenant=store, holder=ANN)

    assert take_lease(tenant=store, holder=BOB, ticket=TICKET) is False
