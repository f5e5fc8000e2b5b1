"""A segment's own page: members, growth, who came and went, and its buttons."""

import pytest

from customers.models import Customer
from customers.tests.builders import make_customer
from segments.admin import page
from segments.changes import note_everybody
from segments.models import SegmentMember, SegmentState
from tenants.models import AuditEntry
from tenants.roles import Right
from tests.segment_pages.conftest import PAGES, found, lacks
from xeno.lib.postgres.scope import tenant_scope


def of(segment, path="change/"):
    return f"{PAGES}{segment.pk}/{path}"


@pytest.fixture
def buyers(make, people, keep):
    """Kim and Lee are in it."""
    segment = make("number_of_orders >= 1")
    keep()
    return segment


@pytest.fixture
def friends(make):
    return make(name="Friends")


def inside(store, segment):
    with tenant_scope(store.pk):
        rows = SegmentMember.objects.filter(segment=segment, valid_to=None)
        return set(rows.values_list("customer__first_name", flat=True))


def test_the_page_shows_who_is_in_and_how_fresh_that_is(anas, buyers):
    shown = anas.get(of(buyers)).text

    assert "kim@shop.test" in shown
    assert "lee@shop.test" in shown
    assert "max@shop.test" not in shown
    assert "Up to date as of" in shown


def test_what_waits_is_said_to_be_pending(anas, buyers, anas_store):
    with tenant_scope(anas_store.pk):
        note_everybody(tenant=anas_store, kinds=["orders"])

    assert "seg-pending" in anas.get(of(buyers)).text


def test_members_come_page_by_page_the_newest_first(anas, anas_store, make, keep, monkeypatch):
    monkeypatch.setattr(page, "PAGE", 2)
    for name in ("Ada", "Bea", "Cleo"):
        make_customer(anas_store, first_name=name, orders_count=3)
    segment = make("number_of_orders = 3")
    keep()

    first = anas.get(of(segment)).context["members"]
    second = anas.get(of(segment), {"before": first["next"]}).context["members"]

    assert [row["name"] for row in first["rows"]] == ["Cleo", "Bea"]
    assert [row["name"] for row in second["rows"]] == ["Ada"]
    assert second["next"] is None


def test_growth_is_told_day_by_day(anas, buyers):
    (today,) = anas.get(of(buyers, "growth/")).json()["days"]

    assert (today["members"], today["joined"], today["left"]) == (2, 2, 0)


def test_who_left_is_told(anas, anas_store, buyers, people, keep):
    with tenant_scope(anas_store.pk):
        Customer.objects.filter(pk=people[1].pk).update(orders_count=0)
        SegmentState.objects.filter(segment=buyers).update(asked=10)
    keep()

    shown = anas.get(of(buyers)).context

    assert [row["name"] for row in shown["left"]] == ["Lee"]


def test_a_copy_has_a_number_and_the_same_query(anas, anas_store, buyers):
    anas.post(of(buyers, "duplicate/"))

    assert found(anas_store, name="Buyers (2)").query == buyers.query


def test_people_are_put_on_a_list_by_address_and_taken_off(anas, anas_store, friends, people):
    emails = "KIM@shop.test, max@shop.test\nnobody@else.test"

    added = anas.post(of(friends, "move/"), {"how": "add", "emails": emails}, follow=True)

    assert inside(anas_store, friends) == {"Kim", "Max"}
    assert "Not known here: nobody@else.test." in added.text

    anas.post(of(friends, "move/"), {"how": "remove", "emails": "max@shop.test"})
    assert inside(anas_store, friends) == {"Kim"}


def test_a_list_is_filled_from_another_segment(anas, anas_store, friends, buyers):
    anas.post(of(friends, "move/"), {"how": "add", "segment": str(buyers.pk)})
    copy = anas.post(of(friends, "duplicate/"), follow=True)

    assert inside(anas_store, friends) == {"Kim", "Lee"}
    assert [row["name"] for row in copy.context["members"]["rows"]] == ["Lee", "Kim"]


def test_nobody_is_put_into_a_dynamic_segment_by_hand(anas, anas_store, buyers):
    answer = anas.post(of(buyers, "move/"), {"how": "add", "emails": "max@shop.test"}, follow=True)

    assert "come by its query" in answer.text
    assert inside(anas_store, buyers) == {"Kim", "Lee"}


def test_the_analyst_sees_the_page_and_can_do_nothing(bens, buyers, anas_store):
    shown = bens.get(of(buyers)).text

    assert "kim@shop.test" in shown
    assert "duplicate/" not in shown
    for path in ("duplicate/", "move/", "tag/"):
        assert bens.post(of(buyers, path), {"add": "vip"}).status_code == 403


def test_without_the_right_to_view_customers_nobody_is_named(bens, anas_store, buyers):
    lacks(anas_store, "analyst", Right.VIEW_CUSTOMERS)

    shown = bens.get(of(buyers)).text

    assert ">2</p>" in shown
    assert "kim@shop.test" not in shown


def test_who_was_shown_is_in_the_audit_trail(anas, anas_store, buyers, people):
    anas.get(of(buyers))

    with tenant_scope(anas_store.pk):
        seen = AuditEntry.objects.filter(action="customer.listed").values_list("seen", flat=True)
        assert {pk for entry in seen for pk in entry} == {people[0].pk, people[1].pk}


# --- Why ------------------------------------------------------------------------------------------


def test_why_says_clause_by_clause_with_the_values(anas, make, people):
    segment = make("number_of_orders >= 5 AND last_order_date < -30d")

    told = anas.get(of(segment, f"why/{people[0].pk}/")).context

    assert told["holds"] is True
    whole, orders, days = told["lines"]
    assert (whole.joined, orders.holds, days.holds) == ("and", True, True)
    assert ("is", "12") in orders.facts


def test_why_also_answers_for_somebody_who_is_not_in_it(anas, make, people):
    segment = make("number_of_orders >= 5")

    shown = anas.get(of(segment, f"why/{people[1].pk}/?part=1")).text

    assert "not in it" in shown
    assert "number_of_orders &gt;= 5" in shown
    assert "<html" not in shown


def test_the_day_of_the_change_is_told(anas, make, people):
    segment = make("last_order_date > -90d")

    assert anas.get(of(segment, f"why/{people[0].pk}/")).context["changes_on"]


def test_the_customers_page_lists_the_segments_with_a_why(anas, buyers, people, make):
    make("number_of_orders > 50", name="Never")

    shown = anas.get(f"/admin/customers/customer/{people[0].pk}/change/").text

    assert of(buyers, f"why/{people[0].pk}/") in shown
    assert ">Never</a>" in shown
    assert "in it" in shown
    assert "not in it" in shown


def test_who_may_not_view_segments_sees_no_panel(sams, buyers, people):
    assert "Segments</h2>" not in sams.get(
        f"/admin/customers/customer/{people[0].pk}/change/"
    ).text  # fmt: skip


def test_why_takes_both_rights(bens, anas_store, buyers, people):
    lacks(anas_store, "analyst", Right.VIEW_CUSTOMERS)

    assert bens.get(of(buyers, f"why/{people[0].pk}/")).status_code == 403
