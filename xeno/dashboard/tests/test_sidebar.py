"""The sidebar shows what the user's rights in the open store allow, and how much is parked."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory

from conftest import make_member
from tenants.roles import Role
from tests.rows import make_row
from webhooks.models import Delivery, State
from xeno.dashboard import callbacks
from xeno.dashboard.callbacks import GROUPS, environment, navigation, parked_badge
from xeno.lib.postgres.scope import tenant_scope

ALL = {"Home", "Customers", "Segments", "Orders", "Checkouts", "Products", "Webhook deliveries",
       "Team", "Privacy requests", "Invitations", "API keys", "Stores", "Audit trail", "Connection",
       "Syncs", "Edits for Shopify", "Campaigns", "Templates", "Suppressions", "Senders", "Topics",
       "Local mailbox", "Exports", "Imports", "Predictions", "Sending settings"}  # fmt: skip


@pytest.fixture
def visit(anas_store):
    """The request of a user who has Ana's store open, or none."""

    def visit(user, store=anas_store):
        request = RequestFactory().get("/admin/")
        request.user, request.tenant = user, store
        return request

    return visit


def items(request):
    return {item["title"]: item for group in navigation(request) for item in group["items"]}


def park(store, count):
    with tenant_scope(store.pk):
        for _ in range(count):
            make_row(Delivery, state=State.PARKED)


@pytest.mark.parametrize("label", [label for _, entries in GROUPS for label, _ in entries])
def test_every_entry_is_a_page_of_the_admin(label):
    assert apps.get_model(label) in admin.site._registry


def test_an_owner_sees_every_page_of_a_store(visit, ana, in_anas_store):
    assert items(visit(ana)).keys() == ALL


def test_an_analyst_sees_no_page_about_the_install_or_the_team(visit, ben, in_anas_store):
    seen = items(visit(ben)).keys()

    assert {"Home", "Customers", "Orders", "Products"} <= seen
    assert not seen & {"Team", "Webhook deliveries", "Audit trail", "Users"}


def test_support_sees_customers_and_orders_only(visit, anas_store, in_anas_store):
    sue = make_member(anas_store, "sue@example.com", Role.SUPPORT)

    seen = items(visit(sue)).keys()

    assert {"Home", "Customers", "Orders"} <= seen
    assert not seen & {"Team", "Webhook deliveries", "Audit trail", "Users"}


def test_a_stranger_in_the_store_sees_its_home_only(visit, cy, in_anas_store):
    assert items(visit(cy)).keys() <= {"Home", "Stores"}


def test_without_a_store_nothing_of_a_store_is_offered(visit, ana):
    assert not items(visit(ana, store=None)).keys() & (ALL - {"Home", "Stores", "Team"})


def test_a_group_without_a_page_is_not_drawn(visit, cy, in_anas_store):
    groups = navigation(visit(cy))

    assert all(group["items"] for group in groups)
    assert "Sales" not in [group.get("title") for group in groups]


def test_each_page_has_a_link_and_an_icon(visit, ana, in_anas_store):
    for item in items(visit(ana)).values():
        assert item["link"].startswith("/admin/")
        assert item["icon"]


def test_predictions_stand_below_customers(visit, ana, in_anas_store):
    group = next(g for g in navigation(visit(ana)) if g.get("title") == "Customers")

    assert [item["title"] for item in group["items"]] == ["Customers", "Segments", "Predictions"]


@pytest.mark.parametrize(("parked", "badge"), [(0, None), (1, "1"), (3, "3"), (4, "3+")])
def test_the_badge_counts_what_is_parked_up_to_a_limit(
    visit, ana, in_anas_store, monkeypatch, parked, badge
):
    monkeypatch.setattr(callbacks, "MOST_PARKED", 3)
    park(in_anas_store, parked)

    assert items(visit(ana))["Webhook deliveries"]["badge"] == badge


def test_only_what_is_parked_is_on_the_badge(visit, ana, in_anas_store):
    for state in State:
        make_row(Delivery, state=state)

    assert parked_badge(visit(ana)) == "1"


def test_the_badge_is_for_those_who_can_do_something_about_it(visit, ben, in_anas_store):
    park(in_anas_store, 1)

    assert parked_badge(visit(ben)) is None


def test_another_stores_parked_webhooks_are_on_no_badge(visit, ana, in_anas_store, cys_store):
    park(cys_store, 2)

    assert parked_badge(visit(ana)) is None


def test_no_store_has_no_badge(visit, ana):
    assert parked_badge(visit(ana, store=None)) is None


@pytest.mark.parametrize(("production", "label"), [(False, ["Development", "info"]), (True, None)])
def test_only_a_trial_install_is_labelled(settings, production, label):
    settings.PRODUCTION = production

    assert environment(SimpleNamespace()) == label
