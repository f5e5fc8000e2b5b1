"""The line of a month in a row of the list of segments."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from segments.admin import growth
from segments.models import Segment, SegmentMember
from tests.segment_pages.conftest import PAGES
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def old(anas_store, make, people, keep):
    """A segment of three months: two of its members joined twenty days ago."""
    segment = make("number_of_orders >= 1")
    keep()
    long_ago = timezone.now() - timedelta(days=90)
    with tenant_scope(anas_store.pk):
        Segment.objects.filter(pk=segment.pk).update(created_at=long_ago)
        joined = timezone.now() - timedelta(days=20)
        SegmentMember.objects.filter(segment=segment).update(valid_from=joined)
    return segment


def test_the_line_goes_from_the_members_of_then_to_those_of_now(anas, old):
    page = anas.get(PAGES).text

    (points,) = re.findall(r'<polyline points="([^"]*)"', page)
    heights = [float(point.split(",")[1]) for point in points.split()]
    assert "In 30 days from 0 to 2 members" in page
    assert heights == [22.0] * 9 + [2.0] * 21
    assert "±0" in page  # nobody within the week


def test_a_line_that_was_not_read_whole_is_not_drawn(anas, old, monkeypatch):
    monkeypatch.setattr(growth, "MOST", 1)

    assert "<polyline" not in anas.get(PAGES).text


def test_more_segments_are_no_more_statements(anas, old, make):
    anas.get(PAGES)  # what only a browser's first page asks
    with CaptureQueriesContext(connection) as one:
        anas.get(PAGES)
    for number in range(3):
        make(name=f"Friends {number}")
    with CaptureQueriesContext(connection) as four:
        anas.get(PAGES)

    assert len(four) == len(one)
