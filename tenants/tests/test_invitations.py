"""Invitations: mailed to one address, good once and for a week, within what the inviter holds."""

import pytest
import time_machine
from django.utils import timezone

from conftest import make_member
from tenants import invitations, team
from tenants.actions import remove_member, save_member
from tenants.audit import Actor
from tenants.giving import rights_of
from tenants.models import AccountMail, AuditEntry, Invitation, Membership, User
from tenants.roles import ROLE_RIGHTS, Role

pytestmark = pytest.mark.usefixtures("in_anas_store")
DEE = "dee@example.com"


@pytest.fixture
def send(anas_store, ana):
    def send(email=DEE, role=Role.ANALYST, actor=ana):
        return invitations.send(actor=Actor(actor), tenant=anas_store, email=email, role=role)

    return send


@pytest.fixture
def dee(db):
    """Somebody with a confirmed address and no store."""
    return User.objects.create_user(DEE, "x", email_confirmed_at=timezone.now())


def accept(user, invitation):
    token = invitations.make_token(invitation)
    return invitations.accept(actor=Actor(user), token=token)


def test_whoever_is_invited_comes_in_as_what_they_were_invited(send, dee, anas_store):
    joined = accept(dee, send(" Dee@Example.com "))

    assert (joined.user, joined.tenant, joined.role) == (dee, anas_store, Role.ANALYST)
    assert rights_of(dee, anas_store) == ROLE_RIGHTS[Role.ANALYST]
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "invitation.sent", "invitation.accepted",
    ]  # fmt: skip


def test_each_sending_is_one_mail(send, ana):
    again = invitations.resend(actor=Actor(ana), invitation=send())

    assert AccountMail.objects.filter(invitation=again, user=None).count() == 2


def test_f094_the_link_is_good_once(send, dee):
    invitation = send()
    accept(dee, invitation)

    with pytest.raises(invitations.InvitationNotValid):
        accept(dee, invitation)


@pytest.mark.parametrize("end", ["withdrawn", "sent again", "expired", "inviter demoted",
                                 "inviter gone", "inviter shut out", "forged"])  # fmt: skip
def test_f094_the_link_ends(send, dee, ana, anas_store, end):
    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)
    invitation = send(role=Role.MARKETER, actor=adam)
    token, now = invitations.make_token(invitation), timezone.now()
    if end == "withdrawn":
        invitations.withdraw(actor=Actor(ana), invitation=invitation)
    elif end == "sent again":
        invitations.resend(actor=Actor(ana), invitation=invitation)
    elif end == "expired":
        Invitation.objects.update(expires_at=now)
    elif end == "inviter demoted":
        who = Membership.objects.get(user=adam)
        team.change_role(actor=Actor(ana), membership=who, role=Role.SUPPORT)
    elif end == "inviter gone":
        remove_member(membership=Membership.objects.get(user=adam))
    elif end == "inviter shut out":
        User.objects.filter(pk=adam.pk).update(is_active=False)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")

    with pytest.raises(invitations.InvitationNotValid):
        invitations.accept(actor=Actor(dee), token=token)
    assert not dee.memberships.exists()


def test_what_a_member_invited_to_goes_with_their_right_to_give_it(send, ana, anas_store):
    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)
    for email, role in (("m@example.com", Role.MARKETER), ("s@example.com", Role.SUPPORT)):
        send(email, role, adam)
    send("a@example.com", Role.ADMIN, ana)

    who = Membership.objects.get(user=adam)
    team.change_member(actor=Actor(ana), membership=who, taken=["export_data"])

    assert set(Invitation.objects.values_list("email", flat=True)) == {
        "s@example.com", "a@example.com",
    }  # fmt: skip


def test_f094_the_link_is_for_one_address_that_is_confirmed(send, dee, ana, cy):
    invitation = send()
    for user, change, refusal in (
        (cy, {}, invitations.InvitationForAnother),
        (dee, {"email_confirmed_at": None}, invitations.AddressNotConfirmed),
    ):
        User.objects.filter(pk=user.pk).update(**change)
        with pytest.raises(refusal):
            accept(User.objects.get(pk=user.pk), invitation)

    assert not dee.memberships.exists()
    assert cy.memberships.count() == 1


def test_who_is_a_member_already_stays_what_they_are(send, dee, anas_store):
    invitation = send(role=Role.ADMIN)
    save_member(tenant=anas_store, user=dee, role=Role.SUPPORT)

    with pytest.raises(invitations.AlreadyMember):
        accept(dee, invitation)
    assert dee.memberships.get().role == Role.SUPPORT
    with pytest.raises(invitations.AlreadyMember):
        send("DEE@example.com")


def test_one_address_has_one_open_invitation_and_an_expired_one_makes_room(send):
    send()
    with pytest.raises(invitations.AlreadyInvited):
        send("DEE@example.com", Role.SUPPORT)

    with time_machine.travel(timezone.now() + invitations.GOOD_FOR, tick=False):
        send(role=Role.SUPPORT)

    assert Invitation.objects.get().role == Role.SUPPORT


def test_f095_nobody_invites_to_more_than_they_hold(send, anas_store, ben):
    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)

    for actor, role, refusal in (
        (ben, Role.SUPPORT, team.RoleAboveOwn),
        (adam, Role.OWNER, team.OwnersOnly),
    ):
        with pytest.raises(refusal):
            send(role=role, actor=actor)
    assert not Invitation.objects.exists()
    assert send(role=Role.ADMIN, actor=adam)


def test_who_sends_it_again_must_hold_what_it_gives(send, ben):
    invitation = send(role=Role.ADMIN)

    with pytest.raises(team.RoleAboveOwn):
        invitations.resend(actor=Actor(ben), invitation=invitation)


def test_f083_inviting_tells_nothing_of_who_has_an_account(ana_api, cy):
    """Cy has one in another store; nobody has the other address."""
    answers = [
        ana_api.post("/team/invitations", {"email": email, "role": "support"}).json()
        for email in (cy.email, "nobody@example.com")
    ]

    differing = {name for name in answers[0] if answers[0][name] != answers[1][name]}
    assert differing == {"id", "email", "created_at", "expires_at"}
