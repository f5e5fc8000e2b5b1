"""The list of segments: what a row says, tabs, search, and what an empty one offers."""

from tests.segment_pages.conftest import PAGES


def test_an_empty_list_offers_the_templates_and_a_query_of_ones_own(anas):
    page = anas.get(PAGES).text

    assert "No segments yet" in page
    assert f'href="{PAGES}templates/"' in page
    assert f'href="{PAGES}add/"' in page


def test_who_may_not_edit_is_offered_nothing_to_make(bens):
    page = bens.get(PAGES).text

    assert f'href="{PAGES}templates/"' in page
    assert f'href="{PAGES}add/"' not in page


def test_a_row_says_how_many_how_fresh_and_what_is_asked(anas, people, make, keep):
    make("number_of_orders >= 1", name="Buyers", description="Everybody who bought")
    keep()

    page = anas.get(PAGES).text

    assert "Everybody who bought" in page
    assert "<strong>2</strong><small>up to date</small>" in page
    assert "number_of_orders &gt;= 1" in page


def test_what_was_never_refreshed_is_being_counted(anas, people, make):
    make("number_of_orders >= 1")

    assert "being counted" in anas.get(PAGES).text


def test_the_tabs_list_one_kind(anas, make):
    make("number_of_orders >= 1", name="Followers")
    make(name="Pickings")

    dynamic, static = (anas.get(f"{PAGES}?kind={kind}").text for kind in ("dynamic", "static"))

    assert "Followers" in dynamic
    assert "Pickings" not in dynamic
    assert "Pickings" in static
    assert "Followers" not in static


def test_a_name_is_found_by_any_part_of_it_in_any_case(anas, make):
    make(name="Friends of the house")
    make(name="Wholesale")

    page = anas.get(f"{PAGES}?q=THE%20house").text

    assert "Friends of the house" in page
    assert "Wholesale" not in page


def test_a_long_query_is_shortened(anas, make):
    make(" OR ".join(["number_of_orders = 1234567"] * 12))

    page = anas.get(PAGES).text

    assert page.count("number_of_orders = 1234567") < 6
    assert "…" in page
