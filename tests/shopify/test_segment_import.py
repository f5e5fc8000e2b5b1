"""The segments of a store's own admin come here: page by page, each once, with reasons."""

import pytest
from django.utils import timezone
from urllib3.util.retry import Retry

from segments.actions import SegmentData, create_segment
from segments.jobs import starting, working
from segments.jobs.models import SegmentJob
from segments.models import Segment
from segments.templates import TEMPLATES
from tenants.audit import Actor
from tenants.shopify.errors import NotConnected
from tests.outbox.conftest import shop as shop
from tests.outbox.conftest import store as connected
from xeno.demo.shopify.world import DEFAULT_SEGMENTS, segment

OLD = segment("Opened", "shopify_email.opened(count_at_least: 5) = true", 41)
WRONG = segment("Wrong", "not a valid segment query ???", 42)


__all__ = ["connected", "shop"]


@pytest.fixture
def store(connected):
    """A store that Shopify knows, of which the shop is the stand-in's."""
    connected.installed_at = timezone.now()
    connected.save()
    return connected


def fetch(store):
    job = starting.start_import(actor=Actor(), tenant=store)
    while working.work(tenant=store):
        pass
    job.refresh_from_db()
    return job


def test_the_default_templates_are_those_that_shopify_makes():
    ours = [(each.name, each.query) for each in TEMPLATES.values() if each.default]

    assert ours == list(zip(*DEFAULT_SEGMENTS, strict=True))


def test_every_segment_that_can_be_read_comes(store, shop):
    shop.segments += [OLD, WRONG]

    job = fetch(store)

    assert (job.state, job.done, job.changed) == ("done", 7, 6)
    assert Segment.objects.get(shopify_id=41).query == "shopify_email.opened MATCHES (count >= 5)"
    report = {each["asked_name"]: each for each in job.report}
    assert report["Wrong"]["outcome"] == "refused"
    assert "unexpected" in report["Wrong"]["problems"][0]["detail"]
    assert report["Opened"]["rewritten"]


def test_a_second_fetch_brings_nothing_twice(store, shop):
    fetch(store)

    job = fetch(store)

    assert (job.done, job.changed, Segment.objects.count()) == (5, 0, 5)


def test_a_name_that_is_taken_gets_a_number(store, shop):
    data = SegmentData(name="Email subscribers", query="number_of_orders > 7")
    create_segment(actor=Actor(), tenant=store, data=data)

    fetch(store)

    assert Segment.objects.filter(name="Email subscribers (2)").exists()


def test_more_than_a_page_comes_page_by_page(store, shop):
    shop.segments[:] = [segment(f"At least {n}", f"number_of_orders >= {n}", n + 1)
                        for n in range(260)]  # fmt: skip
    starting.start_import(actor=Actor(), tenant=store)

    working.work(tenant=store, seconds=0)
    first = Segment.objects.count()
    working.work(tenant=store)

    assert (first, Segment.objects.count()) == (250, 260)


def test_a_trouble_that_passes_leaves_it_waiting(store, shop, monkeypatch):
    monkeypatch.setattr(Retry, "get_backoff_time", lambda retry: 0)
    job = starting.start_import(actor=Actor(), tenant=store)
    shop.faults.broken = 20

    working.work(tenant=store)

    job.refresh_from_db()
    assert (job.state, job.held_until is None, bool(job.trouble)) == ("running", False, True)


def test_two_at_once_are_one(store, shop):
    starting.start_import(actor=Actor(), tenant=store)

    with pytest.raises(starting.ImportRunning):
        starting.start_import(actor=Actor(), tenant=store)


def test_a_store_that_is_not_connected_is_not_asked(in_anas_store):
    with pytest.raises(NotConnected):
        starting.start_import(actor=Actor(), tenant=in_anas_store)

    assert not SegmentJob.objects.exists()
