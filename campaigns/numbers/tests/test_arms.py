"""The arms of the lift are exactly the people who were in the lot at the freeze, whatever became
of them, over random campaigns."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import audience
from campaigns.models import Campaign, Message
from campaigns.numbers.lifting import draws_for, find_lift
from campaigns.tests.conftest import make_customer
from orders.models import Order
from segments.models import Segment, SegmentMember
from tests.rows import make_row

FROZEN = datetime(2026, 6, 1, 12, tzinfo=UTC)
# What becomes of a message after the freeze: state, reason.
FATES = st.sampled_from(
    [
        ("queued", ""), ("sent", ""), ("failed", ""), ("uncertain", ""),
        ("skipped", "no_consent"), ("skipped", "suppressed"), ("skipped", "cancelled"),
    ]
)  # fmt: skip
# Consent, order's hour after the freeze or None, fate.
PERSON = st.tuples(
    st.sampled_from(["subscribed", "subscribed", "subscribed", "pending"]),
    st.one_of(st.none(), st.integers(-48, 24 * 20)),
    FATES,
)


def order(customer, hour: int) -> None:
    make_row(
        Order,
        customer=customer,
        currency="GBP",
        current_amount=Decimal(5),
        processed_at=FROZEN + timedelta(hours=hour),
    )


def settle(message: Message, state: str, reason: str) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, reason=reason, handed_at=Now())


@pytest.mark.parametrize("tested", [0, 2])
@given(people=st.lists(PERSON, min_size=1, max_size=12))
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_everybody_planned_is_in_one_arm_whatever_became_of_them(
    in_anas_store, campaign, tested, people
):
    for model in (Order, Message, SegmentMember):
        model.objects.all().delete()
    audiences = campaign.audiences.all()
    audiences.delete()
    segment = Segment.objects.get_or_create(name="Everybody", kind="static")[0]
    campaign.audiences.create(segment=segment)
    Campaign.objects.filter(frozen_at=None).update(
        holdout_percent=40,
        decided_at_size=tested,
        variants=[{"key": "B", "subject": "Other"}],
        state="sending",
        started_at=FROZEN,
        frozen_at=FROZEN,
    )
    campaign.refresh_from_db()
    first = 1 + max(customer_numbers(), default=0)
    made = [
        make_customer(first + place, f"{first + place}@example.com", consent)
        for place, (consent, _, _) in enumerate(people)
    ]
    for person in made:
        SegmentMember.objects.create(segment=segment, customer=person, valid_from=FROZEN)

    audience.insert_messages(tenant=in_anas_store, campaign=campaign, now=FROZEN)
    planned = dict(Message.objects.values_list("customer_id", "state"))
    for person, (_, hour, fate) in zip(made, people, strict=True):
        if planned[person.pk] == "queued":
            message = Message.objects.get(customer=person)
            # One that waits for the winner is claimed by nobody.
            waits = message.variant == "" and fate[1] != "cancelled"
            settle(message, *(("queued", "") if waits else fate))
        if hour is not None:
            order(person, hour)

    found = find_lift(tenant=in_anas_store, campaign=campaign)

    bought = {
        person.pk
        for person, (_, hour, _) in zip(made, people, strict=True)
        if hour is not None and 0 <= hour < 24 * 14
    }
    treated = {pk for pk, state in planned.items() if state == "queued"}
    held = {pk for pk, state in planned.items() if state == "holdout"}
    if not held:
        assert found is None
        return
    arms = found.lift
    assert (arms.treated.people, arms.treated.converted) == (len(treated), len(treated & bought))
    assert (arms.holdout.people, arms.holdout.converted) == (len(held), len(held & bought))


def customer_numbers() -> list[int]:
    from customers.models import Customer

    return list(Customer.objects.values_list("shopify_id", flat=True))


@pytest.mark.parametrize(
    ("buyers", "draws"), [(0, 1999), (20_000, 1999), (50_000, 799), (10**7, 299)]
)
def test_a_report_of_very_many_buyers_stays_bounded(buyers, draws):
    assert draws_for(buyers) == draws
