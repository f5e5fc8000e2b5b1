"""What one read is named by its ETag; an edit that names it does not overwrite another's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from conftest import api_of, make_member
from tenants.models import Membership
from tenants.roles import Role
from tenants.scoping.viewsets import TenantReadViewSet
from tenants.sign_in import start_sign_in
from tests.test_api_surface import routes


@pytest.fixture
def dan(ana, anas_store):
    """Ana's marketer, as a member."""
    user = make_member(anas_store, "dan@example.com", Role.MARKETER)
    return Membership.objects.get(user=user)


def tag_of(api, dan):
    return api.get(f"/team/{dan.pk}").headers["ETag"]


def change(api, dan, role, **headers):
    return api.patch(f"/team/{dan.pk}", {"role": role}, headers=headers)


def role_of(dan):
    return Membership.objects.get(pk=dan.pk).role


def test_a_tag_stays_until_the_row_changes(ana_api, dan):
    before = tag_of(ana_api, dan)

    assert tag_of(ana_api, dan) == before
    changed = change(ana_api, dan, "author")
    assert changed.headers["ETag"] == tag_of(ana_api, dan) != before


def test_a_sign_in_is_no_edit(ana_api, dan):
    before = tag_of(ana_api, dan)
    start_sign_in(user=dan.user)

    assert ana_api.get(f"/team/{dan.pk}").json()["last_sign_in_at"]
    assert tag_of(ana_api, dan) == before


@pytest.mark.parametrize("wrap", ["{}", "*", '"x", {}'])
def test_an_edit_of_what_one_saw_goes_through(ana_api, dan, wrap):
    response = change(ana_api, dan, "author", **{"If-Match": wrap.format(tag_of(ana_api, dan))})

    assert response.status_code == 200
    assert role_of(dan) == Role.AUTHOR


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_an_edit_of_what_was_changed_meanwhile_is_refused(ana_api, dan, method):
    seen = tag_of(ana_api, dan)
    change(ana_api, dan, "author")

    response = getattr(ana_api, method)(
        f"/team/{dan.pk}", {"role": "analyst"}, headers={"If-Match": seen}
    )

    assert response.status_code == 412
    assert response.json()["errors"][0]["code"] == "changed_meanwhile"
    assert role_of(dan) == Role.AUTHOR


@pytest.mark.parametrize("wanted", ["", "x", 'W/"{}"'])
def test_what_is_no_strong_tag_matches_nothing(ana_api, dan, wanted):
    weak = wanted.format(tag_of(ana_api, dan).strip('"'))

    assert change(ana_api, dan, "author", **{"If-Match": weak}).status_code == 412
    assert role_of(dan) == Role.MARKETER


def test_without_the_header_the_last_one_wins(ana_api, dan):
    change(ana_api, dan, "author")

    assert change(ana_api, dan, "analyst").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_of_the_same_version_one_is_refused(ana, dan):
    first, second = api_of(ana), api_of(ana)
    seen = tag_of(first, dan)

    def edit():
        try:
            return change(second, dan, "analyst", **{"If-Match": seen}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Membership.objects.select_for_update().get(pk=dan.pk)
            later = pool.submit(edit)
            threading.Event().wait(0.3)
            Membership.objects.filter(pk=dan.pk).update(role=Role.AUTHOR)
        assert later.result(20) == 412
    assert role_of(dan) == Role.AUTHOR


def test_every_page_of_one_row_of_a_store_has_a_tag(ana_api, in_anas_store):
    views = {view for _, view, actions in routes() if "retrieve" in actions.values()}

    own = {v.__name__ for v in views if v.retrieve is not TenantReadViewSet.retrieve}
    assert (len(views) > 4, own) == (True, {"StoreViewSet", "SendingSettingsViewSet"})
    for path in ("/store", "/sending-settings"):
        assert ana_api.get(path).headers["ETag"]
