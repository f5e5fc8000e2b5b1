"""Opens and clicks as rows, told apart, and what they settle."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from campaigns.models import Link, Message, SendingSettings, Touch
from campaigns.tests.conftest import make_message
from campaigns.tracking import reacting
from campaigns.tracking.reacting import Request, note_click, note_open
from customers.models import Customer
from segments.models import DataChange, Segment

PERSON = Request("GET", "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0")
LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at=LONG_AGO)


@pytest.fixture
def links(campaign) -> list[int]:
    made = [
        Link.objects.create(campaign=campaign, url=f"https://e.example/{n}", url_hash=str(n))
        for n in range(3)
    ]
    return [link.pk for link in made]


@pytest.fixture
def click(in_anas_store, message):
    def click(link_id, request=PERSON):
        note_click(tenant=in_anas_store, message_id=message.pk, link_id=link_id, request=request)

    return click


def machines() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("pk").values_list("kind", "machine"))


def test_a_click_is_no_open(click, links, kim, campaign):
    click(links[0])

    touch = Touch.objects.get()
    assert (touch.kind, touch.machine, touch.customer, touch.campaign, touch.link_id) == (
        "clicked",
        "",
        kim,
        campaign,
        links[0],
    )


def test_two_links_after_one_another_are_a_persons(click, links):
    click(links[0])
    click(links[1])
    click(links[0])

    assert {machine for _, machine in machines()} == {""}


def test_f108_all_links_at_once_are_a_machines_the_first_ones_too(
    in_anas_store, message, click, links
):
    note_open(tenant=in_anas_store, message_id=message.pk, request=PERSON)
    for link in links:
        click(link)

    assert machines() == [
        ("opened", "all_links"),
        ("clicked", "all_links"),
        ("clicked", "all_links"),
        ("clicked", "all_links"),
    ]


def test_f108_all_links_of_a_variant_at_once_are_a_machines(click, links, campaign):
    for number in range(4):
        of_b = f"https://shop.example/b/{number}"
        Link.objects.create(campaign=campaign, url=of_b, url_hash=of_b)

    for link in links:
        click(link)

    assert {machine for _, machine in machines()} == {"all_links"}


def test_three_links_with_time_to_read_are_a_persons(click, links):
    for link in links:
        Touch.objects.update(happened_at=F("happened_at") - timedelta(seconds=1))
        click(link)

    assert {machine for _, machine in machines()} == {""}


def test_what_came_before_the_burst_stays_a_persons(click, links):
    click(links[0])
    Touch.objects.update(happened_at=timezone.now() - timedelta(minutes=1))

    for link in links:
        click(link)

    assert [machine for _, machine in machines()] == ["", "all_links", "all_links", "all_links"]


def test_f108_nobody_clicks_within_three_seconds(in_anas_store, message, click, links):
    Message.objects.update(handed_at=timezone.now())

    click(links[0])

    assert machines() == [("clicked", "timing")]


@pytest.mark.parametrize("state", ["uncertain", "handing_over"])
def test_a_persons_click_settles_what_was_open(message, click, links, state):
    lease = {"holder": "00000000-0000-4000-8000-000000000001"}
    Message.objects.update(state=state, handed_at=LONG_AGO, claimed_at=LONG_AGO, **lease)

    click(links[0], Request("GET", "curl/8"))
    message.refresh_from_db()
    assert message.state == state

    click(links[0])
    message.refresh_from_db()
    assert (message.state, message.holder, message.handed_at) == ("sent", None, LONG_AGO)


@pytest.mark.parametrize("state", ["failed", "skipped"])
def test_what_is_settled_stays_so(message, click, links, state):
    Message.objects.update(state=state, reason="capped")

    click(links[0])

    message.refresh_from_db()
    assert message.state == state


def test_a_store_that_does_not_track_notes_nothing(in_anas_store, message, click, links):
    SendingSettings.objects.create(track_opens=False, track_clicks=False)

    click(links[0])
    note_open(tenant=in_anas_store, message_id=message.pk, request=PERSON)

    assert machines() == []


def test_a_person_who_opted_out_has_no_opens_and_their_clicks(in_anas_store, message, click, links):
    Customer.objects.filter(pk=message.customer_id).update(email_open_tracking="OPTED_OUT")

    note_open(tenant=in_anas_store, message_id=message.pk, request=PERSON)
    click(links[0])

    assert machines() == [("clicked", "")]


def test_a_flood_leaves_few_rows(in_anas_store, message, monkeypatch):
    monkeypatch.setattr(reacting, "MOST", 3)

    for _ in range(5):
        note_open(tenant=in_anas_store, message_id=message.pk, request=PERSON)

    assert len(machines()) == 3


def test_segments_hear_of_people_and_not_of_machines(in_anas_store, message, click, links, kim):
    Segment.objects.create(name="All", query="number_of_orders > 0", kind="dynamic")

    click(links[0], Request("HEAD", "x"))
    assert not DataChange.objects.exists()

    click(links[0])
    change = DataChange.objects.get()
    assert (change.customers, change.kinds) == ([kim.pk], ["touches"])


def test_a_message_that_is_gone_is_no_error(in_anas_store, links):
    note_open(tenant=in_anas_store, message_id=10**9, request=PERSON)

    assert machines() == []
