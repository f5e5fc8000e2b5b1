"""What explain says of a customer is what the oracle says: clause by clause, and until when."""

import os
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.models import Customer
from segments.explaining import ClauseVerdict, explain
from segments.language.clock import Clock
from segments.language.formatter import format_query
from segments.language.parser import parse
from tests.segments.asking import clock_of, in_a_store, oracle_of
from tests.segments.days import day_at, first_moment
from tests.segments.queries import Asker, told_shapes
from tests.segments.stores import make_case
from tests.segments.test_differential import quietly, widely

pytestmark = pytest.mark.django_db
LONG = int(os.environ.get("XENO_SEGMENT_EXAMPLES", "2000"))
YEARS = 5 * 365


def verdicts_of(verdict):
    """Every verdict on a clause, in the order of the text."""
    if isinstance(verdict, ClauseVerdict):
        return [verdict]
    return [each for part in verdict.parts for each in verdicts_of(part)]


def check_explained(node, case, random, clock: Clock):
    """The whole, each clause, and the day of change, of every customer."""
    text = format_query(node)
    node = parse(text)
    oracle = oracle_of(case.store, clock.now)
    people = {each.id: each for each in case.store.customers}
    for who in Customer.objects.order_by("pk"):
        said, told = explain(node, customer=who, clock=clock), people[who.shopify_id]
        about = f"{text}\n of {told.id} at {clock.now} {clock.zone} in {case.store}"
        assert said.holds == said.verdict.holds == oracle.holds(node, told), about
        for each in verdicts_of(said.verdict):
            assert each.holds == oracle.holds(each.clause, told), f"{each.clause}: {about}"
        check_day(node, told, case, random, clock, said, about)


def check_day(node, told, case, random, clock, said, about):
    """Until the day that is told, nothing changes; on that day it does."""
    today, zone = day_at(clock.now, clock.zone), clock.zone

    def holds(day):
        return oracle_of(case.store, first_moment(day, zone)).holds(node, told)

    last = YEARS if said.changes_on is None else (said.changes_on - today).days - 1
    near = range(1, min(last, 40) + 1)
    far = [random.randint(1, last) for _ in range(20)] if last > 40 else []
    for ahead in {*near, *far, last} if last > 0 else ():
        day = today + timedelta(days=ahead)
        assert holds(day) == said.holds, f"changes on {day} and not {said.changes_on}: {about}"
    if said.changes_on is not None:
        assert said.changes_on > today, about
        assert holds(said.changes_on) != said.holds, f"no change on {said.changes_on}: {about}"


def explain_some(random, queries):
    """Random queries in a random store, those with days in them above all."""
    case = make_case(random, most=4)
    asker, shapes = Asker(random, case), told_shapes(case)

    def work(tenant):
        for number in range(queries):
            node = asker.query(shapes, depth=number % 3)
            check_explained(node, case, random, clock_of(case.store, case.now))

    in_a_store(case, work)


@settings(quietly, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_a_random_query_is_explained_as_the_oracle_answers(random):
    explain_some(random, queries=3)


@pytest.mark.parametrize("seed", range(2))
def test_every_question_is_explained_as_the_oracle_answers(seed):
    case = make_case(random := Random(seed), most=4)
    asker = Asker(random, case)

    def work(tenant):
        for shape in told_shapes(case)[seed::5]:
            check_explained(shape(asker), case, random, clock_of(case.store, case.now))

    in_a_store(case, work)


@pytest.mark.slow
@settings(widely, max_examples=max(LONG // 10, 1))
@given(st.randoms(use_true_random=False))
def test_many_random_queries_are_explained(random):
    explain_some(random, queries=6)
