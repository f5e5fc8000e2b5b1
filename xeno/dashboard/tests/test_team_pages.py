"""The team, invitations, keys and the store's settings in the admin: the API's own functions."""

import re

import pytest
from django.utils import timezone

from tenants import keys
from tenants.models import AccountMail, ApiKey, AuditEntry, Invitation, Membership, TwoFactor
from tenants.roles import ROLE_RIGHTS, Role
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
TEAM = "/admin/tenants/membership"
INVITATIONS = "/admin/tenants/invitation"
KEYS = "/admin/tenants/apikey"


@pytest.fixture
def bens_page(ben):
    return f"{TEAM}/{Membership.objects.get(user=ben).pk}"


def noted(store):
    """The actions in the store's trail."""
    with tenant_scope(store.pk):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def ticked(rights, **more):
    return {"rights_shown": "1", "allowed": [str(right) for right in rights], **more}


def exceptions(ben):
    return dict(Membership.objects.get(user=ben).exceptions.values_list("right", "granted"))


def test_a_box_that_is_ticked_grants_and_one_that_is_not_takes(anas, anas_store, ben, bens_page):
    boxes = (ROLE_RIGHTS[Role.ANALYST] | {"export_data"}) - {"view_orders"}

    anas.post(f"{bens_page}/change/", ticked(boxes, role="analyst"))

    assert exceptions(ben) == {"export_data": True, "view_orders": False}
    assert ben.has_perm("tenants.export_data", anas_store)
    assert noted(anas_store) == ["right.granted", "right.taken"]
    page = anas.get(f"{bens_page}/change/").text
    assert page.count("granted") == page.count("taken") == 1


def test_a_role_that_changes_brings_its_rights_past_untouched_boxes(
    anas, anas_store, ben, bens_page
):
    anas.post(f"{bens_page}/change/", ticked(ROLE_RIGHTS[Role.ANALYST], role="marketer"))

    assert exceptions(ben) == {}
    assert ben.has_perm("tenants.send_campaigns", anas_store)


def test_a_post_without_the_boxes_takes_nothing(anas, ben, bens_page):
    anas.post(f"{bens_page}/change/", {"role": "analyst"})

    assert exceptions(ben) == {}


def test_boxes_of_what_one_does_not_hold_are_closed_and_count_for_nothing(
    anas, signed_in, anas_store, ana, ben, bens_page
):
    """Adam may not export: he neither gives it nor takes it."""
    from conftest import make_member

    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)
    adams_page = f"{TEAM}/{Membership.objects.get(user=adam).pk}/change/"
    anas.post(adams_page, ticked(ROLE_RIGHTS[Role.ADMIN] - {"export_data"}, role="admin"))
    adams = signed_in(adam)

    adams.post(
        f"{bens_page}/change/", ticked(ROLE_RIGHTS[Role.ANALYST] | {"export_data"}, role="analyst")
    )

    page = adams.get(f"{bens_page}/change/").text
    assert re.findall(r'value="(\w+)"[^>]* disabled', page) == ["export_data"]
    assert exceptions(ben) == {}


def test_an_owner_of_ones_own_page_has_no_boxes(anas, ana):
    page = anas.get(f"{TEAM}/{Membership.objects.get(user=ana).pk}/change/").text

    assert "rights_shown" not in page
    assert "Manage the team" in page


def test_the_store_is_handed_over_after_a_question(anas, ana, ben, bens_page):
    assert "becomes an owner" in anas.get(f"{bens_page}/transfer/").text
    assert Membership.objects.get(user=ben).role == Role.ANALYST

    anas.post(f"{bens_page}/transfer/")

    assert Membership.objects.get(user=ben).role == Role.OWNER
    assert Membership.objects.get(user=ana).role == Role.ADMIN
    assert anas.post(f"{bens_page}/transfer/").status_code == 403


def test_one_leaves_after_a_question_and_the_last_owner_does_not(anas, bens, ana, ben, anas_store):
    page = f"/admin/tenants/tenant/{anas_store.pk}/leave/"
    assert bens.get(page).status_code == 200
    assert ben.memberships.exists()

    bens.post(page)
    refused = anas.post(page, follow=True)

    assert not ben.memberships.exists()
    assert "last owner" in refused.text
    assert ana.memberships.exists()


