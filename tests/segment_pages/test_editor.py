"""Making and changing segments: what Save does, and what it says when it does not."""

import pytest

from segments.models import Segment
from segments.templates import TEMPLATES
from tests.segment_pages.conftest import PAGES, found
from xeno.lib.postgres.scope import tenant_scope

HOSTILE = """</script><img src=x onerror=alert(1)>"'{{ 7|add:7 }}"""


def test_a_new_segment_is_saved_and_shown(anas, anas_store):
    answer = anas.post(f"{PAGES}add/", {"kind": "dynamic", "name": " Buyers ",
                                        "query": "number_of_orders >= 1"})  # fmt: skip

    segment = found(anas_store, name="Buyers")
    assert answer.headers["Location"] == f"{PAGES}{segment.pk}/change/"
    assert segment.query == "number_of_orders >= 1"


def test_a_query_that_cannot_be_read_is_drawn_again_with_what_is_wrong(anas, anas_store):
    told = {"kind": "dynamic", "name": "Buyers", "query": "number_of_ordrs > 1"}

    page = anas.post(f"{PAGES}add/", told).text

    assert "Line 1 Column 0" in page
    assert "number_of_ordrs &gt; 1</textarea>" in page
    with tenant_scope(anas_store.pk):
        assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [("", "number_of_orders > 1", "be blank"), ("Buyers", "", "has a query"),
     ("Taken", "number_of_orders > 1", "has this name")],
)  # fmt: skip
def test_what_else_is_refused_is_said(anas, make, name, query, says):
    make("number_of_orders > 5", name="Taken")

    page = anas.post(f"{PAGES}add/", {"kind": "dynamic", "name": name, "query": query}).text

    assert says in page


def test_a_change_is_saved_and_noted_with_names_of_fields(anas, anas_store, make):
    segment = make("number_of_orders >= 1")

    anas.post(f"{PAGES}{segment.pk}/change/", {"name": "Buyers", "query": "number_of_orders >= 2"})

    assert found(anas_store, pk=segment.pk).query == "number_of_orders >= 2"
    assert "segment.changed" in anas.get(f"{PAGES}{segment.pk}/history/").text


def test_a_template_fills_the_editor(anas):
    page = anas.get(f"{PAGES}add/?template=vip").text

    assert TEMPLATES["vip"].purpose in page
    assert "amount_spent &gt; 1000</textarea>" in page


def test_the_page_of_templates_adds_one_by_a_click(anas, anas_store):
    anas.post(f"{PAGES}templates/", {"template": "vip"})
    again = anas.get(f"{PAGES}templates/").text

    made = found(anas_store, template="vip")
    assert made.query == TEMPLATES["vip"].query
    assert f'href="{PAGES}{made.pk}/change/">Added' in again


def test_the_analyst_sees_templates_and_cannot_add_them(bens, anas_store):
    page = bens.get(f"{PAGES}templates/")

    assert page.status_code == 200
    assert 'name="template"' not in page.text
    assert bens.post(f"{PAGES}templates/", {"template": "vip"}).status_code == 403


def test_a_static_segment_needs_a_name_alone(anas, anas_store):
    anas.post(f"{PAGES}add/", {"kind": "static", "name": "Friends"})

    assert not found(anas_store, name="Friends").dynamic


@pytest.mark.parametrize("role", ["bens", "sams"])
def test_who_may_not_edit_reaches_no_editor(role, make, request):
    segment, browser = make("number_of_orders >= 1"), request.getfixturevalue(role)

    for path in ("add/", f"{segment.pk}/edit/"):
        assert browser.get(PAGES + path).status_code == 403
    for path in ("add/", f"{segment.pk}/change/"):
        assert browser.post(PAGES + path, {"name": "Mine"}).status_code == 403


def test_hostile_names_are_text_wherever_they_stand(anas, make, people, keep):
    query = f"customer_tags CONTAINS '{HOSTILE.replace(chr(39), '')}' OR number_of_orders > 1"
    segment = make(query, name=HOSTILE, description=HOSTILE)
    keep()

    paths = ("", f"{segment.pk}/change/", f"{segment.pk}/edit/", f"{segment.pk}/history/",
             f"{segment.pk}/delete/", f"{segment.pk}/tag/",
             f"{segment.pk}/why/{people[0].pk}/")  # fmt: skip
    for path in paths:
        page = anas.get(PAGES + path).text
        assert "<img src=x" not in page, path
        assert "onerror=alert(1)&gt;" in page, path
        assert "&#x27;14&quot;" not in page, path


def test_a_deletion_asks_first_and_is_refused_while_another_names_it(anas, anas_store, make):
    first = make("number_of_orders >= 1", name="First")
    second = make("segment('First') MATCHES ()", name="Second")

    asked = anas.get(f"{PAGES}{second.pk}/delete/").text
    refused = anas.post(f"{PAGES}{first.pk}/delete/", {"post": "yes"}, follow=True).text
    anas.post(f"{PAGES}{second.pk}/delete/", {"post": "yes"})

    assert "Second" in asked
    assert "Another segment" in refused
    with tenant_scope(anas_store.pk):
        assert list(Segment.objects.values_list("name", flat=True)) == ["First"]
