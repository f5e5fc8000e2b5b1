"""The last step: approving, scheduling, sending, and stopping what is on its way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign, Message, SendingSettings
from campaigns.sending import handing
from campaigns.tests.conftest import make_message
from customers.models import Customer
from tests.campaign_pages.conftest import PAGES, change, now, said, url
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def strict(anas_store, draft):
    """The store wants somebody else's approval; May wrote the draft."""
    with tenant_scope(anas_store.pk):
        SendingSettings.objects.update(require_approval=True)
    return draft


def test_sending_asks_with_the_count_and_then_sends(anas, anas_store, draft, settings):
    settings.CAMPAIGN_PROVIDER = "mailbox"
    assert "Send to 2 people now?" in anas.get(url(draft, "send")).text

    assert "It is on its way" in said(anas.post(url(draft, "send")))

    assert now(anas_store, draft).state == "scheduled"
    with tenant_scope(anas_store.pk):
        while handing.send_turn(tenant=anas_store):
            pass
    assert now(anas_store, draft).state == "sent"
    assert anas.get(url(draft, "progress")).json()["sent"] == 2


def test_who_would_send_to_nobody_is_told_first(anas, anas_store, draft):
    with tenant_scope(anas_store.pk):
        Customer.objects.update(email_consent="unsubscribed")

    asked = anas.get(url(draft, "send")).text

    assert "Send to nobody now?" in asked
    assert "The plan says why, person by person" in asked


def test_a_second_click_sends_nothing_and_says_why(anas, draft):
    anas.post(url(draft, "send"))

    assert "cannot be sent" in said(anas.post(url(draft, "send")))


def test_a_time_is_the_stores(anas, anas_store, draft):
    day = (timezone.now() + timedelta(days=400)).year + 1
    answer = anas.post(url(draft, "schedule"), {"at": f"{day}-07-01T08:00"})

    assert "It goes out" in said(answer)
    assert now(anas_store, draft).scheduled_for == datetime(day, 7, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "soon", "2020-01-01T08:00", "0001-01-01T00:00"])
def test_no_time_or_one_that_is_over_is_refused_in_words(anas, anas_store, draft, typed):
    words = said(anas.post(url(draft, "schedule"), {"at": typed}))

    assert "Choose a" in words
    assert now(anas_store, draft).state == "draft"


def test_a_draft_that_lacks_something_says_what_and_offers_no_sending(anas, anas_store, draft):
    change(anas_store, subject="")

    page = anas.get(url(draft)).text

    assert "The campaign lacks a subject" in page
    assert "Send now" not in page
    assert "lacks a subject" in said(anas.post(url(draft, "send")))


def test_where_it_is_asked_for_somebody_else_approves_first(mays, anas, anas_store, strict):
    mays.post(url(strict, "content"), {"subject": "Of May"})
    assert "Once somebody else has approved it" in mays.get(url(strict)).text
    assert "not been approved" in said(mays.post(url(strict, "send")))

    read = now(anas_store, strict).content_hash
    assert "Approved" in said(anas.post(url(strict, "approve"), {"content": read}))

    assert "It is on its way" in said(mays.post(url(strict, "send")))


def test_who_wrote_it_reads_why_they_may_not_approve(anas, anas_store, strict):
    anas.post(url(strict, "content"), {"subject": "Of Ana"})
    read = now(anas_store, strict).content_hash

    assert "nobody approves their own" in anas.get(url(strict)).text
    assert "Somebody else" in said(anas.post(url(strict, "approve"), {"content": read}))


@pytest.mark.parametrize("read", [{}, {"content": ""}, {"content": "of yesterday"}])
def test_nobody_approves_words_that_they_have_not_read(anas, anas_store, strict, read):
    answer = anas.post(url(strict, "approve"), read)

    assert "were changed since you read them" in said(answer)
    assert now(anas_store, strict).approved_hash == ""


def test_who_may_not_send_reads_which_right_is_missing(bens, draft):
    assert "“Send campaigns”" in bens.get(url(draft)).text
    assert bens.post(url(draft, "send")).status_code == 403


def test_what_is_late_goes_out_only_when_somebody_says_so(anas, anas_store, draft):
    change(anas_store, state="paused", pause_reason="late", scheduled_for=timezone.now())
    page = anas.get(url(draft)).text
    assert "It is late: send it all the same" in page
    assert "is late" in said(anas.post(url(draft, "resume")))

    anas.post(url(draft, "resume"), {"confirm": "yes"})

    assert now(anas_store, draft).state == "scheduled"