def test_f095_another_store_is_not_left_by_its_address(anas, anas_store, cys_store, cy):
    for method in (anas.get, anas.post):
        assert method(f"/admin/tenants/tenant/{cys_store.pk}/leave/").status_code == 403

    assert cy.memberships.exists()


def test_somebody_is_invited_again_and_not(anas, anas_store):
    anas.post(f"{INVITATIONS}/add/", {"email": "Dee@Example.com", "role": "support"})
    invitation = Invitation.objects.get(email="dee@example.com", tenant=anas_store)
    twice = anas.post(f"{INVITATIONS}/add/", {"email": "dee@example.com", "role": "support"})
    page = f"{INVITATIONS}/{invitation.pk}"
    anas.get(f"{page}/resend/")
    anas.post(f"{page}/resend/")
    anas.post(f"{page}/delete/", {"post": "yes"})

    assert "invited already" in twice.text
    assert noted(anas_store) == ["invitation.sent", "invitation.resent", "invitation.withdrawn"]
    assert not Invitation.objects.exists()
    assert not AccountMail.objects.exists()


def test_each_sending_leaves_a_mail(anas):
    anas.post(f"{INVITATIONS}/add/", {"email": "dee@example.com", "role": "support"})

    assert AccountMail.objects.get().kind == AccountMail.Kind.INVITATION


def test_an_admin_is_not_offered_to_make_owners(signed_in, anas_store, ana):
    from conftest import make_member

    adams = signed_in(make_member(anas_store, "adam@example.com", Role.ADMIN))

    page = adams.get(f"{INVITATIONS}/add/").text
    adams.post(f"{INVITATIONS}/add/", {"email": "me@example.com", "role": "owner"})

    assert 'value="admin"' in page
    assert 'value="owner"' not in page
    assert not Invitation.objects.exists()


def test_a_key_is_shown_once_and_revoked(anas, anas_store):
    asked = {"name": "ERP", "rights_shown": "1", "holds": ["view_orders"]}

    page = anas.post(f"{KEYS}/add/", asked)
    raw = page.context["raw"]

    assert raw in page.text
    assert "no-store" in page.headers["Cache-Control"]
    with tenant_scope(anas_store.pk):
        key = keys.find_key(raw)
        assert (key.name, key.rights) == ("ERP", ["view_orders"])
    for path in (f"{KEYS}/", f"{KEYS}/{key.pk}/change/"):
        assert raw not in anas.get(path).text
    assert anas.get(f"{KEYS}/{key.pk}/revoke/").status_code == 200
    anas.post(f"{KEYS}/{key.pk}/revoke/")
    with tenant_scope(anas_store.pk):
        assert keys.find_key(raw) is None
    assert noted(anas_store) == ["api_key.made", "api_key.revoked"]


@pytest.mark.parametrize(
    "wrong",
    [{"holds": []}, {"holds": ["manage_team"]}, {"expires_at_0": "2001-01-01",
                                                 "expires_at_1": "00:00"}, {"name": ""}],
)  # fmt: skip
def test_a_wrong_key_is_a_form_error(anas, anas_store, wrong):
    asked = {"name": "ERP", "rights_shown": "1", "holds": ["view_orders"], **wrong}

    assert "errors" in anas.post(f"{KEYS}/add/", asked).context

    with tenant_scope(anas_store.pk):
        assert not ApiKey.objects.exists()


def test_two_factor_is_required_by_who_uses_it(anas, ana, anas_store):
    page = f"/admin/tenants/tenant/{anas_store.pk}/change/"
    asked = {"name": "Ana", "timezone": "Europe/London", "require_two_factor": "on"}

    refused = anas.post(page, asked)
    anas_store.refresh_from_db()
    assert not anas_store.require_two_factor
    assert "for yourself first" in refused.text
    TwoFactor.objects.create(user=ana, secret="x", confirmed_at=timezone.now())
    anas.post(page, asked)

    anas_store.refresh_from_db()
    assert anas_store.require_two_factor
    assert noted(anas_store) == ["store.changed"]
