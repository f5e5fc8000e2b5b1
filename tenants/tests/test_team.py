"""Who may change what in a team: nobody lifts themselves or others above themselves."""

import pytest

from conftest import make_member
from tenants import keys, team
from tenants.audit import Actor
from tenants.giving import rights_of
from tenants.models import AuditEntry, Membership, RightException, User
from tenants.roles import ROLE_RIGHTS, Right, Role

pytestmark = pytest.mark.usefixtures("in_anas_store")
EXPORT = Right.EXPORT_DATA


def member(user):
    return Membership.objects.get(user=user)


def rights(user, store):
    """What a freshly loaded user may do: nothing is remembered from before."""
    return rights_of(User.objects.get(pk=user.pk), store)


def trail():
    """The actions that were noted, in order, with their fields."""
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, *entry.fields) for entry in entries]


@pytest.fixture
def people(anas_store, ana, ben):
    """Somebody of each role, by the role's name; Ana is the owner and Ben the analyst."""
    made = {
        role.value: make_member(anas_store, f"{role.value}@example.com", role)
        for role in (Role.ADMIN, Role.MARKETER, Role.AUTHOR, Role.SUPPORT)
    }
    return {"owner": ana, "analyst": ben, **made}


def test_a_right_is_granted_to_one_person_and_given_back(anas_store, people, ana, ben):
    team.grant_right(actor=Actor(ana), membership=member(ben), right=EXPORT)
    assert rights(ben, anas_store) == ROLE_RIGHTS[Role.ANALYST] | {"export_data"}

    team.take_right(actor=Actor(ana), membership=member(ben), right=EXPORT)
    assert rights(ben, anas_store) == ROLE_RIGHTS[Role.ANALYST]
    assert not RightException.objects.exists()
    assert trail() == [("right.granted", "export_data"), ("right.taken", "export_data")]


def test_a_right_of_the_role_is_taken_from_one_person_alone(anas_store, people, ana):
    mia, max_ = people["marketer"], make_member(anas_store, "max@example.com", Role.MARKETER)

    team.take_right(actor=Actor(ana), membership=member(mia), right=EXPORT)

    assert rights(mia, anas_store) == ROLE_RIGHTS[Role.MARKETER] - {EXPORT}
    assert "export_data" in rights(max_, anas_store)


def test_what_is_checked_is_what_is_shown(anas_store, people, ana):
    """Guardian's rows say what role and exceptions do."""
    for given, taken in (([], []), ([EXPORT], []), ([EXPORT], [Right.VIEW_ORDERS])):
        saved = team.change_member(
            actor=Actor(ana), membership=member(people["author"]), granted=given, taken=taken
        )
        told = (ROLE_RIGHTS[Role.AUTHOR] | set(given)) - set(taken)
        assert rights(saved.user, anas_store) == told


@pytest.mark.parametrize(
    ("before", "role", "after"),
    [
        ({"export_data": True}, Role.MARKETER, {}),  # the role says it now
        ({"export_data": True}, Role.SUPPORT, {"export_data": True}),
        ({"view_orders": False}, Role.ADMIN, {"view_orders": False}),
        ({"view_orders": False, "export_data": True}, Role.OWNER, {}),  # an owner holds all
    ],
)
def test_an_exception_outlives_the_role_while_it_says_something(people, ana, before, role, after):
    who = member(people["analyst"])
    team.change_member(
        actor=Actor(ana), membership=who,
        granted=[r for r in before if before[r]], taken=[r for r in before if not before[r]],
    )  # fmt: skip

    team.change_role(actor=Actor(ana), membership=who, role=role)

    assert dict(RightException.objects.values_list("right", "granted")) == after
    assert trail()[-1] == ("member.role_changed", "role")


# Who acts, on whom, what they want of them, and the refusal.
REFUSED = [
    ("admin", "owner", {"role": Role.ANALYST}, team.OwnersOnly),
    ("admin", "analyst", {"role": Role.OWNER}, team.OwnersOnly),
    ("admin", "owner", {"taken": ["export_data"]}, team.OwnersOnly),
    ("owner", "owner", {"role": Role.ADMIN}, team.OwnRole),
    ("admin", "admin", {"granted": ["export_data"]}, team.OwnRole),
    ("analyst", "support", {"role": Role.ANALYST}, team.RoleAboveOwn),
    ("support", "support", {"role": Role.OWNER}, team.OwnRole),
    ("marketer", "analyst", {"granted": ["manage_team"]}, team.RightAboveOwn),
    ("marketer", "analyst", {"role": Role.ADMIN}, team.RoleAboveOwn),
    ("marketer", "admin", {"taken": ["export_data"]}, team.RoleAboveOwn),
    (None, "owner", {"role": Role.ADMIN}, team.LastOwner),
    (None, "owner", {"taken": ["export_data"]}, team.OwnerHoldsAll),
]


@pytest.mark.parametrize(("who", "whom", "wanted", "refusal"), REFUSED)
def test_f095_nobody_lifts_themselves_or_others_above_themselves(
    anas_store, people, who, whom, wanted, refusal
):
    actor = Actor(people[who]) if who else Actor()
    before = {name: rights(user, anas_store) for name, user in people.items()}

    with pytest.raises(refusal):
        team.change_member(actor=actor, membership=member(people[whom]), **wanted)

    assert {name: rights(user, anas_store) for name, user in people.items()} == before
    assert trail() == []


