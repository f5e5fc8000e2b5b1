"""Tags: the newest word on each tag wins, a whole list counts as a word on every tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.actions import save_customers
from customers.data import CustomerData, TagsData
from customers.models import CustomerTag
from customers.tagging import save_tags
from customers.tests.words import after, batches, minute, quick


def added(at: int, *tags: str, number: int = 7) -> TagsData:
    return TagsData(number, tags, minute(at))


def removed(at: int, *tags: str, number: int = 7) -> TagsData:
    return TagsData(number, tags, minute(at), present=False)


def listed(at: int, *tags: str, number: int = 7) -> TagsData:
    return TagsData(number, tags, minute(at), whole=True)


@pytest.fixture
def save(in_anas_store):
    ids = save_customers(tenant=in_anas_store, customers=[CustomerData(7), CustomerData(8)])
    return lambda words: save_tags(tenant=in_anas_store, words=words, ids=ids)


def tags(number: int = 7) -> set[str]:
    rows = CustomerTag.objects.filter(customer__shopify_id=number, present=True)
    return set(rows.values_list("tag", flat=True))


def by_rule(words: list[TagsData]) -> set[str]:
    """The tags that stand, worked out word by word in plain Python."""
    last_list = max((w.changed_at for w in words if w.whole), default=None)
    standing = set()
    for tag in {tag for word in words for tag in word.tags}:
        said = [(w.changed_at, not w.present) for w in words if tag in w.tags]
        at, gone = max(said)
        if not gone and (last_list is None or at >= last_list):
            standing.add(tag)
    return standing


some_tags = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True).map(tuple)
some_word = st.builds(
    lambda kind, at, tags: kind(at, *tags),
    st.sampled_from([added, removed, listed]),
    st.integers(0, 4),
    some_tags,
)


@given(
    st.lists(some_word, max_size=6).flatmap(lambda words: st.tuples(st.just(words), batches(words)))
)
@quick
def test_any_words_in_any_order_leave_what_the_rule_says(save, told):
    words, in_batches = told

    assert after(save, in_batches, tags) == by_rule(words)


def test_saving_again_changes_nothing(save):
    words = [listed(1, "a", "b"), removed(2, "a"), added(3, "c")]
    save(words)

    save(words)

    assert tags() == {"b", "c"}


def test_an_older_word_never_overwrites_a_newer_one(save):
    save([removed(5, "VIP")])

    save([added(4, "VIP")])

    assert tags() == set()


def test_of_one_instant_removed_stands(save):
    for order in ([added(5, "VIP"), removed(5, "VIP")], [removed(5, "VIP"), added(5, "VIP")]):
        assert after(save, [[each] for each in order], tags) == set()


def test_a_tag_is_one_in_any_case_and_shown_as_last_written(save):
    save([added(1, "vip")])

    save([added(2, "VIP")])

    assert tags() == {"VIP"}
    assert CustomerTag.objects.count() == 1


def test_an_empty_list_removes_all_that_is_older(save):
    save([added(1, "a"), added(9, "b")])

    save([listed(5)])

    assert tags() == {"b"}


def test_a_late_older_list_removes_nothing(save):
    save([listed(5, "a")])

    save([listed(3, "b")])

    assert tags() == {"a"}


def test_a_word_on_one_customer_says_nothing_of_another(save):
    save([added(1, "a"), added(1, "a", number=8)])

    save([listed(2)])

    assert (tags(7), tags(8)) == (set(), {"a"})


def test_a_word_on_somebody_unknown_is_left_out(save):
    save([added(1, "a", number=99), listed(1, "b", number=99)])

    assert CustomerTag.objects.count() == 0
