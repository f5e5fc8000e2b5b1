"""Consents: the newest word stands, of two of one instant the one that forbids; all are kept."""

import pytest
from hypothesis import given

from customers.actions import save_consents, save_customers
from customers.data import UNDATED, ConsentData, CustomerData
from customers.models import ConsentChange, Customer
from customers.tests.words import after, batches, minute, quick


def word(state: str, at: int | None = 0, *, number: int = 7, channel: str = "email", **told):
    """A word on consent, said at the minute."""
    when = UNDATED if at is None else minute(at)
    known = {"level": "single_opt_in", "source": "customers/update"}
    return ConsentData(number, channel, state, changed_at=when, **{**known, **told})


@pytest.fixture
def save(in_anas_store):
    ids = save_customers(tenant=in_anas_store, customers=[CustomerData(7), CustomerData(8)])
    return lambda words: save_consents(tenant=in_anas_store, consents=words, ids=ids)


def standing(number: int = 7, channel: str = "email"):
    """The consent that stands, and since when."""
    columns = (f"{channel}_consent", f"{channel}_consent_at")
    return Customer.objects.values_list(*columns).get(shopify_id=number)


def everything():
    columns = ("shopify_id", *(f"{c}_consent{end}" for c in ("email", "sms")
                               for end in ("", "_level", "_at")))  # fmt: skip
    history = ConsentChange.objects.values_list("customer", "channel", "state", "changed_at")
    return sorted(Customer.objects.values_list(*columns)), sorted(history)


WORDS = [
    word("pending", None),
    word("subscribed", 1),
    word("unsubscribed", 5),
    word("subscribed", 5),
    word("redacted", 3),
    word("subscribed", 4, channel="sms"),
    word("not_subscribed", 2, channel="sms"),
    word("subscribed", 9, number=8),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same_consents(save, told):
    expected = after(save, [[word] for word in WORDS], everything)

    assert after(save, told, everything) == expected


def test_the_words_above_end_with_the_one_that_forbids(save):
    save(WORDS)

    assert standing() == ("unsubscribed", minute(5))
    assert standing(channel="sms") == ("subscribed", minute(4))
    assert standing(8) == ("subscribed", minute(9))


def test_saving_again_adds_nothing_to_the_history(save):
    save(WORDS)
    once = everything()

    save(WORDS)

    assert everything() == once
    assert ConsentChange.objects.count() == len(WORDS)


def test_an_older_word_is_history_and_stands_for_nothing(save):
    save([word("unsubscribed", 5)])

    save([word("subscribed", 1)])

    assert standing() == ("unsubscribed", minute(5))
    assert ConsentChange.objects.count() == 2


@pytest.mark.parametrize(
    "forbidding", ["unsubscribed", "not_subscribed", "pending", "invalid", "redacted"]
)
def test_of_one_instant_no_word_lets_a_message_out_against_another(save, forbidding):
    told = [word("subscribed", 5), word(forbidding, 5)]

    for order in (told, told[::-1]):
        batches_of_one = [[each] for each in order]
        assert after(save, batches_of_one, standing) == (forbidding, minute(5))


def test_a_word_without_a_time_never_beats_one_with_a_time(save):
    save([word("unsubscribed", -1_000_000)])

    save([word("subscribed", None)])

    assert standing()[0] == "unsubscribed"


def test_a_word_on_one_channel_says_nothing_of_the_other(save):
    save([word("subscribed", channel="sms")])

    assert standing() == (None, None)


def test_the_level_comes_with_the_word_that_stands(save):
    save([word("subscribed", 1, level="confirmed_opt_in"), word("unsubscribed", 2, level=None)])

    assert Customer.objects.get(shopify_id=7).email_consent_level is None


def test_a_word_on_somebody_unknown_is_left_out(save):
    save([word("subscribed", number=99)])

    assert ConsentChange.objects.count() == 0


def test_the_history_says_from_where_a_word_came(save):
    save([word("subscribed", source="customers/create")])

    assert ConsentChange.objects.get().source == "customers/create"
