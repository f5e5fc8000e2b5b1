"""Looking at a message before it goes out: nothing that is written in it runs (row 110)."""

import pytest

from campaigns.models import Campaign
from tenants.models import AuditEntry
from tests.campaign_pages.conftest import HTML, change, now, url
from xeno.lib.postgres.scope import tenant_scope

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("method", ["get", "post"])
def test_f110_the_preview_runs_nothing_wherever_it_is_opened(anas, anas_store, draft, method):
    change(anas_store, html=HTML + SCRIPT)

    answer = getattr(anas, method)(url(draft, "preview"))

    policy = answer.headers["Content-Security-Policy"]
    assert SCRIPT in answer.text
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert policy.endswith("; sandbox")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("page", ["content", "plan", "change", "audience", "history"])
def test_f110_no_page_has_the_stored_html_in_its_own_document(anas, anas_store, draft, page):
    change(anas_store, html=HTML + SCRIPT, subject=SCRIPT, preheader=SCRIPT, name=SCRIPT)

    text = anas.get(url(draft, page)).text

    assert SCRIPT not in text
    assert "<img src=x" not in text


def test_f110_every_frame_is_sandboxed(anas, draft):
    frame = anas.get(url(draft)).text.split("<iframe", 1)[1].split(">", 1)[0]

    assert 'sandbox=""' in frame


def test_what_is_typed_is_looked_at_and_not_saved(anas, anas_store, draft):
    told = anas.post(url(draft, "look"), {"subject": "{{ nobody }}", "html": HTML}).json()

    assert [(each["code"], each["part"]) for each in told["findings"]
            if each["severity"] == "error"] == [("unknown_field", "subject")]  # fmt: skip
    assert now(anas_store, draft).subject == "Spring is here"


def test_it_is_shown_as_the_customer_who_was_chosen_and_that_is_noted(
    anas, anas_store, draft, people
):
    words = {"subject": "For {{ customer.first_name | default: 'you' }}", "html": HTML}

    told = anas.post(url(draft, "look"), {**words, "customer": str(people[1].pk)}).json()

    assert told["words"]["subject"] == "For Lee"
    with tenant_scope(anas_store.pk):
        assert AuditEntry.objects.filter(action="customer.viewed").exists()


def test_customers_are_found_by_the_first_letters(anas, draft, people):
    found = anas.get(url(draft, "people"), {"q": "KI"}).json()["people"]

    assert [(each["name"], each["email"]) for each in found] == [("Kim", "kim@shop.test")]


def test_a_test_saves_what_is_typed_and_goes_to_the_team_alone(anas, anas_store, draft):
    words = {"subject": "Newest", "html": HTML}

    sent = anas.post(url(draft, "test"), {**words, "addresses": "owner@staff.test"}).json()
    refused = anas.post(url(draft, "test"), {**words, "addresses": "kim@shop.test"}).json()

    assert sent["ok"]
    assert now(anas_store, draft).subject == "Newest"
    assert not refused["ok"]
    assert "members of the store" in refused["said"]


def test_a_test_does_not_overwrite_what_somebody_else_saved(anas, anas_store, draft):
    told = {"version": '"old"', "subject": "Mine", "addresses": "owner@staff.test"}

    answer = anas.post(url(draft, "test"), told).json()

    assert "Somebody else changed this" in answer["said"]
    assert now(anas_store, draft).subject == "Spring is here"


def test_words_that_cannot_be_written_are_told_and_no_error(anas, draft):
    told = anas.post(url(draft, "look"), {"html": "{% if %}"}).json()
    shown = anas.post(url(draft, "preview"), {"html": "{% if %}"})

    assert told["words"] is None
    assert told["problem"]
    assert shown.status_code == 200


def test_nothing_is_left_of_looking(anas, anas_store, draft):
    anas.post(url(draft, "preview"), {"html": "<p>Typed</p>"})

    with tenant_scope(anas_store.pk):
        assert Campaign.objects.get().html == HTML
