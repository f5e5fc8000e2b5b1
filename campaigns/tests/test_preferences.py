"""The preference centre: what is chosen is saved, by a form without a script."""

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Preference, Topic
from campaigns.preferences import MONTH
from campaigns.tests.conftest import make_message
from campaigns.tests.test_links import path_of
from campaigns.tracking.addresses import preferences_url


@pytest.fixture
def topics(in_anas_store) -> list[Topic]:
    return [Topic.objects.create(name=name) for name in ("News", "Offers")]


@pytest.fixture
def path(campaign, kim) -> str:
    return path_of(preferences_url, make_message(campaign, kim).pk)


@pytest.fixture
def save(path):
    def save(**answers):
        return Client().post(path, {"answer": "save", **answers})

    return save


def chosen() -> list[tuple]:
    rows = Preference.objects.order_by("pk").values_list("topic__name", "until", "most")
    return [tuple(row) for row in rows]


def test_a_topic_that_is_not_ticked_is_not_wanted(save, topics):
    save(shown=[t.pk for t in topics], topic=[topics[0].pk])

    assert chosen() == [("Offers", None, None)]


def test_it_can_be_ticked_again(save, topics):
    ids = [t.pk for t in topics]
    save(shown=ids)
    save(shown=ids, topic=ids)

    assert chosen() == []


def test_a_topic_that_came_since_the_page_was_opened_stays_wanted(save, topics):
    save(shown=[topics[0].pk], topic=[])

    assert chosen() == [("News", None, None)]


@pytest.mark.parametrize("months", [1, 3])
def test_a_pause_ends_after_so_many_months(save, months):
    save(pause=str(months))

    [(_, until, _)] = chosen()
    assert abs(until - timezone.now() - months * MONTH).total_seconds() < 60


def test_a_pause_is_kept_and_ended(save):
    save(pause="1")
    [before] = chosen()

    save(pause="keep")
    assert chosen() == [before]

    save(pause="none")
    assert chosen() == []


def test_the_most_is_one_of_those_offered(save):
    save(most="4")
    assert chosen() == [(None, None, 4)]

    save(most="1000")
    assert chosen() == [(None, None, 4)]

    save(most="")
    assert chosen() == []


@pytest.mark.parametrize("junk", ["", "x", "-1", "9" * 30, "\0", "１"])
def test_what_no_form_sends_changes_nothing(save, topics, junk):
    save(most="2")

    response = save(shown=junk, topic=junk, pause=junk, most=junk or "x")

    assert response.status_code == 200
    assert chosen() == [(None, None, 2)]


def test_the_page_shows_how_things_stand(save, path, topics):
    save(shown=[t.pk for t in topics], topic=[topics[0].pk], most="2", pause="3")

    text = Client().get(path).content.decode()

    assert f'value="{topics[0].pk}" checked' in text
    assert f'value="{topics[1].pk}" checked' not in text
    assert 'name="most" value="2" checked' in text
    assert "Nothing until" in text
    assert "<script" not in text


def test_a_topics_name_is_text(path, in_anas_store):
    Topic.objects.create(name="<b>bold</b>")

    assert "&lt;b&gt;bold" in Client().get(path).content.decode()


def test_unsubscribing_from_everything_is_one_button(path, kim):
    Client().post(path, {"answer": "unsubscribe"})

    kim.refresh_from_db()
    assert kim.email_consent == "unsubscribed"
