"""SQL and oracle find the same customers, for random queries over random stores."""

import os
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segments.language.formatter import format_query
from segments.language.parser import parse
from tests.segments.asking import by_sql, clock_of, in_a_store, oracle_of, our_ids
from tests.segments.queries import Asker, every_shape, told_shapes
from tests.segments.stores import make_case
from tests.segments.writing import write_store
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
LONG = int(os.environ.get("XENO_SEGMENT_EXAMPLES", "2000"))
# Nothing is shrunk in the short form: the message has the query, and the store is small.
quietly = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
widely = settings(quietly, derandomize=False, database=None, max_examples=LONG)


def check_same(node, case, clock, oracle):
    """One query: the same customers, none of them twice."""
    text = format_query(node)
    expected = sorted(oracle.finds(node))
    found = by_sql(parse(text), clock)
    assert found == expected, f"{text}\n at {case.now} of {case.store}"


def check_shapes(seed):
    """Every attribute with every operator and parameter, once in this store."""
    case = make_case(random := Random(seed), most=8)
    asker, clock, oracle = (
        Asker(random, case), clock_of(case.store, case.now), oracle_of(case.store, case.now)
    )  # fmt: skip

    def work(tenant):
        for shape in every_shape(case):
            check_same(shape(asker), case, clock, oracle)

    in_a_store(case, work)


def check_trees(random, queries):
    """So many random queries in a random store, at its moment and a day or two apart."""
    case = make_case(random)
    asker, shapes = Asker(random, case), told_shapes(case)

    def work(tenant):
        for _ in range(queries):
            node = asker.query(shapes, depth=3)
            now = case.now + timedelta(hours=random.choice((0, 0, 13, 24, 24 * 31)))
            check_same(node, case, clock_of(case.store, now), oracle_of(case.store, now))

    in_a_store(case, work)


@pytest.mark.parametrize("seed", range(4))
def test_every_attribute_operator_and_parameter_finds_whom_the_oracle_finds(seed):
    check_shapes(seed)


@settings(quietly, max_examples=30)
@given(st.randoms(use_true_random=False))
def test_a_random_query_finds_whom_the_oracle_finds(random):
    check_trees(random, queries=6)


@pytest.mark.slow
def test_every_shape_in_many_stores():
    for seed in range(100, 100 + LONG // 20):
        check_shapes(seed)


@pytest.mark.slow
@widely
@given(st.randoms(use_true_random=False))
def test_many_random_queries(random):
    check_trees(random, queries=10)


@pytest.mark.parametrize("seed", range(2))
def test_asked_of_a_few_it_finds_those_of_them_whom_it_finds_among_all(seed):
    case = make_case(random := Random(seed), most=8)
    asker, clock, oracle = (
        Asker(random, case), clock_of(case.store, case.now), oracle_of(case.store, case.now)
    )  # fmt: skip

    def work(tenant):
        ids = our_ids()
        few = [who for who in ids if random.choice((True, False))]
        for shape in told_shapes(case):
            node = parse(format_query(shape(asker)))
            expected = sorted(oracle.finds(node) & set(few))
            found = by_sql(node, clock, among=[ids[who] for who in few])
            assert found == expected, format_query(node)

    in_a_store(case, work)


def test_two_stores_of_the_same_ids_see_nothing_of_each_other():
    one, other = (make_case(Random(seed), most=8) for seed in (7, 8))
    tenants = [write_store(case.store) for case in (one, other)]
    random = Random(9)
    for case, tenant in zip((one, other), tenants, strict=True):
        asker, clock, oracle = (
            Asker(random, case), clock_of(case.store, case.now), oracle_of(case.store, case.now)
        )  # fmt: skip
        with tenant_scope(tenant.pk):
            for shape in every_shape(case):
                check_same(shape(asker), case, clock, oracle)
