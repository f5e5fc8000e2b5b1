"""The saved segments above the list of customers."""

import re
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from segments.actions import SegmentData, create_segment
from segments.tabs import MOST_TABS
from tenants.audit import Actor
from xeno.lib.postgres.scope import tenant_scope

LIST = "/admin/customers/customer/"


@pytest.fixture
def buyers(make, people, keep):
    """Kim and Lee are in it."""
    segment = make("number_of_orders >= 1")
    keep()
    return segment


def tabs(answer):
    """Titles and addresses of the tabs, and which is chosen."""
    (nav,) = re.findall(r'<nav aria-label="Segments".*?</nav>', answer.text, re.S) or [""]
    return re.findall(r'<a href="([^"]*)" (aria-current="page")?>([^<]*)</a>', nav)


def plan_of(said, store):
    """How the rows of the list are found, where nothing may be sorted or read through."""
    (page,) = [q["sql"] for q in said if "segmentmember" in q["sql"] and "ORDER" in q["sql"]]
    with tenant_scope(store.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {page}")
        return "\n".join(line for (line,) in cursor.fetchall())


def chosen(answer):
    return [title for _, current, title in tabs(answer) if current]


def test_a_tab_shows_who_is_in_the_segment_now(anas, buyers):
    (url,) = [url for url, _, title in tabs(anas.get(LIST)) if title == "Buyers"]

    shown = anas.get(LIST + unquote(url))

    assert "kim@shop.test" in shown.text
    assert "lee@shop.test" in shown.text
    assert "max@shop.test" not in shown.text
    assert chosen(shown) == ["Buyers"]


def test_search_and_segment_narrow_together(anas, buyers):
    shown = anas.get(LIST, {"segment": buyers.pk, "q": "kim"})

    assert "kim@shop.test" in shown.text
    assert "lee@shop.test" not in shown.text
    assert f"q=kim&amp;segment={buyers.pk}" in {url.lstrip("?") for url, *_ in tabs(shown)}


def test_the_tabs_are_bounded_and_the_others_are_one_click_away(anas, make):
    oldest = make(name="Oldest")
    for number in range(MOST_TABS):
        make(name=f"Newer {number}")

    with CaptureQueriesContext(connection) as said:
        shown = anas.get(LIST)

    titles = [title for *_, title in tabs(shown)]
    assert len(titles) == 1 + MOST_TABS + 1
    assert "Oldest" not in titles
    assert tabs(shown)[-1] == ("/admin/segments/segment/", "", "More…")
    assert len([q for q in said if 'FROM "segments_segment"' in q["sql"]]) == 1
    assert chosen(anas.get(LIST, {"segment": oldest.pk})) == ["Oldest"]


@pytest.mark.parametrize("value", ["0", "x", "²", "9" * 18, "9" * 40])
def test_what_is_no_segment_narrows_nothing(anas, buyers, value):
    shown = anas.get(LIST, {"segment": value})

    assert shown.status_code == 200
    assert "max@shop.test" in shown.text
    assert chosen(shown) == ["All customers"]


def test_another_stores_segment_is_no_tab_and_narrows_nothing(anas, buyers, cys_store):
    with tenant_scope(cys_store.pk):
        data = SegmentData(name="Cys own", kind="static", query="")
        foreign = create_segment(actor=Actor(), tenant=cys_store, data=data)

    shown = anas.get(LIST, {"segment": foreign.pk})

    assert "Cys own" not in shown.text
    assert "max@shop.test" in shown.text


def test_who_may_not_view_segments_has_no_tabs_and_cannot_narrow_by_them(sams, buyers):
    shown = sams.get(LIST, {"segment": buyers.pk})

    assert shown.status_code == 200
    assert tabs(shown) == []
    assert "max@shop.test" in shown.text


def test_the_export_of_an_open_tab_is_the_segments(anas, buyers):
    assert f"kind=customers&amp;segment={buyers.pk}" in anas.get(LIST, {"segment": buyers.pk}).text


@pytest.mark.parametrize(
    ("sort", "index"),
    [("4", "customer_by_spend"), ("-4", "customer_by_spend"),
     ("5", "customer_by_last_order"), ("-5", "customer_by_last_order")],
)  # fmt: skip
def test_each_column_that_sorts_does_so_along_an_index(anas, buyers, anas_store, sort, index):
    with CaptureQueriesContext(connection) as said:
        anas.get(LIST, {"segment": buyers.pk, "o": sort})

    plan = plan_of(said, anas_store)

    assert index in plan
    assert "Sort" not in plan
