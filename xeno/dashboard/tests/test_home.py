"""The home page: figures of a period, what arrives, the first steps, and to whom each is shown."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Reach
from campaigns.numbers.reach import count_reach
from conftest import make_member
from customers.tests.builders import make_customer
from orders.numbers.periods import Against, Period, back, start_of, today_of
from orders.rollups.keeping import keep_whole
from orders.rollups.state import ask_for_rebuild
from orders.tests.builders import make_order
from orders.totals import recompute_totals
from tenants.models import Tenant
from tenants.roles import Role
from tests.rows import make_row
from webhooks.models import Delivery
from xeno.dashboard.home.cards import money_card
from xeno.dashboard.tests.conftest import NOW
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
HOME = "/admin/"
PEOPLE, ARRIVING = "/admin/home/people/", "/admin/home/arriving/"
# Session, user, membership and store, two of rights, the store's menu, the menu's badge.
SIGN_IN_AND_MENU = 8
OWN_QUERIES = 8


@pytest.fixture
def sold(anas_store):
    """Kim bought twice in March and once in February; Lee once, in another currency."""
    kim, lee = (make_customer(anas_store, first_name=name) for name in ("Kim", "Lee"))
    with tenant_scope(anas_store.pk):
        for at, person, amount, currency in (
            (datetime(2026, 2, 10, 12, tzinfo=UTC), kim, "50", "GBP"),
            (datetime(2026, 3, 10, 12, tzinfo=UTC), kim, "100", "GBP"),
            (datetime(2026, 3, 11, 12, tzinfo=UTC), kim, "20.50", "GBP"),
            (datetime(2026, 3, 12, 12, tzinfo=UTC), lee, "70", "EUR"),
        ):
            make_order(anas_store, customer=person, amount=Decimal(amount), currency=currency,
                       processed_at=at)  # fmt: skip
        recompute_totals(tenant=anas_store, customer_ids=[kim.pk, lee.pk])
        keep_whole(tenant=anas_store)
        count_reach(tenant=anas_store)
    return anas_store


MARCH = {"period": "custom", "from": "2026-03-01", "to": "2026-03-28"}


def cards(response):
    return {card.title: card for card in response.context["cards"]}


def test_figures_are_those_of_the_period_against_the_one_before(anas, sold):
    found = cards(anas.get(HOME, MARCH))

    assert (found["Revenue"].value, found["Revenue"].unit) == ("120.50", "GBP")
    assert found["Revenue"].change.words == "up 141 %"
    assert found["Orders"].value == "2"
    assert found["New customers"].value == "1"  # Lee, whose order is in euros
    assert found["Returning customers"].value == "1"


def test_another_currency_is_told_apart_and_never_added(anas, sold):
    revenue = cards(anas.get(HOME, MARCH))["Revenue"]

    assert revenue.note == "and 70.00 EUR"


def test_amounts_have_as_many_decimals_as_their_currency(anas, sold):
    with tenant_scope(sold.pk):
        make_order(sold, amount=Decimal("12.345"), currency="KWD",
                   processed_at=datetime(2026, 3, 12, 12, tzinfo=UTC))  # fmt: skip
        ask_for_rebuild(tenant=sold)
        keep_whole(tenant=sold)

    assert "12.345 KWD" in cards(anas.get(HOME, MARCH))["Revenue"].note


def test_money_on_a_card_is_not_rounded():
    card = money_card("Revenue", Decimal("12.345"), "KWD", Decimal("1.005"))

    assert (card.value, card.unit, card.note) == ("12.345", "KWD", "1.005 KWD before")


def test_the_reach_is_told_against_the_end_of_the_period_before(anas, sold):
    first = cards(anas.get(HOME, MARCH))["Reachable by e-mail"]
    with tenant_scope(sold.pk):
        make_row(Reach, day=date(2026, 2, 28), customers=4, reachable=4)
        Reach.objects.exclude(day=date(2026, 2, 28)).update(customers=2, reachable=2)

    then = cards(anas.get(HOME, MARCH))["Reachable by e-mail"]

    assert first.note.startswith("none before")
    assert (then.value, then.change.words) == ("2", "down 50.0 %")
    assert then.note == "4 before · 100% of 2"


def test_customers_ever_count_those_between_this_year_and_the_same_days_before(anas, anas_store):
    today = today_of(anas_store)
    year = Period(today.replace(month=1, day=1), today)
    days = {year.before(Against.YEAR).first: 1, back(year.first, 1): 2, today: 3}
    for day, number in days.items():
        who = make_customer(anas_store, first_name=f"Nr. {number}")
        make_order(anas_store, customer=who, processed_at=start_of(day, anas_store.zone))
        with tenant_scope(anas_store.pk):
            recompute_totals(tenant=anas_store, customer_ids=[who.pk])
    with tenant_scope(anas_store.pk):
        keep_whole(tenant=anas_store)

    [chart] = [
        chart for chart in anas.get(HOME, {"period": "year"}).context["charts"]
        if chart.title == "Customers who have ever ordered"
    ]  # fmt: skip

    assert chart.words.endswith("to 3 customers.")


def test_home_reads_at_most_eight_statements_of_its_own(anas, sold):
    anas.get(HOME)  # what a process learns once
    with CaptureQueriesContext(connection) as captured:
        assert anas.get(HOME, MARCH).status_code == 200

    statements = [query["sql"] for query in captured if not query["sql"].startswith("SET ")]
    assert len(statements) <= SIGN_IN_AND_MENU + OWN_QUERIES, statements
    # The numbers come from rollups: of orders it is asked only whether there is one.
    of_orders = [sql for sql in statements if "orders_order" in sql]
    assert all("EXISTS (SELECT FROM orders_order" in sql for sql in of_orders)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "The last day comes before the first."),
        ({"from": "0001-01-01", "to": "2026-03-01"}, "Give both days"),
        ({"from": "2001-01-01", "to": "2026-03-01"}, "Choose at most ten years."),
        ({"from": "x", "to": ""}, "Give both days"),
    ],
)
def test_days_that_make_no_sense_are_refused_with_the_reason(anas, asked, told):
    response = anas.get(HOME, {"period": "custom", **asked})

    assert response.status_code == 200
    assert told in response.text
    assert response.context["picked"].name == "30"


@pytest.mark.parametrize("period", ["7", "30", "90", "month", "year", "nonsense"])
def test_each_ready_period_opens(anas, sold, period):
    assert anas.get(HOME, {"period": period}).status_code == 200


def test_who_bought_most_comes_after_the_page_and_its_reading_is_noted(anas, sold):
    response = anas.get(PEOPLE, MARCH)

    name, *figures = response.context["people"][0]
    assert name.endswith(">Kim</a>")
    assert figures == ["2", "120.50 GBP"]
    assert "customer.listed" in anas.get("/admin/tenants/auditentry/").text


def test_support_sees_orders_and_no_figures(signed_in, anas_store, sold):
    sue = make_member(anas_store, "sue@example.com", Role.SUPPORT)
    client = signed_in(sue)

    response = client.get(HOME)

    assert set(cards(response)) == {"Orders", "Customers"}
    assert "Newest orders" in response.text
    assert client.get(PEOPLE).status_code == 403


def test_what_arrives_is_told_in_words_and_without_names(anas, anas_rows):
    text = anas.get(ARRIVING).text

    assert "Zelda" not in text
    assert "home-arrival" in text


def test_the_feed_is_bounded(anas, anas_store):
    with tenant_scope(anas_store.pk):
        Delivery.objects.bulk_create(
            Delivery(webhook_id=f"many-{n}", topic="orders/create", body=b"{}", body_hash=b"")
            for n in range(100)
        )

    assert anas.get(ARRIVING).text.count("home-arrival ") == 12


def test_first_steps_are_shown_until_they_are_waved_away(anas, anas_store):
    response = anas.get(HOME)
    assert [step.done for step in response.context["steps"]][2:] == [False, False]
    assert "Choose a template" in response.text

    anas.post("/admin/home/dismiss/")

    assert anas.get(HOME).context["steps"] == []
    assert Tenant.objects.get(pk=anas_store.pk).steps_dismissed_at is not None


@pytest.mark.parametrize(
    ("columns", "done"),
    [
        ({}, False),
        ({"installed_at": NOW, "scopes": "read_orders"}, True),
        ({"installed_at": NOW, "trouble": "shopify_unreachable"}, True),
        ({"installed_at": NOW, "trouble": "token_refused"}, False),
        ({"installed_at": NOW, "uninstalled_at": NOW}, False),
    ],
)
def test_the_first_step_is_done_when_the_connection_page_says_so(anas, anas_rows, columns, done):
    Tenant.objects.update(**columns)

    step = anas.get(HOME).context["steps"][0]
    standing = anas.get("/admin/connection/").context["standing"]

    assert (step.title, step.done) == ("Connect the store to Shopify", done)
    assert standing.connected is done


@pytest.mark.parametrize(
    ("columns", "told", "warned"),
    [
        ({}, "Not connected", False),
        ({"installed_at": NOW, "uninstalled_at": NOW}, "Uninstalled", True),
        ({"installed_at": NOW, "trouble": "token_refused"}, "Disconnected", True),
        ({"installed_at": NOW, "trouble": "shopify_unreachable"}, "In trouble", True),
        ({"installed_at": NOW, "scopes": "read_orders"}, "Healthy", False),
    ],
)
def test_the_connection_is_healthy_only_where_it_stands(anas, anas_rows, columns, told, warned):
    Tenant.objects.update(**columns)
    with tenant_scope(anas_rows.store.pk):
        Delivery.objects.update(state="applied")

    card = cards(anas.get(HOME))["Connection"]
    later = anas.get(ARRIVING).context["card"]

    assert (card.value, card.warn) == (later.value, later.warn) == (told, warned)


@pytest.mark.parametrize("complete", [None, NOW])
def test_the_history_step_is_done_when_the_connection_page_says_so(anas, sold, complete):
    Tenant.objects.update(history_complete_since=complete)

    step = anas.get(HOME).context["steps"][1]
    said = anas.get("/admin/connection/").context["history"]

    assert (step.title, step.done) == ("Wait for the history", complete is not None)
    assert (said == "complete") is (complete is not None)


def test_a_person_is_told_times_of_their_own_zone_and_the_stores_days(anas, anas_rows, ana):
    url = reverse("admin:orders_order_change", args=[anas_rows.order.pk])
    assert "1 Mar 2026, 12:00" in anas.get(url).text

    anas.post("/account/timezone", {"timezone": "Asia/Tokyo"})

    assert "1 Mar 2026, 21:00" in anas.get(url).text
    late = anas_rows.customer
    with tenant_scope(anas_rows.store.pk):
        type(late).objects.update(last_order_at=NOW + timedelta(hours=6))
    assert "1 Mar 2026" in anas.get(reverse("admin:customers_customer_changelist")).text


def test_a_zone_that_is_none_is_refused(anas, ana):
    response = anas.post("/account/timezone", {"timezone": "Mars/Olympus"})

    assert response.status_code == 200
    ana.refresh_from_db()
    assert ana.timezone == ""
