"""Credits by three models over the same rows, against a brute-force oracle over random stores."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.attribution import Model, Windows, find_credits
from campaigns.models import Campaign, Touch
from campaigns.tests.conftest import make_customer, make_message
from orders.models import Order
from tenants.models import Tenant

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=60)
HOURS = st.integers(0, 24 * 20)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def make_order(number: int, customer, hours: int, amount: str = "10", **given) -> Order:
    told = {"currency": "GBP", "financial_status": "paid"} | given
    return Order.objects.create(
        shopify_id=number,
        name=f"#{number}",
        customer=customer,
        amount=Decimal(amount),
        reported_amount=Decimal(amount),
        current_amount=Decimal(amount),
        processed_at=at(hours),
        created_at=at(hours),
        updated_at=at(hours),
        triggered_at=at(hours),
        **told,
    )


def touch(message, kind: str, hours: int, machine: str = "") -> Touch:
    return Touch.objects.create(
        message=message,
        campaign=message.campaign,
        customer=message.customer,
        kind=kind,
        machine=machine,
        happened_at=at(hours),
    )


def credited(tenant: Tenant, model: Model, windows: Windows | None = None) -> dict[str, Decimal]:
    """Revenue by the campaign's name."""
    names = dict(Campaign.objects.values_list("pk", "name"))
    found = find_credits(tenant=tenant, since=START, until=END, windows=windows or Windows())
    return {names[c.campaign_id]: c.revenue for c in found if c.model == model}


@pytest.fixture
def summer(sender) -> Campaign:
    return Campaign.objects.create(name="Summer", sender=sender)


def test_the_newest_touch_gets_the_order(in_anas_store, campaign, summer, kim):
    touch(make_message(campaign, kim), "clicked", 10)
    touch(make_message(summer, kim), "opened", 20)
    make_order(1, kim, 30)

    assert credited(in_anas_store, Model.LAST_TOUCH) == {"Summer": 10}
    assert credited(in_anas_store, Model.LAST_CLICK) == {"Spring": 10}
    assert credited(in_anas_store, Model.FIRST_TOUCH) == {"Spring": 10}


@pytest.mark.parametrize(("hours", "found"), [(120, {"Spring": 10}), (121, {})])
def test_a_window_ends(in_anas_store, campaign, kim, hours, found):
    touch(make_message(campaign, kim), "clicked", 0)
    make_order(1, kim, hours)

    assert credited(in_anas_store, Model.LAST_TOUCH) == found


def test_what_a_machine_did_earns_nothing(in_anas_store, campaign, kim):
    touch(make_message(campaign, kim), "clicked", 10, machine="agent")
    make_order(1, kim, 12)

    assert credited(in_anas_store, Model.LAST_TOUCH) == {}


def test_a_touch_after_the_order_earns_nothing(in_anas_store, campaign, kim):
    make_order(1, kim, 10)
    touch(make_message(campaign, kim), "clicked", 11)

    assert credited(in_anas_store, Model.FIRST_TOUCH) == {}


@pytest.mark.parametrize(
    "given",
    [{"cancelled_at": at(13)}, {"test": True}, {"financial_status": "voided"}, {"currency": "USD"}],
)
def test_an_order_that_does_not_count_is_not_credited(in_anas_store, campaign, kim, given):
    touch(make_message(campaign, kim), "clicked", 10)
    make_order(1, kim, 12, **given)

    assert credited(in_anas_store, Model.LAST_TOUCH) == {}


def test_a_refund_reduces_the_credit(in_anas_store, campaign, kim):
    touch(make_message(campaign, kim), "clicked", 10)
    order = make_order(1, kim, 12)

    Order.objects.filter(pk=order.pk).update(current_amount=Decimal("2.5"))

    assert credited(in_anas_store, Model.LAST_TOUCH) == {"Spring": Decimal("2.5")}


def test_a_report_of_one_campaign_lets_all_compete(in_anas_store, campaign, summer, kim):
    touch(make_message(campaign, kim), "clicked", 10)
    touch(make_message(summer, kim), "clicked", 11)
    make_order(1, kim, 12)

    found = find_credits(
        tenant=in_anas_store,
        since=START,
        until=END,
        windows=Windows(),
        campaign_ids=[campaign.pk],
    )

    assert [c.model for c in found] == [Model.FIRST_TOUCH]


# --- Against the oracle -----------------------------------------------------------------------

TOUCHES = st.lists(
    st.tuples(
        st.integers(0, 2),  # campaign
        st.integers(0, 2),  # customer
        st.sampled_from(["clicked", "opened", "delivered"]),
        HOURS,
        st.sampled_from(["", "", "", "agent"]),
    ),
    max_size=14,
)
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 3),  # customer; 3 is nobody
        HOURS,
        st.integers(0, 5_000),
        st.sampled_from([{}, {}, {}, {"test": True}, {"currency": "USD"}]),
    ),
    max_size=8,
)


def expected(touches, orders, clicks: timedelta, opens: timedelta) -> dict:
    """Order by order, touch by touch; a touch's place in the list breaks a tie."""
    found: dict[tuple[Model, int], list] = {}
    for customer, hours, cents, odd in orders:
        if odd or customer == 3:
            continue
        mine = [
            (at(h), kind != "clicked", place, c)
            for place, (c, who, kind, h, machine) in enumerate(touches)
            if who == customer and not machine and h <= hours
            if (kind == "clicked" and at(hours) - at(h) <= clicks)
            or (kind == "opened" and at(hours) - at(h) <= opens)
        ]
        clicked = [each for each in mine if not each[1]]
        newest = lambda rows: max(rows, key=lambda r: (r[0], not r[1], r[2]))  # noqa: E731
        for model, rows, choose in (
            (Model.LAST_TOUCH, mine, newest),
            (Model.LAST_CLICK, clicked, newest),
            (Model.FIRST_TOUCH, mine, min),
        ):
            if rows:
                found.setdefault((model, choose(rows)[3]), []).append((customer, cents))
    return {
        key: (len(rows), len({c for c, _ in rows}), Decimal(sum(cents for _, cents in rows)) / 100)
        for key, rows in found.items()
    }


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TOUCHES, ORDERS, st.integers(0, 12), st.integers(0, 12))
def test_credits_equal_brute_force(in_anas_store, sender, touches, orders, clicks, opens):
    from django.db import transaction

    with transaction.atomic():
        campaigns = [Campaign.objects.create(name=f"C{n}", sender=sender) for n in range(3)]
        people = [make_customer(n + 1, f"c{n}@example.com") for n in range(3)]
        messages = {
            (c, p): make_message(campaigns[c], people[p]) for c in range(3) for p in range(3)
        }
        for c, who, kind, hours, machine in touches:
            touch(messages[c, who], kind, hours, machine)
        for number, (who, hours, cents, odd) in enumerate(orders):
            owner = None if who == 3 else people[who]
            make_order(number + 1, owner, hours, str(Decimal(cents) / 100), **odd)

        windows = Windows(timedelta(days=clicks), timedelta(days=opens))
        found = find_credits(tenant=in_anas_store, since=START, until=END, windows=windows)
        places = {campaign.pk: n for n, campaign in enumerate(campaigns)}
        told = {(c.model, places[c.campaign_id]): (c.orders, c.customers, c.revenue) for c in found}
        transaction.set_rollback(True)

    assert told == expected(touches, orders, windows.clicks, windows.opens)