def test_pause_and_resume(anas, anas_store, draft):
    anas.post(url(draft, "send"))

    anas.post(url(draft, "pause"))
    assert "Somebody paused it." in anas.get(url(draft)).text
    anas.post(url(draft, "resume"))

    assert now(anas_store, draft).state == "scheduled"


def test_cancelling_says_how_many_had_left_then_and_later(anas, anas_store, draft, people):
    moment = timezone.now()
    with tenant_scope(anas_store.pk):
        make_message(draft, people[0], state="sent", handed_at=moment)
        make_message(draft, people[1])
    change(anas_store, state="sending", started_at=moment, frozen_at=moment)
    assert "End Spring for good?" in anas.get(url(draft, "cancel")).text

    words = said(anas.post(url(draft, "cancel")))

    assert "1 message had left by then" in words
    assert "1 message had left when it was cancelled" in " ".join(words.split())
    with tenant_scope(anas_store.pk):
        assert Message.objects.filter(state="skipped", reason="cancelled").count() == 1


def test_who_waits_for_the_night_to_end_reads_until_when(anas, anas_store, draft, people):
    moment, morning = timezone.now(), datetime(2090, 7, 1, 7, 0, tzinfo=UTC)
    with tenant_scope(anas_store.pk):
        make_message(draft, people[0], not_before=morning)
    change(anas_store, state="sending", started_at=moment, frozen_at=moment)

    assert anas.get(url(draft, "progress")).json()["next"] == "1 Jul 2090, 08:00"
    with tenant_scope(anas_store.pk):
        make_message(draft, people[1])
    assert anas.get(url(draft, "progress")).json()["next"] == ""


def test_a_copy_is_a_draft_of_its_own(anas, anas_store, draft):
    answer = anas.post(url(draft, "copy"))

    with tenant_scope(anas_store.pk):
        made = Campaign.objects.latest("pk")
    assert answer.headers["Location"] == url(made, "audience")
    assert (made.state, made.name) == ("draft", "Spring (copy)")


@pytest.mark.parametrize("step", ["approve", "schedule", "pause", "resume", "copy"])
def test_a_link_alone_does_nothing(anas, anas_store, draft, step):
    assert anas.get(url(draft, step)).status_code == 405
    assert now(anas_store, draft).state == "draft"


def test_the_list_tells_state_audience_and_figures_in_a_fixed_number_of_queries(
    anas, anas_store, draft, people
):
    moment = timezone.now()
    with tenant_scope(anas_store.pk):
        make_message(draft, people[0], state="sent", handed_at=moment)
    change(anas_store, state="sending", started_at=moment, frozen_at=moment)
    text = " ".join(anas.get(PAGES).text.split())
    for told in ("Spring is here", "Sending", "Friends", "<b>1</b> sent"):
        assert told in text
    before = count_of(anas)

    for _ in range(3):
        anas.post(url(draft, "copy"))
    change(anas_store, state="sending", started_at=moment, frozen_at=moment)

    assert count_of(anas) == before


def count_of(client):
    """How many queries the list takes."""
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGES)
    return len(captured)


def test_names_are_searched_by_how_they_begin(anas, draft):
    assert anas.get(PAGES, {"q": "SPR"}).context["cl"].result_count == 1
    assert anas.get(PAGES, {"q": "ring"}).context["cl"].result_count == 0


def test_the_empty_list_says_how_to_begin(anas):
    page = anas.get(PAGES).text

    assert "No campaigns yet" in page
    assert f"{PAGES}add/" in page


def test_the_calendar_shows_a_campaign_on_the_stores_day(anas, anas_store, draft):
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London
    change(anas_store, state="scheduled", scheduled_for=late)

    july = anas.get(f"{PAGES}calendar/", {"month": "2026-07"})

    first = next(c for week in july.context["weeks"] for c in week if c["campaigns"])
    assert (first["day"].isoformat(), first["campaigns"][0]["time"]) == ("2026-07-01", "00:30")
    assert "Spring" in july.text


@pytest.mark.parametrize("month", ["", "2026-13", "0001-01", "x", "9999-12"])
def test_a_month_that_is_none_is_the_present_one(anas, anas_store, month):
    today = timezone.now().astimezone(anas_store.zone)

    page = anas.get(f"{PAGES}calendar/", {"month": month})

    assert page.context["month"] == today.date().replace(day=1)


def test_only_the_open_store_is_searched(anas, cys_store, draft):
    with tenant_scope(cys_store.pk):
        Campaign.objects.create(name="Spring of Cy")

    page = anas.get(PAGES).text

    assert "Spring is here" in page
    assert "Spring of Cy" not in page
