"""A customer's page in the admin: figures with their source, words for what there is not, and a
timeline that is narrowed and turned by its links."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Message, Touch
from conftest import make_member
from customers.models import ConsentChange, Customer, CustomerAddress
from customers.timeline import SOURCES
from orders.models import Checkout, CustomerScore, Refund
from orders.tests.builders import make_order
from segments.models import SegmentMember
from tenants.roles import Role
from tests.rows import make_row
from tests.visits import BACKEND

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINE = re.compile(r'<span class="material-symbols-outlined text-subtle" title="([^"]+)"')


@pytest.fixture
def kim(in_anas_store):
    return make_row(Customer, first_name="Kim", email="kim@example.com", orders_count=0,
                    total_spent=0, first_order_at=None, last_order_at=None,
                    orders_count_source="computed", total_spent_source="shopify")  # fmt: skip


def happen(store, kim, at=NOON):
    """One event of every kind."""
    order = make_order(store, customer=kim, processed_at=at)
    make_row(Refund, order=order, refunded_at=at)
    make_row(Checkout, customer=kim, created_at=at)
    message = make_row(Message, customer=kim, state="sent", handed_at=at)
    for kind in (Touch.Kind.OPENED, Touch.Kind.CLICKED, Touch.Kind.UNSUBSCRIBED):
        make_row(Touch, message=message, campaign=message.campaign, customer=kim, kind=kind,
                 machine="", happened_at=at)  # fmt: skip
    make_row(SegmentMember, customer=kim, valid_from=at, valid_to=None)
    make_row(ConsentChange, customer=kim, channel="email", state="subscribed", changed_at=at)


def show(user, kim, query=""):
    browser = Client()
    browser.force_login(user, BACKEND)
    url = reverse("admin:customers_customer_change", args=[kim.pk])
    return browser.get(url + query).text


def kinds(page):
    return LINE.findall(page)


def test_each_tab_shows_its_own_kind_alone(in_anas_store, ana, kim):
    happen(in_anas_store, kim)

    assert set(kinds(show(ana, kim))) == {source.title for source in SOURCES.values()}
    for source in SOURCES.values():
        assert kinds(show(ana, kim, f"?kind={source.name}")) == [source.title]


def test_pages_of_one_moment_have_no_gap_and_no_repeat(in_anas_store, ana, kim):
    names = {make_order(in_anas_store, customer=kim).name for _ in range(45)}

    page, seen = show(ana, kim, "?kind=orders"), list[str]()
    while True:
        seen += re.findall(r"Order (#\d+),", page)
        older = re.search(r'id="timeline-older"[^>]* href="[^"?]*(\?[^"#]+)#', page)
        if older is None:
            break
        page = show(ana, kim, older[1].replace("&amp;", "&"))

    assert len(seen) == 45
    assert set(seen) == names


@pytest.mark.parametrize("query", ["?kind=nothing", "?before=forged", "?kind=%00&before=%ff"])
def test_a_query_that_means_nothing_shows_all_of_it(in_anas_store, ana, kim, query):
    happen(in_anas_store, kim)

    assert len(kinds(show(ana, kim, query))) == len(SOURCES)


def test_who_may_not_see_campaigns_is_offered_none_of_their_tabs(in_anas_store, kim):
    happen(in_anas_store, kim)
    sam = make_member(in_anas_store, "sam@example.com", Role.SUPPORT)

    page = show(sam, kim, "?kind=messages")

    assert set(kinds(page)) == {"Orders", "Refunds", "Checkouts", "Consents"}
    assert "kind=messages" not in page
    assert "RFM group" not in page


def test_queries_do_not_grow_with_what_happened(in_anas_store, ana, kim):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            show(ana, kim)
        return len(asked)

    happen(in_anas_store, kim)
    few = queries()
    for hours in range(1, 9):
        happen(in_anas_store, kim, NOON + timedelta(hours=hours))
        make_row(CustomerAddress, customer=kim, is_default=False)

    assert queries() == few


def test_what_there_is_not_has_words_of_why(in_anas_store, ana, kim):
    page = show(ana, kim)

    for told in ("Shopify&#x27;s own figure", "Computed from the orders held here",
                 "Scored each midnight", "the first predictions of this store are still to come",
                 "No address is known.", "Nothing was edited here.",
                 "Nothing has happened yet"):  # fmt: skip
        assert told in page, told


def test_the_average_order_is_rounded_as_the_currency_is(in_anas_store, ana, kim):
    Customer.objects.update(orders_count=3, total_spent="100.000")

    assert "33.33 GBP" in show(ana, kim)


def test_the_group_is_told_in_words_with_its_three_scores(in_anas_store, ana, kim):
    make_row(CustomerScore, customer=kim, recency=5, frequency=4, monetary=3,
             rfm_group="CHAMPIONS", group_source="computed", spend_tier="HIGH",
             tier_source="predicted")  # fmt: skip
    make_row(CustomerAddress, customer=kim, is_default=True, country="GB", region="GB-ENG",
             city="GB-ENG-Bristol")  # fmt: skip

    page = show(ana, kim)

    for told in ("Recency 5 · frequency 4 · money 3", "Champions: they ordered lately",
                 "What they are expected to spend in a year", "Bristol, GB-ENG"):  # fmt: skip
        assert told in page, told
