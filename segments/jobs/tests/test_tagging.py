"""Tags for everybody in a segment: at once when they are few, else by a worker's turns."""

from functools import partial

import pytest

from customers.models import CustomerTag
from segments.api.tests.conftest import five as five
from segments.api.tests.conftest import segment as segment
from segments.jobs import starting, working
from segments.jobs.models import SegmentJob
from tenants.audit import Actor
from tenants.models import AuditEntry


@pytest.fixture
def small_steps(monkeypatch):
    """Two customers a step, of which none is done within the request."""
    monkeypatch.setattr(working, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(starting, "MOST_AT_ONCE", 0)


@pytest.fixture
def start(ana, in_anas_store):
    return partial(starting.start_tagging, actor=Actor(ana), tenant=in_anas_store)


def tagged(word):
    rows = CustomerTag.objects.filter(tag_key=word, present=True)
    return set(rows.values_list("customer_id", flat=True))


def test_few_are_tagged_within_the_request(ana_api, segment, five):
    response = ana_api.post(f"/segments/{segment().pk}/tag", {"add": ["Spring"]}, format="json")

    told = response.json()
    assert (response.status_code, told["state"]) == (202, "done")
    assert (told["total"], told["done"], told["changed"]) == (3, 3, 3)
    assert tagged("spring") == {customer.pk for customer in five[2:]}
    assert AuditEntry.objects.filter(action="segment.tagged").count() == 1


def test_many_are_tagged_by_turns_and_the_job_says_how_far(
    ana_api, start, segment, five, small_steps, in_anas_store
):
    job = start(segment=segment(), add=["spring"])
    assert (job.state, job.total, tagged("spring")) == ("running", 3, set())
    assert working.is_due(tenant=in_anas_store)

    working.work(tenant=in_anas_store, seconds=0)
    told = ana_api.get(f"/segments/jobs/{job.pk}").json()
    assert (told["state"], told["done"], len(tagged("spring"))) == ("running", 2, 2)

    while working.work(tenant=in_anas_store):
        pass
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == ("done", 3, 3)
    assert tagged("spring") == {customer.pk for customer in five[2:]}


def test_whoever_was_in_it_when_it_was_ordered_is_tagged(
    start, segment, five, small_steps, in_anas_store
):
    """The query itself reads the tag: each step would push the rest out of the segment."""
    from segments import keeping

    untagged = segment(query="customer_tags NOT CONTAINS 'spring'")
    start(segment=untagged, add=["spring"])

    while working.work(tenant=in_anas_store, seconds=0):
        while keeping.keep(tenant=in_anas_store):
            pass

    assert tagged("spring") == {customer.pk for customer in five}


def test_a_job_that_a_worker_holds_is_left_to_it(start, segment, five, small_steps, in_anas_store):
    start(segment=segment(), add=["spring"])

    assert working.take() is not None
    assert working.take() is None
    assert not working.is_due(tenant=in_anas_store)


def test_a_segment_that_was_deleted_meanwhile_ends_its_job(
    start, segment, five, small_steps, in_anas_store, ana
):
    from segments.actions import delete_segment

    made = segment()
    job = start(segment=made, add=["spring"])
    delete_segment(actor=Actor(ana), tenant=in_anas_store, segment_id=made.pk)

    working.work(tenant=in_anas_store)

    job.refresh_from_db()
    assert (job.state, tagged("spring")) == ("failed", set())


@pytest.mark.parametrize(("body", "code"), [
    ({}, "no_tags_given"), ({"add": ["a,b"]}, "tag_not_valid"), ({"add": [" "]}, "blank"),
])  # fmt: skip
def test_a_tagging_of_nothing_is_refused(ana_api, segment, body, code):
    response = ana_api.post(f"/segments/{segment().pk}/tag", body, format="json")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == code
    assert not SegmentJob.objects.exists()
