"""What became of each person over the API, settled by hand, and taken away as CSV."""

import csv
import io

import pytest
from django.utils import timezone

from campaigns import exporting
from campaigns.models import Campaign, Message, Touch
from campaigns.tests.conftest import make_message
from tenants.models import AuditEntry


@pytest.fixture
def frozen(campaign) -> Campaign:
    now = timezone.now()
    Campaign.objects.update(state="sending", started_at=now, frozen_at=now)
    return campaign


@pytest.fixture
def messages(frozen, kim, lee) -> list[Message]:
    """Kim got hers and clicked, of Lee's nobody knows."""
    sent = make_message(frozen, kim, state="sent", handed_at=timezone.now())
    lost = make_message(frozen, lee, state="uncertain", handed_at=timezone.now(), variant="B")
    for machine in ("", "agent"):
        Touch.objects.create(
            message=sent, campaign=frozen, customer=kim, kind="clicked", machine=machine
        )
    Touch.objects.create(
        message=sent, campaign=frozen, customer=kim, kind="opened", machine="agent"
    )
    return [sent, lost]


def test_each_person_has_an_outcome_of_people_alone(ana_api, frozen, messages, kim):
    told = ana_api.get(f"/campaigns/{frozen.pk}/messages").json()["results"]

    assert [(row["state"], list(row["outcomes"])) for row in told] == [
        ("sent", ["clicked"]), ("uncertain", []),
    ]  # fmt: skip
    assert AuditEntry.objects.latest("pk").action == "customer.listed"


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=sent", 1), ("state=failed", 0), ("variant=B", 1), ("reason=capped", 0)],
)
def test_outcomes_are_narrowed(ana_api, frozen, messages, query, found):
    told = ana_api.get(f"/campaigns/{frozen.pk}/messages?{query}").json()["results"]

    assert len(told) == found


def test_pages_follow_each_other(ana_api, frozen, messages):
    first = ana_api.get(f"/campaigns/{frozen.pk}/messages?page_size=1").json()
    second = ana_api.get(first["next"]).json()

    seen = [row["id"] for row in first["results"] + second["results"]]
    assert seen == [str(message.pk) for message in messages]


@pytest.mark.parametrize(("outcome", "state"), [("arrived", "sent"), ("send_again", "queued")])
def test_what_is_uncertain_is_settled_by_hand(ana_api, frozen, messages, outcome, state):
    path = f"/campaigns/{frozen.pk}/messages/{messages[1].pk}/settle"

    response = ana_api.post(path, {"outcome": outcome}, format="json")
    again = ana_api.post(path, {"outcome": outcome}, format="json")

    assert (response.status_code, again.status_code) == (204, 409)
    assert Message.objects.get(pk=messages[1].pk).state == state


def test_a_message_is_settled_under_its_own_campaign(ana_api, frozen, messages):
    other = Campaign.objects.create(name="Other")

    path = f"/campaigns/{other.pk}/messages/{messages[1].pk}/settle"

    assert ana_api.post(path, {"outcome": "arrived"}, format="json").status_code == 404


def test_pages_of_csv_make_one_file(ana_api, frozen, messages, kim, lee, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    first = ana_api.get(f"/campaigns/{frozen.pk}/messages/export", headers={"Accept": "text/csv"})
    second = ana_api.get(
        f"/campaigns/{frozen.pk}/messages/export?cursor={first.headers['X-Next-Cursor']}"
    )

    rows = list(csv.DictReader(io.StringIO((first.content + second.content).decode())))
    assert first.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "Link" not in second.headers
    assert [(row["customer"], row["address"], row["state"]) for row in rows] == [
        (str(kim.pk), "kim@example.com", "sent"), (str(lee.pk), "lee@example.com", "uncertain"),
    ]  # fmt: skip
    assert rows[0]["clicked_at"]
    assert not rows[0]["opened_at"]
    exports = AuditEntry.objects.filter(action="customer.exported").order_by("pk")
    assert [entry.seen for entry in exports] == [[kim.pk], [lee.pk]]


@pytest.mark.parametrize("query", ["state=nope", "cursor=nope", "page_size=5"])
def test_what_an_export_is_not_asked_is_refused_as_json(ana_api, frozen, messages, query):
    response = ana_api.get(
        f"/campaigns/{frozen.pk}/messages/export?{query}", headers={"Accept": "text/csv"}
    )

    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json")


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+1", "@a", "\tx", "\rx"])
def test_no_spreadsheet_runs_a_value(value):
    [[cell]] = list(csv.reader(io.StringIO(exporting.to_csv([[value]]), newline="")))

    assert cell == f"'{value}"


def test_a_negative_number_stays_a_number():
    assert exporting.to_csv([[-1, "-1.50"]]) == "-1,-1.50\r\n"


def test_who_may_see_may_not_take_away(ben_api, frozen, messages):
    assert ben_api.get(f"/campaigns/{frozen.pk}/messages").status_code == 200
    assert ben_api.get(f"/campaigns/{frozen.pk}/messages/export").status_code == 403
