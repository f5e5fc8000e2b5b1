"""Advice is given where it is certain, and never falsely."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.language import advise, format_query, parse, read
from segments.language.clock import Clock
from segments.language.tests.queries import nodes
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    Day,
    IsNull,
    Moment,
    Named,
    Number,
    Offset,
    Operator,
    Or,
    Text,
)

SUBSCRIBER = "product_subscription_status"


def codes(query):
    reading = read(query)
    return [each.code for each in advise(reading.node, rewritten=reading.advice)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("number_of_orders > 5 AND number_of_orders < 3", "contradiction"),
        ("number_of_orders > 5 AND number_of_orders < 6", "contradiction"),
        ("number_of_orders = 5 AND number_of_orders = 6", "contradiction"),
        ("number_of_orders = 5 AND number_of_orders != 5", "contradiction"),
        ("number_of_orders BETWEEN 1 AND 3 AND number_of_orders BETWEEN 4 AND 6", "contradiction"),
        ("number_of_orders < 0", "contradiction"),
        ("amount_spent > 5 AND amount_spent <= 5", "contradiction"),
        ("amount_spent > 5 AND amount_spent < 5.01", None),
        ("last_order_date < 2024-01-01 AND last_order_date >= 2024-01-01", "contradiction"),
        ("last_order_date > 2024-01-01 AND last_order_date < 2024-01-02", "contradiction"),
        ("last_order_date > -7d AND last_order_date < -2w", "contradiction"),
        ("last_order_date = today AND last_order_date = yesterday", "contradiction"),
        ("last_order_date > -1m AND last_order_date < -1y", "contradiction"),
        ("last_order_date > -1m AND last_order_date < -40d", None),
        ("last_order_date > -7d AND last_order_date < 2020-01-01", None),
        (
            "last_order_date > 2024-01-01T10:00:00 AND last_order_date < 2024-01-01T09:00:00",
            None,  # where the clock goes back, nine can come after ten
        ),
        ("last_order_date IS NULL AND last_order_date > -7d", "contradiction"),
        ("last_order_date IS NULL AND last_order_date != today", None),
        ("last_order_date IS NULL AND last_order_date IS NOT NULL", "contradiction"),
        ("customer_tags CONTAINS 'VIP' AND customer_tags NOT CONTAINS 'vip'", "contradiction"),
        ("customer_tags CONTAINS 'a' AND customer_tags CONTAINS 'b'", None),
        ("customer_cities CONTAINS 'A' AND customer_cities NOT CONTAINS 'a'", None),
        ("customer_tags IS NULL AND customer_tags CONTAINS 'a'", "contradiction"),
        ("companies = 1 AND companies = 2", None),
        ("companies = 1 AND companies != 1", "contradiction"),
        ("rfm_group = 'NEW' AND rfm_group = 'LOYAL'", "contradiction"),
        ("rfm_group = 'NEW' OR rfm_group = 'LOYAL'", None),
        ("rfm_group != 'NEW' AND rfm_group != 'LOYAL'", None),
        (f"{SUBSCRIBER} = 'SUBSCRIBED' AND {SUBSCRIBER} = 'ACTIVE'", None),
        (f"{SUBSCRIBER} = 'SUBSCRIBED' AND {SUBSCRIBER} != 'ACTIVE'", "contradiction"),
        ("customer_email_domain = 'A.com' AND customer_email_domain = 'a.com'", None),
        ("orders_placed MATCHES () AND orders_placed NOT MATCHES ()", "contradiction"),
        (
            "orders_placed MATCHES (date > -7d) AND orders_placed NOT MATCHES (date > -9d)",
            None,
        ),
        ("anniversary('a') = today AND anniversary('b') = yesterday", None),
        ("customer.metafields.a.b = 1 AND customer.metafields.a.b = 2", None),
        (
            "amount_spent > 1 OR (number_of_orders > 5 AND number_of_orders < 3)",
            "contradiction",
        ),
        ("number_of_orders >= 0", "always_true"),
        ("number_of_orders > -1", "always_true"),
        ("number_of_orders != -1", "always_true"),
        ("number_of_orders > 0", None),
        ("number_of_orders >= 1 OR number_of_orders = 0", "always_true"),
        ("number_of_orders > 5 OR number_of_orders <= 5", "always_true"),
        ("number_of_orders > 5 OR number_of_orders < 5", None),
        ("number_of_orders != 5 OR number_of_orders > 3", "always_true"),
        (
            "number_of_orders = 0 OR number_of_orders > 4 OR number_of_orders BETWEEN 1 AND 4",
            "always_true",
        ),
        ("number_of_orders = 0 OR number_of_orders > 4 OR number_of_orders BETWEEN 2 AND 4", None),
        ("amount_spent > 5 OR amount_spent <= 5", "always_true"),
        ("amount_spent > 5 OR amount_spent < 5", None),
        ("amount_spent >= 6 OR amount_spent <= 5", None),
        ("amount_spent >= 0", None),
        ("rfm_group = 'NEW' OR rfm_group != 'NEW'", "always_true"),
        ("customer_tags CONTAINS 'a' OR customer_tags NOT CONTAINS 'A'", "always_true"),
        ("last_order_date IS NULL OR last_order_date IS NOT NULL", "always_true"),
        ("last_order_date >= today OR last_order_date < today", None),
        ("amount_spent BETWEEN 5 AND 1", "backwards_range"),
        ("last_order_date BETWEEN today AND -7d", "backwards_range"),
        ("last_order_date BETWEEN -7d AND -30d", "backwards_range"),
        ("orders_placed MATCHES (date BETWEEN today AND -1w)", "backwards_range"),
        ("anniversary('a') BETWEEN 2024-12-20 AND 2024-01-10", None),
        ("last_order_date BETWEEN -1m AND -40d", None),
        ("segment('12') MATCHES ()", "extension"),
        ("customer_tag_prefix CONTAINS 'vip-'", "extension"),
        ("last_order_date > 7_days_ago", "rewritten"),
        (" OR ".join(f"customer_countries CONTAINS 'X{n}'" for n in range(10)), None),
        (" OR ".join(f"customer_countries CONTAINS 'X{n}'" for n in range(11)), "too_many_clauses"),
    ],
)
def test_advice(query, code):
    assert codes(query) == ([code] if code else [])


def test_scores_go_from_1_to_5_and_can_be_unknown():
    assert codes("rfm_recency > 5") == ["extension", "contradiction"]
    assert codes("rfm_recency >= 1") == ["extension"]


def test_advice_says_where_and_why():
    query = "number_of_orders > 5 AND number_of_orders < 3"

    (advice,) = advise(parse(query))

    assert advice.message == (
        "Nobody can be both 'number_of_orders > 5' and 'number_of_orders < 3'."
    )
    assert query[advice.at.offset : advice.at.end] == "number_of_orders < 3"


def test_shopifys_limit_is_told_with_the_number():
    query = " OR ".join(f"customer_countries CONTAINS 'X{number}'" for number in range(11))

    (advice,) = advise(parse(query))

    assert advice.message == (
        "Shopify would refuse this: it takes at most 10 clauses, and these are 11."
    )


# --- No false alarm: what is called impossible is tried with every value ----------------------

ZONE = ZoneInfo("America/New_York")
NOONS = [
    datetime(2024, 3, 31, 12, tzinfo=UTC), datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(2023, 3, 1, 12, tzinfo=UTC),
]  # fmt: skip
DAYS = [date(2024, 2, 27) + timedelta(days=count) for count in range(8)]
SHORT = st.one_of(
    st.sampled_from(DAYS).map(Day),
    st.sampled_from(DAYS).map(lambda day: Moment(datetime(day.year, day.month, day.day, 12))),  # noqa: DTZ001
    st.builds(Offset, st.integers(-4, 1), st.sampled_from("dwm")),
    st.sampled_from([Named("today"), Named("yesterday")]),
)
FEW = st.integers(-1, 6).map(lambda number: Number(Decimal(number)))


def compared(name, values, *, null):
    """Comparisons, ranges and questions for null."""
    tests = st.one_of(
        st.builds(Compare, st.sampled_from(list(Operator)), values),
        st.builds(Between, values, values),
        *([st.builds(IsNull, st.booleans())] if null else []),
    )
    return st.builds(Clause, st.just(name), tests)


KINDS = [
    compared("number_of_orders", FEW, null=False),
    compared("amount_spent", FEW, null=False),
    compared("rfm_recency", FEW, null=True),
    compared("last_order_date", SHORT, null=True),
    st.builds(
        Clause,
        st.just("rfm_group"),
        st.one_of(
            st.builds(
                Compare,
                st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
                st.sampled_from(["NEW", "LOYAL"]).map(Text),
            ),
            st.builds(IsNull, st.booleans()),
        ),
    ),
    st.builds(
        Clause,
        st.just("customer_tags"),
        st.one_of(
            st.builds(Contains, st.sampled_from(["a", "A", "b"]).map(Text), st.booleans()),
            st.builds(IsNull, st.booleans()),
        ),
    ),
]
CLAUSES = st.one_of(KINDS)
PAIRS = st.one_of([st.tuples(kind, kind) for kind in KINDS])
HALVES = [Decimal(half) / 2 for half in range(-4, 16)]
CANDIDATES = {
    "number_of_orders": list(range(10)),
    "amount_spent": HALVES,
    "rfm_recency": [None, 1, 2, 3, 4, 5],
    "last_order_date": [
        None,
        *(
            datetime(2022, 10, 1, 5, tzinfo=UTC) + timedelta(hours=12 * count)
            for count in range(2 * 550)
        ),
    ],
    "rfm_group": [None, "NEW", "LOYAL"],
    "customer_tags": [None, {"a"}, {"b"}, {"a", "b"}],
}


@cache
def interval(value, clock):
    """The first moment of the value and the first one after it."""
    if isinstance(value, Moment):
        return clock.moment_of(value), clock.moment_of(value) + timedelta(seconds=1)
    day = clock.day_of(value)
    return clock.start_of(day), clock.end_of(day)


def holds(clause, actual, clock):
    """Whether the clause is true of the value; as decision 0013 has it."""
    match clause.test:
        case IsNull():
            return (actual is None) != clause.test.negated
        case Contains():
            return (clause.test.value.value.lower() in (actual or ())) != clause.test.negated
        case Compare(operator=Operator.NOT_EQUAL):
            equal = Compare(Operator.EQUAL, clause.test.value)
            return not holds(Clause(clause.name, equal), actual, clock)
    if actual is None:
        return False
    if isinstance(clause.test, Between):
        low, high = clause.test.low, clause.test.high
        return compares(Operator.AT_LEAST, actual, low, clock) and (
            compares(Operator.AT_MOST, actual, high, clock)
        )
    return compares(clause.test.operator, actual, clause.test.value, clock)


def compares(operator, actual, value, clock):
    """A value that is known, compared with a literal."""
    if isinstance(value, Number | Text):
        begin = end = value.value
    else:
        begin, end = interval(value, clock)
        if operator == Operator.EQUAL:
            return begin <= actual < end
        if operator in {Operator.GREATER, Operator.AT_MOST} and not isinstance(value, Moment):
            return (actual >= end) == (operator == Operator.GREATER)
    return {
        Operator.EQUAL: actual == begin,
        Operator.GREATER: actual > begin,
        Operator.AT_LEAST: actual >= begin,
        Operator.LESS: actual < begin,
        Operator.AT_MOST: actual <= begin,
    }[operator]


def truths(clause, clock):
    """For each candidate value, whether the clause holds."""
    return [holds(clause, actual, clock) for actual in CANDIDATES[clause.name]]


@settings(max_examples=250, deadline=None)
@given(PAIRS, st.sampled_from(NOONS))
def test_a_contradiction_is_true_of_nobody(pair, now):
    one, other = pair
    found = {each.code for each in advise(And((one, other)))}
    clock = Clock(now, ZONE)

    both = [a and b for a, b in zip(truths(one, clock), truths(other, clock), strict=True)]

    assert not ("contradiction" in found and any(both)), format_query(And((one, other)))


@settings(max_examples=250, deadline=None)
@given(PAIRS, st.sampled_from(NOONS))
def test_what_is_always_true_is_true_of_everybody(pair, now):
    one, other = pair
    clock = Clock(now, ZONE)

    node = parse(f"{format_query(one)} OR {format_query(other)}")
    either = [a or b for a, b in zip(truths(one, clock), truths(other, clock), strict=True)]

    found = {each.code for each in advise(node)}
    assert not ("always_true" in found and not all(either)), format_query(node)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(KINDS[:2]).flatmap(lambda kind: st.lists(kind, min_size=2, max_size=4)))
def test_numbers_that_leave_nobody_out_are_all_found(clauses):
    told = [truths(clause, None) for clause in clauses]

    found = {each.code for each in advise(Or(tuple(clauses)))}

    assert ("always_true" in found) == all(map(any, zip(*told, strict=True)))


@settings(max_examples=150, deadline=None)
@given(CLAUSES, st.sampled_from(NOONS))
def test_a_backwards_range_matches_nobody(clause, now):
    found = {each.code for each in advise(clause)}

    assert not ("backwards_range" in found and any(truths(clause, Clock(now, ZONE))))


@settings(max_examples=100, deadline=None)
@given(nodes())
def test_every_query_can_be_advised_on(node):
    for advice in advise(node):
        assert re.fullmatch(r"[a-z_]+", advice.code)
        assert advice.message
