"""Campaigns over the API: drafts, and each step by who may take it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.api.drafts import CampaignViewSet
from campaigns.models import Audience, Campaign, SendingSettings
from campaigns.tests.conftest import make_sendable
from conftest import api_of, make_member
from segments.models import Segment
from tenants.roles import Role


@pytest.fixture
def ready(campaign) -> Campaign:
    """A draft that lacks nothing."""
    segment = Segment.objects.create(name="Everybody", kind="static")
    Audience.objects.create(campaign=campaign, segment=segment)
    make_sendable(campaign)
    return campaign


def code_of(response):
    return response.json()["errors"][0]["code"]


def test_a_draft_is_made_and_shown(ana_api, sender):
    inside = Segment.objects.create(name="Inside", kind="static")

    body = {"name": "Spring", "sender": str(sender.pk), "include": [str(inside.pk)]}
    response = ana_api.post("/campaigns", body, format="json")

    told = response.json()
    assert response.status_code == 201
    assert (told["name"], told["state"], told["sender"]) == ("Spring", "draft", str(sender.pk))
    assert (told["include"], told["exclude"]) == ([str(inside.pk)], [])
    assert ana_api.get(f"/campaigns/{told['id']}").json() == told


def test_a_list_has_no_bodies(ana_api, ready):
    [told] = ana_api.get("/campaigns?state=draft").json()["results"]

    assert (told["id"], told["subject"]) == (str(ready.pk), "Spring is here")
    assert "html" not in told


def test_a_draft_is_changed_only_as_it_was_read(ana_api, ready):
    tag = ana_api.get(f"/campaigns/{ready.pk}").headers["ETag"]
    path, body = f"/campaigns/{ready.pk}", {"subject": "Summer"}

    first = ana_api.patch(path, body, format="json", headers={"If-Match": tag})
    second = ana_api.patch(path, body, format="json", headers={"If-Match": tag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert Campaign.objects.get().subject == "Summer"


def test_a_sender_that_is_not_there_is_told_of_by_field(ana_api, ready):
    response = ana_api.patch(f"/campaigns/{ready.pk}", {"sender": "999999"}, format="json")

    assert (response.status_code, code_of(response)) == (400, "row_not_there")
    assert response.json()["errors"][0]["attr"] == "sender"


def test_who_wrote_it_does_not_approve_it_and_somebody_else_does(ana_api, ready, anas_store):
    SendingSettings.objects.update(require_approval=True)
    other = api_of(make_member(anas_store, "dee@example.com", Role.ADMIN))

    unapproved = ana_api.post(f"/campaigns/{ready.pk}/send")
    own = ana_api.post(f"/campaigns/{ready.pk}/approve")
    others = other.post(f"/campaigns/{ready.pk}/approve")
    sent = ana_api.post(f"/campaigns/{ready.pk}/send")

    assert (unapproved.status_code, code_of(unapproved)) == (409, "approval_missing")
    assert (own.status_code, code_of(own)) == (403, "own_approval")
    assert others.json()["approved"]
    assert (sent.status_code, sent.json()["state"]) == (200, "scheduled")


def test_words_of_the_last_moment_are_not_approved_with_those_before(
    anas_store, ready, monkeypatch
):
    other = api_of(make_member(anas_store, "dee@example.com", Role.ADMIN))
    read = CampaignViewSet.get_object

    def read_in_time(view):
        row = read(view)
        Campaign.objects.update(subject="Of the last moment")
        return row

    monkeypatch.setattr(CampaignViewSet, "get_object", read_in_time)
    response = other.post(f"/campaigns/{ready.pk}/approve")

    assert (response.status_code, code_of(response)) == (409, "words_changed")
    assert Campaign.objects.get().approved_hash == ""


def test_it_is_scheduled_paused_resumed_and_cancelled(ana_api, ready):
    def step(name, **body):
        return ana_api.post(f"/campaigns/{ready.pk}/{name}", body, format="json").json()

    at = timezone.now() + timedelta(days=1)

    assert step("schedule", at=at.isoformat())["state"] == "scheduled"
    assert step("pause")["pause_reason"] == "by_hand"
    assert step("resume")["state"] == "scheduled"
    assert step("cancel") == {"left": 0}
    assert Campaign.objects.get().state == "cancelled"


def test_a_second_click_is_told(ana_api, ready):
    ana_api.post(f"/campaigns/{ready.pk}/send")

    again = ana_api.post(f"/campaigns/{ready.pk}/send")

    assert (again.status_code, code_of(again)) == (409, "campaign_not_in_state")


def test_analyst_cannot_send(ben_api, ready):
    response = ben_api.post(f"/campaigns/{ready.pk}/send")

    assert (response.status_code, code_of(response)) == (403, "right_missing")
    assert Campaign.objects.get().state == "draft"


def test_a_copy_is_another_draft(ana_api, ready):
    told = ana_api.post(f"/campaigns/{ready.pk}/copy", {"name": "Again"}, format="json").json()

    assert (told["name"], told["state"]) == ("Again", "draft")
    assert told["id"] != str(ready.pk)


def test_credentials_are_written_and_never_shown(ana_api, in_anas_store):
    secret = "smtp+tls://ana:hunter2@mail.example.com:587"

    wrong = ana_api.patch("/sending-settings", {"credentials": "pigeon"}, format="json")
    told = ana_api.patch("/sending-settings", {"credentials": secret}, format="json")

    assert (wrong.status_code, code_of(wrong)) == (400, "invalid")
    assert told.json()["has_credentials"]
    assert (
        "hunter2" not in told.content.decode() + ana_api.get("/sending-settings").content.decode()
    )
    assert SendingSettings.objects.get().credentials == secret


def test_who_writes_does_not_say_that_nobody_approves(anas_store):
    author = api_of(make_member(anas_store, "dee@example.com", Role.MARKETER))

    response = author.patch("/sending-settings", {"require_approval": False}, format="json")

    assert (response.status_code, code_of(response)) == (403, "right_missing")
