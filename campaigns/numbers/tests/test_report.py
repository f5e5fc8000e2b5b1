"""What a report counts: people, machines apart; by variant, link and time; beside the past."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.attribution import Model
from campaigns.models import Campaign, Link, Message, Touch
from campaigns.numbers.funnel import find_funnels, find_links, total_of
from campaigns.numbers.report import make_report
from campaigns.numbers.times import find_times
from campaigns.tests.conftest import make_customer, make_message
from orders.models import Order
from tests.rows import make_row


def freeze(campaign: Campaign, at: datetime) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(state="sending", started_at=at, frozen_at=at)
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def frozen(campaign) -> Campaign:
    """Frozen a day ago."""
    Campaign.objects.update(variants=[{"key": "B", "subject": "Other"}])
    return freeze(campaign, timezone.now() - timedelta(days=1))


def touch(message: Message, kind: str, machine: str = "", **given) -> Touch:
    told = {"happened_at": timezone.now() - timedelta(hours=1)} | given
    return Touch.objects.create(
        message=message,
        campaign=message.campaign,
        customer=message.customer,
        kind=kind,
        machine=machine,
        **told,
    )


def sent(campaign: Campaign, customer, variant: str = "A") -> Message:
    return make_message(
        campaign,
        customer,
        state="sent",
        handed_at=campaign.frozen_at + timedelta(minutes=1),
        variant=variant,
    )


def order(customer, amount: str, at: datetime | None = None) -> Order:
    worth = Decimal(amount)
    return make_row(
        Order,
        customer=customer,
        currency="GBP",
        amount=worth,
        reported_amount=worth,
        current_amount=worth,
        processed_at=at or timezone.now(),
    )


def test_everybody_planned_is_somewhere_in_the_funnel(in_anas_store, frozen, kim, lee):
    sent(frozen, kim)
    for number, state in enumerate(["queued", "failed", "holdout"], 10):
        make_message(frozen, make_customer(number, f"{number}@example.com"), state=state)
    make_message(frozen, lee, state="skipped", reason="capped")

    found = make_report(tenant=in_anas_store, campaign=frozen).funnel

    assert (found.sent, found.waiting, found.failed, found.holdout) == (1, 1, 1, 1)
    assert found.skipped == {"capped": 1}
    assert found.planned == 5


def test_a_person_counts_once_and_machines_apart(in_anas_store, frozen, kim, lee):
    one, other = sent(frozen, kim), sent(frozen, lee, "B")
    for machine in ("", "", "agent", "agent"):
        touch(one, "clicked", machine)
    touch(other, "clicked", "all_links")

    found = make_report(tenant=in_anas_store, campaign=frozen)

    assert (found.funnel.touched["clicked"].people, found.funnel.touched["clicked"].machines) == (
        1, 2,
    )  # fmt: skip
    assert found.funnel.rate("clicked") == 0.5
    shares = {each.key: each.funnel.touched["clicked"].people for each in found.variants}
    assert shares == {"A": 1, "B": 0}


def test_each_link_has_its_own_people(in_anas_store, frozen, kim, lee):
    first, second = (
        Link.objects.create(campaign=frozen, url=f"https://x/{n}", url_hash=str(n), position=n)
        for n in (1, 2)
    )
    for message in (sent(frozen, kim), sent(frozen, lee)):
        touch(message, "clicked", link=first)
        touch(message, "clicked", link=first)
        touch(message, "clicked", "head", link=second)

    found = find_links(tenant=in_anas_store, campaign_id=frozen.pk)

    told = [(link.url, link.people, link.clicks, link.machines) for link in found]
    assert told == [("https://x/1", 2, 4, 0), ("https://x/2", 0, 0, 2)]


def test_hours_end_at_the_stores_midnight_and_days_begin(in_anas_store, campaign, kim):
    began = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)  # London is an hour ahead
    message = sent(freeze(campaign, began), kim)
    touch(message, "opened", happened_at=datetime(2026, 6, 1, 10, 15, tzinfo=UTC))
    touch(message, "clicked", happened_at=datetime(2026, 6, 3, 22, 59, tzinfo=UTC))
    touch(message, "clicked", happened_at=datetime(2026, 6, 3, 23, 1, tzinfo=UTC))

    found = find_times(tenant=in_anas_store, campaign_id=campaign.pk, frozen_at=began)

    assert [(each.begins, each.hourly, each.people) for each in found] == [
        (datetime(2026, 6, 1, 9, tzinfo=UTC), True, {"sent": 1}),
        (datetime(2026, 6, 1, 10, tzinfo=UTC), True, {"opened": 1}),
        (datetime(2026, 6, 3, 22, tzinfo=UTC), True, {"clicked": 1}),
        (datetime(2026, 6, 3, 23, tzinfo=UTC), False, {"clicked": 1}),
    ]


def test_three_models_stand_side_by_side(in_anas_store, frozen, kim):
    touch(sent(frozen, kim), "opened")
    order(kim, "12.50")

    found = {each.model: each for each in make_report(tenant=in_anas_store, campaign=frozen).earned}

    assert found[Model.LAST_TOUCH].revenue == found[Model.FIRST_TOUCH].revenue == Decimal("12.50")
    assert (found[Model.LAST_CLICK].orders, found[Model.LAST_CLICK].revenue) == (0, 0)


def test_who_is_credited_through_two_variants_is_one_customer_of_the_campaign(
    in_anas_store, frozen, kim, lee
):
    # Lee and Kim were merged since: both their messages are Kim's now.
    for customer, variant, hours in ((kim, "A", 5), (lee, "B", 2)):
        at = timezone.now() - timedelta(hours=hours)
        touch(sent(frozen, customer, variant), "clicked", happened_at=at)
        order(kim, "10.00", at + timedelta(hours=1))
    Touch.objects.update(customer=kim)

    report = make_report(tenant=in_anas_store, campaign=frozen)

    whole = report.earned[0]
    assert [each.earned[0].customers for each in report.variants] == [1, 1]
    assert (whole.customers, whole.orders, whole.revenue) == (1, 2, Decimal("20.00"))


def test_it_is_seen_beside_the_past_at_its_own_age(in_anas_store, sender, frozen, kim, lee):
    then = timezone.now() - timedelta(days=30)
    past = freeze(Campaign.objects.create(name="Past", sender=sender), then)
    for message in (sent(past, kim), sent(past, lee)):
        touch(message, "opened", happened_at=then + timedelta(hours=2))
        touch(message, "clicked", happened_at=then + timedelta(days=3))  # older than this one is
    touch(sent(frozen, kim), "clicked")

    found = make_report(tenant=in_anas_store, campaign=frozen)

    told = {each.name: (each.own, each.past) for each in found.compared}
    assert found.compared_with == 1
    assert told["opened_rate"] == (0.0, 1.0)
    assert told["clicked_rate"] == (1.0, 0.0)


def test_a_draft_has_a_report_of_nothing(in_anas_store, campaign):
    found = make_report(tenant=in_anas_store, campaign=campaign)

    assert (found.funnel.planned, found.times, found.lift, found.compared_with) == (0, [], None, 0)


def test_more_people_cost_no_more_statements(in_anas_store, frozen, kim):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            make_report(tenant=in_anas_store, campaign=frozen)
        return len(asked)

    sent(frozen, kim)
    few = statements()
    for number in range(10, 40):
        touch(sent(frozen, make_customer(number, f"{number}@example.com")), "clicked")

    assert statements() == few


def test_funnels_of_several_are_told_apart(in_anas_store, sender, frozen, kim):
    other = freeze(Campaign.objects.create(name="Other", sender=sender), timezone.now())
    sent(frozen, kim)
    touch(sent(other, kim), "bounced")

    found = find_funnels(tenant=in_anas_store, campaign_ids=[frozen.pk, other.pk])

    totals = {pk: total_of(variants.values()) for pk, variants in found.items()}
    assert [totals[pk].touched["bounced"].people for pk in (frozen.pk, other.pk)] == [0, 1]


def test_the_api_tells_it_and_refuses_what_cannot_be_told(ana_api, in_anas_store, frozen, kim, lee):
    sent(frozen, kim)
    make_message(frozen, lee, state="holdout", reason="holdout")

    told = ana_api.get(f"/campaigns/{frozen.pk}/report").json()

    assert (told["funnel"]["sent"], told["funnel"]["holdout"]) == (1, 1)
    assert told["lift"]["treated"] == {"people": 1, "ordered": 0}
    assert told["lift"]["conversion"] is None
    assert "10 people" in told["lift"]["refusal"]
    assert [each["model"] for each in told["attributed"]] == [model.value for model in Model]


def test_the_api_tells_lift_with_intervals(ana_api, in_anas_store, frozen):
    for number in range(60):
        person = make_customer(100 + number, f"{number}@example.com")
        held = number >= 30
        make_message(frozen, person, state="holdout" if held else "failed", variant="A")
        if number < 25 or number >= 48:
            order(person, "20")

    told = ana_api.get(f"/campaigns/{frozen.pk}/report").json()["lift"]

    assert (told["treated"]["ordered"], told["holdout"]["ordered"]) == (25, 12)
    assert told["conversion"]["low"] < told["conversion"]["estimate"] < told["conversion"]["high"]
    assert told["conversion"]["estimate"] == pytest.approx(25 / 30 - 12 / 30)
    assert Decimal(told["revenue_per_recipient"]["estimate"]) == pytest.approx(
        Decimal("8.67"), abs=Decimal("0.01")
    )


def test_what_left_after_an_unsubscribe_is_told_by_its_lag(ana_api, in_anas_store, frozen, kim):
    message = sent(frozen, kim)
    left = message.handed_at - timedelta(seconds=4)
    touch(message, "unsubscribed", happened_at=left)

    told = ana_api.get(f"/campaigns/{frozen.pk}/report").json()

    assert told["largest_lag"] == pytest.approx(4)
