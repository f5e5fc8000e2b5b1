"""Who is and was in a segment, why, and moving people of static ones, over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer
from segments import keeping
from segments.models import SegmentMember
from tenants.models import AuditEntry


def told_ids(response):
    return [int(row["id"]) for row in response.json()["results"]]


@pytest.fixture
def static(segment):
    return segment(name="By hand", kind="static", query="")


def test_members_come_in_pages_and_are_written_down(ana_api, segment, five):
    path = f"/segments/{segment().pk}/customers?page_size=2"

    first = ana_api.get(path)
    second = ana_api.get(first.json()["next"])

    assert told_ids(first) + told_ids(second) == [customer.pk for customer in five[2:]]
    assert second.json()["next"] is None
    assert first.json()["results"][0]["email"] == "3@example.com"
    seen = AuditEntry.objects.filter(action="customer.listed").order_by("pk")
    assert [entry.seen for entry in seen] == [[five[2].pk, five[3].pk], [five[4].pk]]


def test_as_of_a_moment_it_shows_who_was_in_then(ana_api, segment, five, in_anas_store):
    pk = segment().pk
    SegmentMember.objects.update(valid_from=timezone.now() - timedelta(days=2))
    row = SegmentMember.objects.filter(customer=five[4])
    row.update(valid_to=timezone.now() - timedelta(days=1))

    now = ana_api.get(f"/segments/{pk}/customers")
    before = timezone.now() - timedelta(hours=36)
    then = ana_api.get(f"/segments/{pk}/customers", {"as_of": before.isoformat()})

    assert told_ids(now) == [five[2].pk, five[3].pk]
    assert told_ids(then) == [five[2].pk, five[3].pk, five[4].pk]


def test_a_diff_says_who_joined_and_who_left(ana_api, segment, five, in_anas_store):
    pk = segment().pk
    began = timezone.now()
    Customer.objects.filter(pk=five[4].pk).update(orders_count=1)
    Customer.objects.filter(pk=five[0].pk).update(orders_count=9)
    from segments.changes import note_touched

    note_touched(
        tenant=in_anas_store, customer_ids=[five[0].pk, five[4].pk], kinds=["totals", "customer"]
    )
    while keeping.keep(tenant=in_anas_store):
        pass

    joined = ana_api.get(f"/segments/{pk}/diff", {"from": began.isoformat()}).json()
    left = ana_api.get(f"/segments/{pk}/diff", {"from": began.isoformat(), "side": "left"}).json()

    assert (joined["joined"], joined["left"]) == (1, 1)
    assert [row["customer"] for row in joined["results"]] == [str(five[0].pk)]
    assert [row["customer"] for row in left["results"]] == [str(five[4].pk)]
    assert left["results"][0]["left_at"]


@pytest.mark.parametrize("query", [
    "from=2026-02-01&to=2026-01-01", "from=never", "side=up", "side=", "until=2026-01-01",
])  # fmt: skip
def test_a_diff_of_nonsense_is_400(ana_api, segment, query):
    assert ana_api.get(f"/segments/{segment().pk}/diff?{query}").status_code == 400


def test_growth_is_a_row_a_day(ana_api, segment, five):
    days = ana_api.get(f"/segments/{segment().pk}/growth").json()

    assert len(days) == 31
    assert days[-1]["joined"] == days[-1]["members"] == 3
    assert days[0] == {**days[0], "joined": 0, "left": 0, "members": 0}


def test_why_somebody_is_in_it_is_told_clause_by_clause(ana_api, segment, five):
    pk = segment(query="number_of_orders >= 3 AND customer_tags NOT CONTAINS 'x'").pk

    told = ana_api.get(f"/segments/{pk}/explain", {"customer": five[1].pk}).json()

    assert (told["holds"], told["member"], told["verdict"]["joined"]) == (False, False, "and")
    clauses = {part["clause"]: part["holds"] for part in told["verdict"]["parts"]}
    assert clauses == {"number_of_orders >= 3": False, "customer_tags NOT CONTAINS 'x'": True}
    entry = AuditEntry.objects.get(action="customer.viewed")
    assert (entry.object_id, entry.seen) == (str(five[1].pk), [five[1].pk])


def test_nobody_is_explained_who_is_not_named_or_not_there(ana_api, cy_api, segment, five):
    path = f"/segments/{segment().pk}/explain"

    assert ana_api.get(path).status_code == 400
    assert ana_api.get(path, {"customer": five[0].pk + 999}).status_code == 404
    assert ana_api.get(path, {"customer": "1' OR 1=1"}).status_code == 404
    assert cy_api.get(path, {"customer": five[0].pk}).status_code == 404


def test_customers_are_put_into_a_static_segment_and_taken_out(ana_api, segment, static, five):
    path = f"/segments/{static.pk}/members"
    ids = [str(customer.pk) for customer in five[:2]]

    by_ids = ana_api.post(path, {"customers": ids}, format="json").json()
    by_segment = ana_api.post(path, {"segment": str(segment().pk)}, format="json").json()
    by_query = ana_api.post(path, {"query": "number_of_orders > 0"}, format="json").json()
    assert [by_ids, by_segment, by_query] == [{"moved": 2}, {"moved": 3}, {"moved": 0}]

    assert ana_api.delete(f"{path}/{five[0].pk}").status_code == 204
    out = ana_api.post(f"{path}/remove", {"query": "number_of_orders > 3"}, format="json").json()
    assert out == {"moved": 2}
    assert told_ids(ana_api.get(f"/segments/{static.pk}/customers")) == [five[1].pk, five[2].pk]


def test_nobody_is_put_into_a_dynamic_one(ana_api, segment, five):
    path = f"/segments/{segment().pk}/members"

    response = ana_api.post(path, {"customers": [str(five[0].pk)]}, format="json")

    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "segment_not_static"


@pytest.mark.parametrize("body", [
    {}, {"customers": ["1"], "query": "number_of_orders > 0"}, {"customers": ["x"]},
    {"segment": "99999"}, {"query": "number_of_orderz > 0"},
])  # fmt: skip
def test_a_choice_of_nothing_or_of_two_things_is_400(ana_api, static, body):
    path = f"/segments/{static.pk}/members"

    assert ana_api.post(path, body, format="json").status_code == 400
