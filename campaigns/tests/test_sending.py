"""From a scheduled campaign to a real mail server: once each, and never who said no."""

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from campaigns import lifecycle
from campaigns.content.writing import CampaignWriter
from campaigns.errors import CampaignNotInState, LatenessNotConfirmed
from campaigns.local_time import first_moment
from campaigns.models import (
    Campaign,
    Claim,
    Message,
    Preference,
    SendingSettings,
    SendingState,
    Suppression,
)
from campaigns.providers import anymail
from campaigns.providers.deadline import Deadline
from campaigns.sending import claiming, handing, settling, starting
from campaigns.sending.due import has_due
from campaigns.tests.conftest import make_customer, make_message
from campaigns.tests.sinks import sink
from customers.models import Customer
from segments.models import Segment, SegmentMember, SegmentState
from segments.static import add_members
from tenants.audit import Actor
from xeno.lib.upsert import run, run_at_once

# Its two moments are read one after the other.
CLOCK_READS = timedelta(milliseconds=50)


@pytest.fixture
def mail(settings):
    settings.CAMPAIGN_PROVIDER = "smtp"
    with sink() as (server, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def people(in_anas_store):
    return [make_customer(n, f"p{n}@example.com") for n in range(1, 13)]


@pytest.fixture
def scheduled(in_anas_store, campaign, people) -> Campaign:
    segment = Segment.objects.create(name="Everybody", kind="static")
    now = timezone.now()
    for person in people:
        SegmentMember.objects.create(segment=segment, customer=person, valid_from=now)
    SegmentState.objects.create(segment=segment, members_count=len(people), refreshed_at=now)
    campaign.audiences.create(segment=segment)
    Campaign.objects.filter(pk=campaign.pk).update(
        state="scheduled", scheduled_for=now, html="<p>Hello {{ customer.first_name }}</p>"
    )
    campaign.refresh_from_db()
    return campaign


def send(tenant) -> None:
    handing.send_turn(tenant=tenant, seconds=20)


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Message.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_everybody_gets_one_message(in_anas_store, scheduled, people, mail):
    send(in_anas_store)
    send(in_anas_store)

    scheduled.refresh_from_db()
    assert mail.recipients == {person.email: 1 for person in people}
    assert (states(), scheduled.state) == ({"sent": 12}, "sent")
    assert Message.objects.filter(provider="smtp", provider_id="ABC123").count() == 12


def test_the_message_is_the_persons_own(in_anas_store, scheduled, people, mail):
    Customer.objects.filter(pk=people[0].pk).update(first_name="<Kim>")

    send(in_anas_store)

    [mine] = [m for m in mail.messages() if m["To"] == people[0].email]
    assert mine["Subject"] == "Spring is here"
    assert "Hello &lt;Kim&gt;" in mine.get_body(("html",)).get_content()
    assert mine["From"] == "Ana's Shop <ana@shop.example>"


def test_f109_who_unsubscribes_between_freeze_and_claim_gets_nothing(
    in_anas_store, scheduled, people, mail
):
    starting.start_due(tenant=in_anas_store)
    Customer.objects.filter(pk=people[0].pk).update(email_consent="unsubscribed")
    Suppression.objects.create(address=people[1].email, reason="bounced")

    send(in_anas_store)

    assert people[0].email not in mail.recipients
    assert people[1].email not in mail.recipients
    assert states() == {"sent": 10, "skipped": 2}
    assert set(Message.objects.filter(state="skipped").values_list("reason", flat=True)) == {
        "no_consent",
        "suppressed",
    }


def test_a_refusal_for_good_is_a_failure(in_anas_store, scheduled, people, mail):
    mail.rcpt = lambda address: "550 no such user" if address.startswith("p1@") else None

    send(in_anas_store)

    failed = Message.objects.get(state="failed")
    assert (failed.customer, failed.code) == (people[0], "smtp_550")
    assert states() == {"sent": 11, "failed": 1}


def test_a_refusal_for_now_is_tried_again_later(in_anas_store, scheduled, people, mail):
    mail.data = lambda address: "451 try later" if address.startswith("p1@") else None

    send(in_anas_store)

    waiting = Message.objects.get(state="queued")
    assert (waiting.attempts, waiting.code) == (1, "smtp_451")
    assert timedelta(seconds=50) < waiting.not_before - timezone.now() < timedelta(seconds=70)
    scheduled.refresh_from_db()
    assert scheduled.state == "sending"


def test_the_fifth_refusal_for_now_is_for_good(in_anas_store, scheduled, people, mail):
    mail.data = lambda address: "451 try later"

    for _ in range(5):
        Message.objects.update(not_before=timezone.now())
        send(in_anas_store)

    assert states() == {"failed": 12}


def test_a_provider_that_is_away_costs_no_attempt(in_anas_store, scheduled, mail, settings):
    settings.EMAIL_PORT = 1

    send(in_anas_store)

    assert states() == {"queued": 12}
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    circuit = SendingState.objects.get()
    assert (circuit.failures, circuit.trouble) == (1, "unreachable")


def test_a_provider_that_is_named_wrongly_keeps_messages_waiting(
    in_anas_store, scheduled, mail, people, settings
):
    settings.CAMPAIGN_PROVIDER = "nobody"
    send(in_anas_store)
    circuit = SendingState.objects.get()

    assert states() == {"queued": 12}
    assert (circuit.failures, circuit.trouble) == (1, "provider_unknown")

    settings.CAMPAIGN_PROVIDER = "smtp"
    SendingState.objects.update(open_until=timezone.now())
    send(in_anas_store)

    assert states() == {"sent": len(people)}


def test_nothing_is_claimed_while_the_circuit_is_open(in_anas_store, scheduled, mail, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    send(in_anas_store)
    settings.EMAIL_PORT = port

    send(in_anas_store)
    assert states() == {"queued": 12}

    SendingState.objects.update(open_until=None)
    send(in_anas_store)
    assert states() == {"sent": 12}
    assert SendingState.objects.get().failures == 0


def test_a_dead_workers_claim_is_sent_once_by_another(in_anas_store, scheduled, mail):
    starting.start_due(tenant=in_anas_store)
    scheduled.refresh_from_db()
    claiming.claim(tenant=in_anas_store, campaign=scheduled, holder=uuid4())
    send(in_anas_store)
    assert mail.recipients == {}

    Claim.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    send(in_anas_store)

    assert set(mail.recipients.values()) == {1}
    assert states() == {"sent": 12}
    assert set(Message.objects.values_list("attempts", flat=True)) == {2}


def test_what_was_being_handed_over_is_uncertain_and_never_sent_again(
    in_anas_store, scheduled, mail
):
    starting.start_due(tenant=in_anas_store)
    one = Message.objects.first()
    past = timezone.now() - timedelta(seconds=1)
    holder = uuid4()
    Message.objects.filter(pk=one.pk).update(state="handing_over", holder=holder, claimed_at=past)
    Claim.objects.create(holder=holder, message_ids=[one.pk], lease_until=past, begun_until=past)

    send(in_anas_store)

    assert one.address not in mail.recipients
    assert states() == {"sent": 11, "uncertain": 1}


def test_a_lost_answer_is_uncertain(in_anas_store, scheduled, mail, monkeypatch):
    from campaigns.providers import smtp

    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    mail.hang_seconds = 0.6
    Message.objects.all().delete()

    handing.send_turn(tenant=in_anas_store, seconds=1)

    found = states()
    assert found["uncertain"] >= 1
    assert set(mail.recipients.values()) == {1}


def test_a_server_that_is_slow_is_not_away(in_anas_store, scheduled, mail, monkeypatch):
    monkeypatch.setattr(Deadline, "begin_seconds", 0.6)
    monkeypatch.setattr(handing, "FEW", 12)
    mail.hang_seconds = 0.4

    handing.send_turn(tenant=in_anas_store, seconds=1.5)

    found = states()
    assert found["sent"] == mail.recipients.total() < 12
    assert found == {"sent": found["sent"], "queued": 12 - found["sent"]}
    assert set(Message.objects.filter(state="queued").values_list("attempts", flat=True)) == {0}
    assert not SendingState.objects.filter(failures__gt=0).exists()


def test_a_few_take_less_than_their_lease():
    assert anymail.BEGIN_SECONDS < Deadline.begin_seconds < Deadline.end_seconds
    assert Deadline.end_seconds < settling.HAND_OVER_SECONDS


def test_a_mistake_of_ours_in_later_words_costs_nobody_anything(
    in_anas_store, scheduled, people, mail, monkeypatch
):
    finish = CampaignWriter.finish

    def fail_at_the_eighth(writer, draft, sender):
        if draft.message.address == "p8@example.com":
            raise RuntimeError
        return finish(writer, draft, sender)

    monkeypatch.setattr(CampaignWriter, "finish", fail_at_the_eighth)
    with pytest.raises(RuntimeError):
        send(in_anas_store)

    assert (states(), mail.recipients.total()) == ({"sent": 7, "queued": 5}, 7)
    queued = Message.objects.filter(state="queued")
    assert set(queued.values_list("attempts", "holder")) == {(0, None)}


@pytest.fixture
def marked(monkeypatch) -> list[int]:
    """How many were marked at once, each time."""
    counts, step = [], handing.settling.step

    def note(**told):
        counts.append(len(told["following"]))
        return step(**told)

    monkeypatch.setattr(handing.settling, "step", note)
    return counts


def test_those_without_words_are_few_at_a_time_as_well(in_anas_store, scheduled, mail, marked):
    Campaign.objects.update(html="{{ customer.nothing }}")

    send(in_anas_store)

    assert states() == {"failed": 12}
    assert max(marked) == handing.FEW


def test_nobody_waits_marked_for_the_slow_words_of_others(
    in_anas_store, scheduled, mail, marked, monkeypatch
):
    monkeypatch.setattr(handing, "WORDS_SECONDS", 0)

    send(in_anas_store)

    assert states() == {"sent": 12}
    assert max(marked) == 1


@pytest.mark.parametrize("hours", [3, 24])
def test_a_late_campaign_waits_to_be_confirmed(in_anas_store, scheduled, mail, hours):
    Campaign.objects.update(scheduled_for=timezone.now() - timedelta(hours=hours))

    send(in_anas_store)

    scheduled.refresh_from_db()
    assert (scheduled.state, scheduled.pause_reason) == ("paused", "late")
    assert mail.recipients == {}


def test_what_was_late_is_sent_once_when_somebody_confirms_it(
    in_anas_store, scheduled, people, mail, ana
):
    """Scheduled for 08:00, and the worker is back at 13:00."""
    Campaign.objects.update(scheduled_for=timezone.now() - timedelta(hours=5))
    told = {"actor": Actor(ana), "tenant": in_anas_store, "campaign_id": scheduled.pk}
    send(in_anas_store)
    with pytest.raises(LatenessNotConfirmed):
        lifecycle.resume_campaign(**told)
    send(in_anas_store)
    assert mail.recipients == {}

    lifecycle.resume_campaign(**told, confirm=True)
    send(in_anas_store)

    scheduled.refresh_from_db()
    assert (states(), scheduled.state) == ({"sent": 12}, "sent")
    assert mail.recipients == {person.email: 1 for person in people}


def test_a_claim_is_a_hundred_messages_and_ten_seconds(in_anas_store, scheduled):
    more = [
        make_customer(number, f"p{number}@example.com")
        for number in range(100, 100 + claiming.MOST - 11)
    ]
    starting.start_due(tenant=in_anas_store)
    for person in more:
        make_message(scheduled, person, not_before=timezone.now(), variant="A")

    claimed = claiming.claim(tenant=in_anas_store, campaign=scheduled, holder=uuid4())

    assert Message.objects.count() == 101
    assert len(claimed) == 100
    mine = Message.objects.filter(state="claimed")
    claim = Claim.objects.get()
    assert set(claim.message_ids) == {each.pk for each in mine}
    leases = {claim.lease_until - each.claimed_at for each in mine}
    assert all(abs(lease - timedelta(seconds=10)) < CLOCK_READS for lease in leases)


def test_claims_and_marks_write_no_index_of_messages(in_anas_store, scheduled):
    """Updates that stay within the row's page, as PostgreSQL counts them."""
    written = """SELECT n_tup_upd - n_tup_hot_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables
        WHERE relname = 'campaigns_message'"""
    starting.start_due(tenant=in_anas_store)
    ((indexed, within),) = run(written, [])
    holder = uuid4()

    claimed = claiming.claim(tenant=in_anas_store, campaign=scheduled, holder=holder)
    attempts = {message.id: message.attempts for message in claimed}
    begun = settling.step(
        tenant=in_anas_store, holder=holder, provider="smtp", outcomes=[], attempts=attempts,
        following=list(attempts),
    )  # fmt: skip

    assert len(begun) == 12
    assert run(written, []) == [(indexed, within + 24)]


def test_whatever_marks_a_message_is_awaited_on_disk(in_anas_store, scheduled, mail, monkeypatch):
    """What a crash may undo after it is that some were settled, never that some were begun."""
    steps = list[tuple[bool, bool]]()

    def noted(sql, params, *, awaited=True):
        if sql in (settling.STEP, settling.END):
            steps.append((sql is settling.STEP and params[-1] != "{}", awaited))
        return run_at_once(sql, params, awaited=awaited)

    monkeypatch.setattr(settling, "run_at_once", noted)
    send(in_anas_store)

    assert states() == {"sent": 12}
    assert steps == [(True, True)] * 3 + [(False, False)]
    assert not Claim.objects.exists()


TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


def test_f018_what_left_while_the_database_was_lost_is_settled_when_it_is_back(
    transactional_db, in_anas_store, scheduled, mail
):
    """Nobody is uncertain for it, and nobody gets it twice."""
    told = connection.settings_dict
    login = {"dbname": told["NAME"], "user": told["USER"], "password": told["PASSWORD"]}
    login |= {"host": told["HOST"], "port": told["PORT"]}

    def lose(address):
        if address == "p7@example.com":
            with psycopg.connect(**login) as other:
                other.execute(TERMINATE)
        return ""

    mail.data = lose
    with pytest.raises(OperationalError):
        send(in_anas_store)
    found, taken = states(), mail.recipients.total()
    send(in_anas_store)

    assert (found, taken) == ({"sent": 10, "queued": 2}, 10)
    assert states() == {"sent": 12}
    assert set(mail.recipients.values()) == {1}


def test_f018_who_was_marked_when_the_answer_was_lost_is_not_uncertain(
    transactional_db, in_anas_store, scheduled, mail, monkeypatch
):
    """The mark is committed, the worker does not hear of it, and the server hears of nobody."""
    step, lost = settling.step, []

    def lose_the_second_mark(**told):
        begun = step(**told)
        if told["outcomes"] and begun and not lost:
            lost.append(begun)
            raise OperationalError
        return begun

    monkeypatch.setattr(settling, "step", lose_the_second_mark)
    with pytest.raises(OperationalError):
        send(in_anas_store)

    assert states() == {"sent": 5, "queued": 7}
    assert not Claim.objects.exists()
    send(in_anas_store)
    assert states() == {"sent": 12}
    assert set(mail.recipients.values()) == {1}


def test_rates_are_a_sliding_window(in_anas_store, scheduled, sender, mail):
    type(sender).objects.update(per_minute=5)

    send(in_anas_store)
    assert states() == {"sent": 5, "queued": 7}

    Message.objects.filter(state="sent").update(handed_at=timezone.now() - timedelta(seconds=61))
    send(in_anas_store)
    assert states() == {"sent": 10, "queued": 2}


def test_what_is_refused_counts_in_the_window_too(in_anas_store, scheduled, sender, mail):
    """A server that says "slower" is not asked faster for it."""
    type(sender).objects.update(per_minute=5)
    mail.data = lambda address: "451 later"

    send(in_anas_store)
    send(in_anas_store)

    assert Message.objects.filter(attempts=1).count() == 5
    Message.objects.update(refused_at=timezone.now() - timedelta(seconds=61))
    send(in_anas_store)
    assert Message.objects.filter(attempts=1).count() == 10


def test_nothing_leaves_in_quiet_hours_that_began_meanwhile(in_anas_store, scheduled, people, mail):
    starting.start_due(tenant=in_anas_store)
    now = timezone.now()
    there = now.astimezone(ZoneInfo("Asia/Tokyo"))  # where it is another hour than in Britain
    hours = {"quiet_from": there - timedelta(hours=1), "quiet_until": there + timedelta(hours=1)}
    SendingSettings.objects.update_or_create(
        defaults={name: at.time().replace(second=0, microsecond=0) for name, at in hours.items()}
    )
    Customer.objects.filter(pk__in=[each.pk for each in people[:9]]).update(country="JP")
    Customer.objects.filter(pk__in=[each.pk for each in people[9:]]).update(country="GB")

    send(in_anas_store)

    assert set(mail.recipients) == {each.email for each in people[9:]}
    waiting = Message.objects.filter(state="queued")
    assert waiting.count() == 9
    until = {each.not_before for each in waiting}
    assert len(until) == 1
    assert timedelta(minutes=58) < until.pop() - now <= timedelta(hours=1)


@pytest.mark.parametrize(("ahead", "sent_at_once"), [(0, True), (100, False)])
def test_by_the_recipients_clock_it_begins_when_the_hour_comes_first_and_not_before_it_is_asked(
    in_anas_store, scheduled, ahead, sent_at_once
):
    """What is sent at once is frozen of the segments as they are then, not of hours ago."""
    at = timezone.now() + timedelta(hours=ahead)
    Campaign.objects.update(clock="recipient", scheduled_for=at, updated_at=timezone.now())
    scheduled.refresh_from_db()

    begins = starting.begins_at(scheduled, in_anas_store)

    first = first_moment(at, store=in_anas_store.zone)
    assert begins == (at if sent_at_once else first)
    assert first < at


def test_a_pause_stops_a_turn_that_has_begun(in_anas_store, scheduled, mail, monkeypatch):
    monkeypatch.setattr(claiming, "MOST", 5)
    claim = claiming.claim

    def claimed_then_paused(**told):
        found = claim(**told, most=5)
        Campaign.objects.update(state="paused")
        return found

    monkeypatch.setattr(claiming, "claim", claimed_then_paused)
    send(in_anas_store)

    assert states() == {"sent": 5, "queued": 7}


def test_what_comes_back_to_a_cancelled_campaign_is_given_up(in_anas_store, scheduled):
    starting.start_due(tenant=in_anas_store)
    holder = uuid4()
    claimed = claiming.claim(tenant=in_anas_store, campaign=scheduled, holder=holder, most=5)
    lifecycle.cancel_campaign(actor=Actor(), tenant=in_anas_store, campaign_id=scheduled.pk)
    claiming.give_back(tenant=in_anas_store, holder=holder, ids=[each.id for each in claimed])
    assert states() == {"queued": 5, "skipped": 7}
    assert has_due()

    send(in_anas_store)

    assert states() == {"skipped": 12}
    assert set(Message.objects.values_list("reason", flat=True)) == {"cancelled"}
    assert not has_due()


def test_nothing_is_sent_again_of_a_cancelled_campaign(in_anas_store, scheduled):
    message = make_message(
        scheduled, make_customer(99, "x@example.com"), state="uncertain", handed_at=timezone.now()
    )
    Campaign.objects.update(state="cancelled")

    with pytest.raises(CampaignNotInState):
        lifecycle.settle_by_hand(
            actor=Actor(), tenant=in_anas_store, message_id=message.pk, arrived=False
        )

    assert Message.objects.get(pk=message.pk).state == "uncertain"


def test_who_is_capped_at_the_claim_is_told_from_when_on(in_anas_store, scheduled, people, mail):
    starting.start_due(tenant=in_anas_store)
    other = Campaign.objects.create(name="Other", subject="x", state="draft")
    at = timezone.now() - timedelta(hours=1)
    make_message(other, people[0], state="sent", handed_at=at)
    own = Preference.objects.create(customer=people[1], until=timezone.now() + timedelta(days=3))

    send(in_anas_store)

    capped, paused = (Message.objects.get(campaign=scheduled, customer=p) for p in people[:2])
    assert (capped.reason, capped.free_from) == ("capped", at + timedelta(hours=16))
    assert (paused.reason, paused.free_from) == ("paused", own.until)


def test_without_a_cap_who_is_written_to_elsewhere_is_written_to(in_anas_store, scheduled, people):
    SendingSettings.objects.update_or_create(defaults={"cap_hours": 0})
    starting.start_due(tenant=in_anas_store)
    other = Campaign.objects.create(name="Other", subject="x", state="draft")
    make_message(other, people[0], state="claimed", holder=uuid4(), claimed_at=timezone.now())

    claimed = claiming.claim(tenant=in_anas_store, campaign=scheduled, holder=uuid4())

    assert len(claimed) == 12


def test_a_paused_campaign_sends_nothing(in_anas_store, scheduled, mail):
    starting.start_due(tenant=in_anas_store)
    Campaign.objects.update(state="paused")

    send(in_anas_store)

    assert mail.recipients == {}


def test_members_added_later_get_nothing(in_anas_store, scheduled, mail):
    starting.start_due(tenant=in_anas_store)
    late = make_customer(99, "late@example.com")
    add_members(
        actor=Actor(),
        tenant=in_anas_store,
        segment_id=Segment.objects.get().pk,
        customer_ids=[late.pk],
    )

    send(in_anas_store)

    assert late.email not in mail.recipients
