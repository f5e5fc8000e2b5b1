"""Of many words on one thing the newest stands, and the older ones fill what it leaves open."""

from dataclasses import dataclass
from itertools import permutations
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from xeno.lib.upsert import newest, over


@dataclass(frozen=True, slots=True)
class Word:
    about: int
    version: int
    name: str | None = None
    note: str | None = None


key, version = attrgetter("about"), attrgetter("version")
said = st.none() | st.sampled_from(["a", "b", ""])
words = st.lists(
    st.builds(Word, st.integers(1, 3), st.integers(), said, said), unique_by=version, max_size=8
)


def test_the_newer_word_stands_over_the_older():
    assert over(Word(1, 1, "old"), Word(1, 2, "new")) == Word(1, 2, "new")


def test_what_the_newer_does_not_tell_is_the_olders():
    assert over(Word(1, 1, "old", "note"), Word(1, 2, "new")) == Word(1, 2, "new", "note")


def test_an_empty_text_is_a_word_and_none_is_not():
    assert over(Word(1, 1, "old"), Word(1, 2, "")) == Word(1, 2, "")


def test_a_word_that_tells_everything_is_given_back_itself():
    newer = Word(1, 2, "new", "note")

    assert over(Word(1, 1, "old"), newer) is newer


def test_a_gap_is_filled_from_the_next_older_that_tells():
    told = [Word(1, 1, "first", "one"), Word(1, 2, "second", None), Word(1, 3, None, None)]

    for order in permutations(told):
        assert newest(order, key, version) == [Word(1, 3, "second", "one")]


@given(words)
def test_there_is_one_item_for_each_key_in_the_order_of_the_keys(told):
    assert [word.about for word in newest(told, key, version)] == sorted({w.about for w in told})


@given(words, st.randoms(use_true_random=False))
def test_the_order_in_which_words_come_makes_no_difference(told, dice):
    shuffled = dice.sample(told, len(told))

    assert newest(shuffled, key, version) == newest(told, key, version)


@given(words)
def test_taking_the_newest_again_changes_nothing(told):
    once = newest(told, key, version)

    assert newest(once, key, version) == once


@given(words)
def test_the_version_is_the_highest_of_its_key(told):
    for word in newest(told, key, version):
        assert word.version == max(each.version for each in told if each.about == word.about)
