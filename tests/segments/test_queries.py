"""The random queries themselves: they ask everything, and find some customers but not all."""

from collections import Counter
from itertools import pairwise
from random import Random

from segments.language.registry import ATTRIBUTES, COMPARED, Kind
from segments.language.tree import And, Clause, Compare, Matches, Node, Or, clauses_of
from tests.segments.oracle import TOLD, Oracle
from tests.segments.queries import Asker, every_shape, told_shapes
from tests.segments.stores import make_case

STORES = 40


def asked(*, trees: int = 0) -> list[tuple[Node, Oracle]]:
    """Over a run of stores, each shape of question once; or else so many random queries."""
    made = []
    for seed in range(STORES):
        random = Random(seed)
        case = make_case(random)
        asker, shapes = Asker(random, case), every_shape(case)
        oracle = Oracle(case.store, case.now, case.store.zone, case.store.currency)
        nodes: list[Node] = [shape(asker) for shape in shapes] if not trees else []
        shapes = told_shapes(case)
        nodes += [asker.query(shapes) for _ in range(trees)]
        made += [(node, oracle) for node in nodes]
    return made


def test_every_attribute_operator_and_parameter_is_asked():
    clauses = [each for node, _ in asked() for each in clauses_of(node)]
    seen = {(each.name, type(each.test).__name__, operator_of(each)) for each in clauses}
    given = {(each.name, p.name) for each in clauses for p in parameters_of(each)}

    for attribute in ATTRIBUTES.values():
        for parameter in attribute.parameters:
            assert (attribute.name, parameter.name) in given
        if attribute.kind in COMPARED:
            few = attribute.name == "anniversary"  # which is no date but a day of the year
            for operator in COMPARED[Kind.ENUM if few else attribute.kind]:
                assert (attribute.name, "Compare", operator) in seen
        for negated in (False, True) if attribute.kind is Kind.FUNCTION else ():
            assert (attribute.name, "Matches", negated) in seen


def operator_of(clause: Clause) -> object:
    """How its value is compared, or whether it is turned round."""
    if isinstance(clause.test, Compare):
        return clause.test.operator
    return getattr(clause.test, "negated", None)


def parameters_of(clause: Clause) -> tuple:
    return clause.test.parameters if isinstance(clause.test, Matches) else ()


def test_a_good_share_of_the_queries_finds_some_customers_and_not_all():
    shares = Counter()
    for node, oracle in asked(trees=40):
        found = len(oracle.finds(node))
        everybody = len(oracle.store.customers)
        shares["none" if not found else "all" if found == everybody else "some"] += 1

    assert shares["some"] / shares.total() > 0.2
    assert shares["all"] / shares.total() > 0.05


def test_every_attribute_that_has_data_finds_somebody_and_leaves_somebody():
    split = set()
    for node, oracle in asked():
        if 0 < len(oracle.finds(node)) < len(oracle.store.customers):
            split.add(node.name)

    assert split == TOLD


def test_a_random_query_is_in_the_form_in_which_the_language_keeps_trees():
    for node, _ in asked(trees=40):
        check_form(node)


def check_form(node: Node) -> None:
    if isinstance(node, And | Or):
        assert len(node.parts) >= 2
        assert not any(isinstance(part, type(node)) for part in node.parts)
        for part in node.parts:
            check_form(part)


def test_the_same_seed_makes_the_same_queries():
    one, other = ([node for node, _ in asked(trees=1)[:500]] for _ in range(2))

    assert one == other
    assert any(a != b for a, b in pairwise(one))