def test_the_same_is_done_where_it_may_be(people, ana):
    """The table above refuses for who acts, not for what is asked."""
    for whom, wanted in (
        ("support", {"role": Role.ANALYST}),
        ("analyst", {"granted": ["manage_team"]}),
        ("admin", {"taken": ["export_data"]}),
        ("author", {"role": Role.OWNER}),
    ):
        team.change_member(actor=Actor(ana), membership=member(people[whom]), **wanted)

    assert len(trail()) == 4


def test_f095_a_single_right_to_manage_the_team_lifts_nobody_above_it(anas_store, people, ana):
    ben = people["analyst"]
    team.grant_right(actor=Actor(ana), membership=member(ben), right=Right.MANAGE_TEAM)

    for whom, role in (("support", Role.ANALYST), ("author", Role.ANALYST)):
        with pytest.raises(team.RoleAboveOwn):
            team.change_role(actor=Actor(ben), membership=member(people[whom]), role=role)
    uma = make_member(anas_store, "uma@example.com", Role.ANALYST)
    with pytest.raises(team.RoleAboveOwn):
        team.change_role(actor=Actor(ben), membership=member(uma), role=Role.SUPPORT)
    team.grant_right(actor=Actor(ben), membership=member(uma), right=Right.MANAGE_TEAM)
    assert "manage_team" in rights(uma, anas_store)


def test_f095_one_of_two_owners_may_go_and_the_last_may_not(anas_store, ana):
    second = make_member(anas_store, "second@example.com", Role.OWNER)

    team.remove(actor=Actor(ana), membership=member(second))

    assert not second.memberships.exists()
    with pytest.raises(team.OwnRole):
        team.remove(actor=Actor(ana), membership=member(ana))
    with pytest.raises(team.LastOwner):
        team.leave(actor=Actor(ana), tenant=anas_store)
    with pytest.raises(team.LastOwner):
        team.remove(actor=Actor(), membership=member(ana))
    assert trail() == [("member.removed",)]


def test_an_owner_who_cannot_sign_in_is_no_other_owner(anas_store, ana):
    gone = make_member(anas_store, "gone@example.com", Role.OWNER)
    gone.is_active = False
    gone.save()

    with pytest.raises(team.LastOwner):
        team.leave(actor=Actor(ana), tenant=anas_store)


def test_anybody_else_may_leave(anas_store, ben):
    team.leave(actor=Actor(ben), tenant=anas_store)

    assert rights(ben, anas_store) == frozenset()
    assert trail() == [("member.left",)]
    with pytest.raises(team.NotMember):
        team.leave(actor=Actor(ben), tenant=anas_store)


def test_ownership_goes_over_whole(anas_store, ana, ben):
    team.transfer_ownership(actor=Actor(ana), membership=member(ben))

    assert (member(ben).role, member(ana).role) == (Role.OWNER, Role.ADMIN)
    assert rights(ben, anas_store) == set(Right.values)
    assert trail() == [("ownership.transferred", "role")]


def test_ownership_goes_to_members_of_the_store_from_its_owner_alone(
    anas_store, people, ana, ben, cy
):
    root = User.objects.create_superuser("root@example.com")
    for actor, heir, refusal in (
        (people["admin"], ben, team.OwnersOnly),
        (ana, ana, team.OwnRole),
        (ana, cy, team.NotMember),  # cy's membership is another store's
        (root, ben, team.NotMember),
    ):
        with pytest.raises(refusal):
            team.transfer_ownership(actor=Actor(actor), membership=member(heir))

    assert member(ana).role == Role.OWNER
    assert member(cy).role == Role.OWNER


def test_a_half_done_transfer_is_not_done(anas_store, ana, ben, monkeypatch):
    def fail(**given):
        raise ZeroDivisionError

    monkeypatch.setattr(team, "save_audit", fail)
    with pytest.raises(ZeroDivisionError):
        team.transfer_ownership(actor=Actor(ana), membership=member(ben))

    assert (member(ana).role, member(ben).role) == (Role.OWNER, Role.ANALYST)


@pytest.mark.parametrize(
    "shrink",
    [
        lambda ana, who: team.change_role(actor=ana, membership=who, role=Role.ANALYST),
        lambda ana, who: team.take_right(actor=ana, membership=who, right=EXPORT),
        lambda ana, who: team.remove(actor=ana, membership=who),
        lambda ana, who: team.leave(actor=Actor(who.user), tenant=who.tenant),
    ],
)
def test_a_key_ends_with_the_rights_of_who_made_it(
    anas_store, people, ana, shrink, django_assert_num_queries
):
    mia = people["marketer"]
    beyond = keys.make_key(actor=Actor(mia), tenant=anas_store, name="a", rights=[EXPORT])
    others = keys.make_key(actor=Actor(ana), tenant=anas_store, name="b", rights=[EXPORT])

    shrink(Actor(ana), member(mia))

    assert keys.find_key(beyond.raw) is None
    assert keys.find_key(others.raw)
    assert ("api_key.revoked",) in trail()


def test_a_key_within_what_is_left_lives_on(anas_store, people, ana):
    mia = people["marketer"]
    within = keys.make_key(actor=Actor(mia), tenant=anas_store, name="a", rights=["view_orders"])

    team.change_role(actor=Actor(ana), membership=member(mia), role=Role.ANALYST)

    assert keys.find_key(within.raw)
