"""The days after the demo's letter: it is read, it sells, some leave, and segments have grown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Link, Message, Touch
from campaigns.numbers.attributed import find_attributed
from campaigns.numbers.reach import find_reach
from campaigns.numbers.report import make_report
from customers.models import Consent, Customer
from orders.numbers.periods import last_days
from orders.tests.builders import make_order
from segments.models import Segment, SegmentMember
from tests.rows import make_row
from xeno.demo.afterwards import AGO, WHO_LEAVES, let_days_pass


@pytest.fixture
def letter(in_anas_store):
    """Sent a moment ago to forty members of a segment; the first of them ordered yesterday."""
    now = timezone.now()
    sent = dict.fromkeys(("started_at", "frozen_at", "progressed_at", "finished_at"), now)
    letter = Campaign.objects.create(name="Letter", state="sent", **sent)
    make_row(Link, campaign=letter)
    segment = make_row(Segment, created_at=now)
    people = [make_row(Customer, email=f"{n}@example.com", email_consent="subscribed")
              for n in range(40)]  # fmt: skip
    for each in people:
        make_row(SegmentMember, segment=segment, customer=each, valid_from=now, valid_to=None)
        make_row(Message, campaign=letter, customer=each, address=each.email, state="sent",
                 reason="", handed_at=now)  # fmt: skip
    make_order(in_anas_store, customer=people[0], amount=70, processed_at=now - timedelta(days=1))
    return letter


def test_the_letter_was_read_sold_something_and_some_left(in_anas_store, letter):
    let_days_pass(store=in_anas_store, campaign=letter)

    letter.refresh_from_db()
    report = make_report(tenant=in_anas_store, campaign=letter)
    people = {kind: touched.people for kind, touched in report.funnel.touched.items()}
    assert timezone.now() - letter.frozen_at > AGO
    assert people["delivered"] == 40 > people["opened"] > people["clicked"] > 1
    assert people["unsubscribed"] == WHO_LEAVES
    assert report.links[0].people == people["clicked"]
    assert Customer.objects.filter(email_consent=Consent.UNSUBSCRIBED).count() == WHO_LEAVES
    assert not Touch.objects.filter(happened_at__gt=timezone.now()).exists()
    assert find_attributed(tenant=in_anas_store, period=last_days(tenant=in_anas_store)).orders == 1


def test_segments_have_grown_and_fewer_were_reachable_before(in_anas_store, letter):
    let_days_pass(store=in_anas_store, campaign=letter)

    moments = SegmentMember.objects.values_list("valid_from", flat=True)
    before = last_days(tenant=in_anas_store).before().last
    now, then = find_reach(tenant=in_anas_store, until=before)
    assert len(set(moments)) > 30
    assert now.by_email == 40 - WHO_LEAVES > then.by_email
