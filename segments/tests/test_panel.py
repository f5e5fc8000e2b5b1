"""The segments of a customer on their page."""

from customers.models import Customer
from segments import panels
from segments.models import Segment, SegmentMember
from tests.rows import make_row


def test_a_segment_beyond_the_first_is_not_said_to_be_without_the_customer(
    in_anas_store, monkeypatch
):
    monkeypatch.setattr(panels, "MOST_IN", 1)
    kim = make_row(Customer)
    for name in ("First", "Second"):
        segment = make_row(Segment, name=name)
        make_row(SegmentMember, segment=segment, customer=kim, valid_to=None)
    make_row(Segment, name="Another")

    rows = panels.segments_panel(in_anas_store, kim).rows

    [without] = [name for name, state, *_ in rows if "not in it" in state]
    assert "Another" in without
    assert len(rows) == 2
