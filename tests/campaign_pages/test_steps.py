"""The steps before sending: what each saves, what it refuses, and that nobody is overwritten."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign
from tests.campaign_pages.conftest import HTML, PAGES, change, now, said, url
from xeno.lib.postgres.scope import tenant_scope

HOSTILE = """</script><img src=x onerror=alert(1)>"'{{ 7|add:7 }}"""


def version(page):
    """The tag that the form carries."""
    return page.split('name="version" value="')[1].split('"')[0].replace("&quot;", '"')


def test_a_new_campaign_has_its_segments_and_goes_on_to_the_words(anas, anas_store, segment):
    told = {"name": " Spring ", "segments": "listed", f"segment-{segment.pk}": "include",
            "holdout": "2.5", "clock": "recipient", "lateness": "6"}  # fmt: skip

    answer = anas.post(f"{PAGES}add/", told)

    with tenant_scope(anas_store.pk):
        made = Campaign.objects.get()
        sides = list(made.audiences.values_list("segment_id", "excluded"))
    assert answer.headers["Location"] == url(made, "content")
    assert (made.name, made.state, made.clock) == ("Spring", "draft", "recipient")
    assert (made.holdout_percent, made.lateness_hours) == (Decimal("2.50"), 6)
    assert sides == [(segment.pk, False)]


def test_the_segments_own_button_chooses_it(anas, segment):
    page = anas.get(f"/admin/segments/segment/{segment.pk}/change/").text
    assert f"{PAGES}add/?segment={segment.pk}" in page

    assert 'data-side="include"' in anas.get(f"{PAGES}add/?segment={segment.pk}").text


def test_who_may_not_write_campaigns_has_no_such_button(bens, segment):
    page = bens.get(f"/admin/segments/segment/{segment.pk}/change/").text

    assert "Campaign to this segment" not in page


def test_without_a_segment_the_step_says_where_to_begin(anas):
    assert "There is no segment yet" in anas.get(f"{PAGES}add/").text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("name", " ", "A name has"), ("holdout", "51", "The holdout is"),
     ("holdout", "nan", "The holdout is"), ("lateness", "0", "The lateness is"),
     ("segment-999999", "include", "There is no such segment")],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_made(anas, anas_store, field, value, says):
    told = {"name": HOSTILE, "segments": "listed", "holdout": "5", "lateness": "2", field: value}

    page = anas.post(f"{PAGES}add/", told).text

    assert says in page
    assert "<img src=x" not in page
    with tenant_scope(anas_store.pk):
        assert not Campaign.objects.exists()


def test_the_words_are_saved_as_they_are_and_lead_to_the_plan(anas, anas_store, draft):
    told = {"subject": "New", "preheader": "", "html": HTML + HOSTILE, "text": ""}

    answer = anas.post(url(draft, "content"), told)

    assert answer.headers["Location"] == url(draft, "plan")
    assert now(anas_store, draft).html == HTML + HOSTILE


def test_variants_are_called_in_order_whichever_were_filled(anas, anas_store, draft):
    told = {"subject_B": "", "subject_C": "Other", "html_D": "<p>Else</p>",
            "decided_by": "orders", "decided_at_size": "500"}  # fmt: skip

    anas.post(url(draft, "content"), told)

    found = now(anas_store, draft)
    assert found.variants == [
        {"key": "B", "subject": "Other"}, {"key": "C", "html": "<p>Else</p>"},
    ]  # fmt: skip
    assert (found.decided_by, found.decided_at_size) == ("orders", 500)


def test_the_power_of_the_test_is_shown(anas, anas_store, draft):
    change(anas_store, variants=[{"key": "B", "subject": "Other"}], decided_at_size=2000)

    assert "is found in 4 of 5 cases" in anas.get(url(draft, "content")).text


@pytest.mark.parametrize(
    ("page", "field", "theirs"), [("content", "subject", "Theirs"), ("audience", "name", "Theirs")]
)
def test_nobody_overwrites_what_somebody_else_saved_meanwhile(
    anas, anas_store, draft, page, field, theirs
):
    seen = version(anas.get(url(draft, page)).text)
    change(anas_store, **{field: theirs})

    refused = anas.post(url(draft, page), {"version": seen, field: "Mine"}).text

    assert "Somebody else changed this" in refused
    assert 'value="Mine"' in refused
    assert getattr(now(anas_store, draft), field) == theirs
    anas.post(url(draft, page), {"version": version(refused), field: "Mine"})
    assert getattr(now(anas_store, draft), field) == "Mine"


def test_who_changes_the_words_is_not_in_the_way_of_who_chooses_the_audience(
    anas, anas_store, draft
):
    seen = version(anas.get(url(draft, "audience")).text)
    change(anas_store, subject="Theirs")

    anas.post(url(draft, "audience"), {"version": seen, "name": "Mine"})

    found = now(anas_store, draft)
    assert (found.name, found.subject) == ("Mine", "Theirs")


@pytest.mark.parametrize("page", ["audience", "content"])
def test_what_has_left_the_draft_is_not_edited(anas, anas_store, draft, page):
    change(anas_store, state="scheduled", scheduled_for=timezone.now())

    assert "Only a draft can be changed" in said(anas.get(url(draft, page)))
    assert "Only a draft can be changed" in said(anas.post(url(draft, page), {"name": "Else"}))


def test_the_plan_counts_each_reason_and_names_everybody(anas, draft):
    page = anas.get(url(draft, "plan"))

    counts = {each["key"]: each["count"] for each in page.context["reasons"]}
    assert counts == {"queued": 2, "no_consent": 1}
    for told in ("Kim", "Lee", "Max", "No consent", "Friends", "Nobody is held out"):
        assert told in page.text


def test_the_plan_shows_one_reason_and_pages_by_the_person(anas, draft, people):
    rows = anas.get(url(draft, "plan"), {"reason": "queued"}).context["people"]["rows"]
    after = anas.get(url(draft, "plan"), {"after": people[0].pk}).context["people"]["rows"]

    assert [row["name"] for row in rows] == ["Kim", "Lee"]
    assert [row["name"] for row in after] == ["Lee", "Max"]


def test_a_plan_takes_as_many_queries_for_many_people_as_for_few(
    anas, draft, people, django_assert_num_queries
):
    anas.get(url(draft, "plan"))  # what a process reads once is read
    with CaptureQueriesContext(connection) as few:
        anas.get(url(draft, "plan"), {"after": people[1].pk})

    with django_assert_num_queries(len(few)):
        anas.get(url(draft, "plan"))


def test_the_words_of_a_template_are_given(anas, draft):
    told = anas.get(url(draft, "words"), {"template": "library:welcome"}).json()

    assert told["ok"]
    assert "unsubscribe_url" in told["html"]
    assert not anas.get(url(draft, "words"), {"template": "saved:1"}).json()["ok"]
