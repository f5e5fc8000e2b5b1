"""Text and tree mean the same customers: what is published, and what is made up."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.language.formatter import format_query
from segments.language.parser import parse
from tests.segments.more_published import MORE
from tests.segments.oracle import Oracle, finds
from tests.segments.people import NEW_YORK, NOON, Told
from tests.segments.published import BY_TEXT
from tests.segments.queries import Asker, every_shape, told_shapes
from tests.segments.stores import make_case

WRITTEN = {**BY_TEXT, **MORE}
quietly = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=60
)


@pytest.mark.parametrize("told", WRITTEN.values(), ids=list(WRITTEN))
def test_the_oracle_finds_whom_a_written_query_means(told: Told):
    assert finds(parse(told.query), told.store, NOON, NEW_YORK, "USD") == told.expected


@pytest.mark.parametrize("text", WRITTEN)
def test_a_written_query_is_written_again_for_good(text: str):
    once = format_query(parse(text))

    assert format_query(parse(once)) == once
    assert parse(once) == parse(text)


def test_every_shape_of_question_survives_being_written():
    for seed in range(10):
        case = make_case(random := Random(seed))
        asker = Asker(random, case)
        oracle = Oracle(case.store, case.now, case.store.zone, case.store.currency)
        for shape in every_shape(case):
            node = shape(asker)
            assert oracle.finds(parse(format_query(node))) == oracle.finds(node), node


@quietly
@given(st.randoms(use_true_random=False))
def test_a_random_query_survives_being_written(random):
    case = make_case(random)
    node = Asker(random, case).query(told_shapes(case), depth=3)
    oracle = Oracle(case.store, case.now, case.store.zone, case.store.currency)

    again = parse(format_query(node))

    assert oracle.finds(again) == oracle.finds(node)
    assert parse(format_query(again)) == again
    assert parse(format_query(again, width=40)) == again
