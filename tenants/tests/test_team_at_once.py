"""Two people who change a team at the same moment, each by a connection of their own."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conftest import make_member
from tenants import invitations, keys, team
from tenants.audit import Actor
from tenants.models import ApiKey, Membership, User
from tenants.roles import Right, Role
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(anas_store):
    """Another owner of Ana's store."""
    return make_member(anas_store, "second@example.com", Role.OWNER)


def waits_for_us():
    """Whether somebody's statement waits for this connection's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def meanwhile(store, first, then):
    """What `then` raised, or None, when it begins while `first` is done and not committed."""
    told = []

    def act():
        try:
            with tenant_scope(store.pk):
                then()
            told.append(None)
        except Mistake as mistake:
            told.append(type(mistake))
        finally:
            connection.close()

    other = threading.Thread(target=act)
    with tenant_scope(store.pk), transaction.atomic():
        first()
        other.start()
        until = time.monotonic() + 10
        while not waits_for_us() and time.monotonic() < until:
            time.sleep(0.01)
        assert waits_for_us()
    other.join(10)
    return told[0]


def test_f095_of_two_owners_who_leave_at_once_one_stays(anas_store, ana, second):
    told = meanwhile(
        anas_store,
        lambda: team.leave(actor=Actor(ana), tenant=anas_store),
        lambda: team.leave(actor=Actor(second), tenant=anas_store),
    )

    assert told is team.LastOwner
    assert Membership.objects.get(role=Role.OWNER).user == second


def test_f095_of_two_owners_who_remove_each_other_one_stays(anas_store, ana, second):
    told = meanwhile(
        anas_store,
        lambda: team.remove(actor=Actor(ana), membership=Membership.objects.get(user=second)),
        lambda: team.remove(actor=Actor(second), membership=Membership.objects.get(user=ana)),
    )

    assert told is team.OwnersOnly  # who was removed is no owner any more
    assert Membership.objects.get(role=Role.OWNER).user == ana


def test_f095_who_loses_a_right_makes_no_key_with_it_meanwhile(anas_store, ana):
    mia = make_member(anas_store, "mia@example.com", Role.MARKETER)
    who = Membership.objects.get(user=mia)

    told = meanwhile(
        anas_store,
        lambda: team.take_right(actor=Actor(ana), membership=who, right=Right.EXPORT_DATA),
        lambda: keys.make_key(
            actor=Actor(mia), tenant=anas_store, name="x", rights=["export_data"]
        ),
    )

    assert told is team.RightAboveOwn
    with tenant_scope(anas_store.pk):
        assert not ApiKey.objects.exists()


def test_f094_of_two_who_use_one_link_one_comes_in(anas_store, ana, ben):
    with tenant_scope(anas_store.pk):
        invitation = invitations.send(
            actor=Actor(ana), tenant=anas_store, email="cy@example.com", role=Role.ANALYST
        )
    token = invitations.make_token(invitation)
    cy = User.objects.create_user("cy@example.com", "x", email_confirmed_at=timezone.now())

    told = meanwhile(
        anas_store,
        lambda: invitations.accept(actor=Actor(cy), token=token),
        lambda: invitations.accept(actor=Actor(cy), token=token),
    )

    assert told is invitations.InvitationNotValid
    assert cy.memberships.count() == 1
