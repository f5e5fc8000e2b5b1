"""The plan over the API: everybody with a reason, a page at a time."""

import pytest
from django.utils import timezone

from campaigns.content import trying
from campaigns.models import Audience, Campaign, LocalMail, Suppression
from campaigns.tests.conftest import make_customer, make_sendable
from orders.models import Order
from segments.models import Segment, SegmentMember
from tenants.models import AuditEntry
from tests.rows import make_row
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def planned(campaign, kim, lee) -> Campaign:
    """Kim gets it, Lee is suppressed."""
    segment = Segment.objects.create(name="Everybody", kind="static")
    for customer in (kim, lee):
        SegmentMember.objects.create(segment=segment, customer=customer, valid_from=timezone.now())
    Audience.objects.create(campaign=campaign, segment=segment)
    Suppression.objects.create(address="lee@example.com", reason="by_hand")
    return campaign


def test_each_person_has_a_reason_and_the_whole_is_counted(ana_api, planned, kim, lee):
    told = ana_api.get(f"/campaigns/{planned.pk}/plan").json()

    assert told["counts"] == {"queued": 1, "suppressed": 1}
    assert [(row["customer"], row["state"], row["reason"]) for row in told["results"]] == [
        (str(kim.pk), "queued", None),
        (str(lee.pk), "skipped", "suppressed"),
    ]
    assert told["next"] is None


def test_pages_follow_each_other_by_customer(ana_api, planned, kim, lee):
    first = ana_api.get(f"/campaigns/{planned.pk}/plan?page_size=1").json()
    second = ana_api.get(first["next"]).json()

    assert [row["customer"] for row in first["results"] + second["results"]] == [
        str(kim.pk), str(lee.pk),
    ]  # fmt: skip
    assert (second["next"], second["counts"]) == (None, None)


@pytest.mark.parametrize(("reason", "found"), [("queued", 1), ("suppressed", 1), ("capped", 0)])
def test_a_reason_narrows_it(ana_api, planned, reason, found):
    told = ana_api.get(f"/campaigns/{planned.pk}/plan?reason={reason}").json()

    assert len(told["results"]) == found


def test_what_the_audience_can_show_is_said_beforehand(ana_api, planned, kim):
    Campaign.objects.update(holdout_percent=50, variants=[{"key": "B", "subject": "Other"}])
    for number in range(60):
        person = make_customer(100 + number, f"p{number}@example.com")
        SegmentMember.objects.create(
            segment=Segment.objects.get(), customer=person, valid_from=timezone.now()
        )
    make_row(Order, customer=kim, currency="GBP", processed_at=timezone.now(), cancelled_at=None)

    told = ana_api.get(f"/campaigns/{planned.pk}/plan").json()

    assert told["ordering_share"] == pytest.approx(1 / 62)
    assert 0 < told["smallest_lift"] < 1
    assert told["test"]["base"] == 0.02
    assert told["test"]["people"] == told["counts"]["queued"] // 2


def test_reading_it_is_noted_as_reading_people(ana_api, planned, kim, lee):
    ana_api.get(f"/campaigns/{planned.pk}/plan")

    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.seen) == ("customer.listed", [kim.pk, lee.pk])


def test_what_has_begun_has_messages_and_no_plan(ana_api, planned):
    now = timezone.now()
    Campaign.objects.update(state="sending", started_at=now, frozen_at=now)

    response = ana_api.get(f"/campaigns/{planned.pk}/plan")

    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "campaign_not_in_state"


@pytest.mark.parametrize("query", ["reason=nope", "cursor=nope", "page=2"])
def test_what_a_plan_is_not_asked_is_refused(ana_api, planned, query):
    assert ana_api.get(f"/campaigns/{planned.pk}/plan?{query}").status_code == 400


def test_a_check_says_what_is_missing(ana_api, planned):
    told = ana_api.get(f"/campaigns/{planned.pk}/check").json()

    assert "no_postal_address" in {finding["code"] for finding in told}
    assert told[0]["severity"] == "error"


def test_a_preview_says_what_a_customer_would_read(ana_api, planned, kim):
    Campaign.objects.update(subject="For {{ customer.email }}")

    told = ana_api.get(f"/campaigns/{planned.pk}/preview?customer={kim.pk}").json()

    assert told["subject"] == "For kim@example.com"
    assert AuditEntry.objects.latest("pk").seen == [kim.pk]


def test_f084_neither_a_preview_nor_a_test_reads_a_customer_of_another_store(
    ana_api, ana, planned, cys_store
):
    make_sendable(planned)
    Campaign.objects.update(subject="For {{ customer.email }}")
    with tenant_scope(cys_store.pk):
        theirs = make_customer(7, "canary@example.com")

    for row_id in (theirs.pk, 10**12):
        seen = ana_api.get(f"/campaigns/{planned.pk}/preview?customer={row_id}")
        tried = ana_api.post(
            f"/campaigns/{planned.pk}/test", {"addresses": [ana.email], "customer": str(row_id)}
        )
        for refused in (seen, tried):
            assert refused.status_code == 400
            assert refused.json()["errors"][0]["code"] == "does_not_exist"
            assert "canary" not in refused.content.decode()


def test_f084_a_test_mail_holds_nothing_of_another_store(
    in_anas_store, ana, planned, kim, cys_store, settings
):
    settings.CAMPAIGN_PROVIDER = "mailbox"
    make_sendable(planned)
    with tenant_scope(cys_store.pk):
        make_customer(1, "canary@example.com")  # of the number that Kim has in Ana's
    Campaign.objects.update(subject="For {{ customer.email }} of {{ store.name }}")

    planned.refresh_from_db()
    trying.send_test(tenant=in_anas_store, campaign=planned, addresses=[ana.email], customer=kim)

    raw = bytes(LocalMail.objects.get().raw)
    assert b"For kim@example.com of" in raw
    assert b"canary" not in raw
    with tenant_scope(cys_store.pk):
        assert not LocalMail.objects.exists()
