"""segment('…') MATCHES (): another segment's own query stands in for it."""

from datetime import date

import pytest

from customers.tests.builders import make_customer
from segments.compiling.compiler import follows_the_day, matching, reads_of
from segments.compiling.membership import SegmentsInACircle, check_path
from segments.explaining import explain
from segments.language import parse
from segments.language.problems import SegmentSyntaxError
from segments.models import Segment, SegmentMember
from segments.tests.asking import CLOCK, at, finds, found


def make_segment(name, query="", *members):
    kind = Segment.Kind.DYNAMIC if query else Segment.Kind.STATIC
    segment = Segment.objects.create(name=name, kind=kind, query=query)
    SegmentMember.objects.bulk_create(
        SegmentMember(
            tenant_id=segment.tenant_id, segment=segment, customer=member,
            valid_from=at("2026-01-01T00:00"),
        )
        for member in members
    )  # fmt: skip
    return segment


@pytest.fixture
def kim(in_anas_store):
    return make_customer(in_anas_store, orders_count=3, last_order_at=at("2026-02-10T12:00"))


@pytest.fixture
def bare(in_anas_store):
    return make_customer(in_anas_store)


def test_its_query_is_asked_by_id_or_name(kim, bare):
    buyers = make_segment("Buyers", "number_of_orders > 0")

    assert found("segment('Buyers') MATCHES ()") == {kim.pk}
    assert found(f"segment('{buyers.pk}') MATCHES ()") == {kim.pk}
    assert found("segment('Buyers') NOT MATCHES ()") == {bare.pk}
    assert found("segment('Buyers') MATCHES () AND number_of_orders > 5") == set()


def test_nothing_is_the_complement_of_something_null(kim, bare):
    make_segment("Late", "last_order_date < 2026-01-01 AND last_order_date > 2020-01-01")

    assert found("segment('Late') NOT MATCHES ()") == {kim.pk, bare.pk}


def test_a_static_one_has_the_members_of_now(kim, bare):
    segment = make_segment("By hand", "", kim, bare)
    SegmentMember.objects.filter(customer=bare).update(valid_to=at("2026-02-01T00:00"))

    assert found("segment('By hand') MATCHES ()") == {kim.pk}
    assert reads_of(parse("segment('By hand') MATCHES ()")) == {f"segment:{segment.pk}"}


def test_it_reads_and_follows_what_the_other_does(kim):
    inner = make_segment("Lapsed", "last_order_date < -30d")
    outer = make_segment("Rich", "segment('Lapsed') MATCHES () AND amount_spent > 5")
    asked = parse("segment('Rich') MATCHES () OR customer_tags CONTAINS 'a'")

    assert reads_of(asked) == {"totals", "tags", f"segment:{inner.pk}", f"segment:{outer.pk}"}
    assert follows_the_day(asked)
    assert not finds("segment('Lapsed') MATCHES ()", kim)
    assert explain(asked, customer=kim, clock=CLOCK).changes_on is None
    why = explain(parse("segment('Lapsed') MATCHES ()"), customer=kim, clock=CLOCK)
    assert why.changes_on == date(2026, 3, 13)
    assert why.verdict.facts["name"] == "Lapsed"


def test_a_circle_is_refused_and_names_the_way(kim):
    one = make_segment("One", "number_of_orders > 0")
    make_segment("Two", "segment('One') MATCHES ()")
    Segment.objects.filter(pk=one.pk).update(query="segment('Two') MATCHES ()")

    with pytest.raises(SegmentsInACircle, match="'Two' → 'One' → 'Two'"):
        matching(parse("segment('Two') MATCHES ()"), clock=CLOCK)
    with pytest.raises(SegmentsInACircle, match="'One' → 'Two' → 'One'"):
        check_path(parse("segment('Two') MATCHES ()"), path=[one.pk])


def test_an_unknown_one_is_a_problem_with_its_place(kim):
    with pytest.raises(SegmentSyntaxError) as refused:
        matching(parse("number_of_orders > 0 AND segment('No') MATCHES ()"), clock=CLOCK)

    [problem] = refused.value.problems
    assert (problem.code, problem.found, problem.at.column) == ("unknown_segment", "No", 25)


def test_another_stores_segment_is_unknown(kim, cys_store):
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(cys_store.pk):
        theirs = make_segment("Theirs", "number_of_orders >= 0")

    with pytest.raises(SegmentSyntaxError):
        found(f"segment('{theirs.pk}') MATCHES ()")
