"""What is odd about a query that is allowed: each piece of advice is certain, or is not given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from segments.language.attributes import subscriber_status
from segments.language.formatter import clause_text
from segments.language.problems import Advice
from segments.language.ranges import BASES, backwards, cover, disjoint, never
from segments.language.registry import PREFIXES, RANGES, Kind, find_attribute
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    IsNull,
    Matches,
    Node,
    Operator,
    Or,
    Test,
    Text,
    clauses_of,
)

SHOPIFYS_CLAUSES = 10
NUMBERS = (Kind.INTEGER, Kind.FLOAT)
# How values are compared that mean the same in more than one spelling.
FOLDED: Mapping[str, Callable[[str], str]] = {
    "customer_tags": str.lower,
    "customer_tag_prefix": str.lower,
    "customer_email_domain": str.lower,
    "product_subscription_status": subscriber_status,
}


def advise(node: Node, *, rewritten: tuple[Advice, ...] = ()) -> tuple[Advice, ...]:
    """Everything odd about the query; `rewritten` is what reading it noted (`Reading.advice`)."""
    clauses = tuple(clauses_of(node))
    found = [
        *rewritten,
        *too_many(clauses),
        *(advice for clause in clauses for advice in about_clause(clause)),
        *(advice for group in groups_of(node) for advice in about_group(group)),
    ]
    return tuple(dict.fromkeys(found))


def too_many(clauses: tuple[Clause, ...]) -> Iterator[Advice]:
    """Shopify's limit is not ours."""
    if len(clauses) > SHOPIFYS_CLAUSES:
        says = (
            f"Shopify would refuse this: it takes at most {SHOPIFYS_CLAUSES} clauses, "
            f"and these are {len(clauses)}."
        )
        yield Advice("too_many_clauses", says, clauses[SHOPIFYS_CLAUSES].at)


def groups_of(node: Node) -> Iterator[And | Or]:
    """Every And and Or of the tree."""
    if isinstance(node, Clause):
        return
    yield node
    for part in node.parts:
        yield from groups_of(part)


# --- One clause -------------------------------------------------------------------------------


def about_clause(clause: Clause) -> Iterator[Advice]:
    """What is odd about a clause by itself."""
    attribute = find_attribute(clause.name)
    if attribute and attribute.extension:
        says = f"Shopify does not know '{clause.name}'; it is an extension of ours."
        yield Advice("extension", says, clause.at)
    if clause.name == "anniversary":
        return  # its ranges go round the year
    tests = [(clause.name, clause.test)] if isinstance(clause.test, Between) else []
    if isinstance(clause.test, Matches):
        tests = [
            (each.name, each.test)
            for each in clause.test.parameters
            if isinstance(each.test, Between)
        ]
    for name, test in tests:
        if isinstance(test, Between) and backwards(test):
            says = f"The range of '{name}' has its ends the wrong way round."
            yield Advice("backwards_range", says, test.at)
            return
    text = clause_text(clause)
    if never(clause):
        yield Advice("contradiction", f"'{text}' is true of nobody.", clause.at)
    elif always(clause):
        yield Advice("always_true", f"'{text}' is true of everybody.", clause.at)


def always(*clauses: Clause) -> bool:
    """Whether every customer fulfils one of the clauses, which ask for the same: only of what is
    always a number."""
    name = clauses[0].name
    attribute = find_attribute(name)
    if attribute is None or attribute.nullable or attribute.kind not in NUMBERS:
        return False
    lowest, _ = BASES.get(name, (None, None))
    whole = attribute.kind == Kind.INTEGER
    return cover((clause.test for clause in clauses), lowest, whole=whole)


# --- Several clauses --------------------------------------------------------------------------


def about_group(group: And | Or) -> Iterator[Advice]:
    """Clauses of one attribute that exclude each other, or leave nobody out."""
    clauses = [part for part in group.parts if isinstance(part, Clause)]
    blamed: set[Clause] = set()
    for one, other in combinations(clauses, 2):
        if (one.name, one.argument) != (other.name, other.argument) or other in blamed:
            continue
        texts = f"'{clause_text(one)}' and '{clause_text(other)}'"
        if isinstance(group, And) and (complements(one, other) or exclude(one, other)):
            says = f"Nobody can be both {texts}."
            yield Advice("contradiction", says, other.at)
            blamed.add(other)
        elif isinstance(group, Or) and complements(one, other):
            says = f"Everybody is one of {texts}."
            yield Advice("always_true", says, other.at)
            blamed.add(other)
    if isinstance(group, Or) and not blamed:
        yield from about_whole(clauses)


def about_whole(clauses: list[Clause]) -> Iterator[Advice]:
    """Clauses of one number that leave nobody out together, and not one of them by itself."""
    for name in dict.fromkeys(clause.name for clause in clauses):
        same = [clause for clause in clauses if clause.name == name]
        if always(*same) and not any(map(always, same)):
            texts = " and ".join(f"'{clause_text(clause)}'" for clause in same)
            yield Advice("always_true", f"Everybody is one of {texts}.", same[-1].at)


def complements(one: Clause, other: Clause) -> bool:
    """Whether exactly one of them is true of every customer, null or not."""
    return opposite(folded(one)) == folded(other).test


def opposite(clause: Clause) -> Test | None:
    """The exact complement of the test, where the language can write it."""
    match clause.test:
        case Compare(operator=Operator.EQUAL):
            return replace(clause.test, operator=Operator.NOT_EQUAL)
        case Compare(operator=Operator.NOT_EQUAL):
            return replace(clause.test, operator=Operator.EQUAL)
        case Contains() | IsNull() | Matches():
            return replace(clause.test, negated=not clause.test.negated)
    return None


def folded(clause: Clause) -> Clause:
    """The clause as it is compared: tags and domains in lower case, one word for subscribers."""
    fold, test = FOLDED.get(clause.name), clause.test
    if fold is None or not isinstance(test, Compare | Contains) or not isinstance(test.value, Text):
        return clause
    value = replace(test.value, value=fold(test.value.value))
    return replace(clause, test=replace(test, value=value))


def exclude(one: Clause, other: Clause) -> bool:
    """Whether no customer can fulfil both."""
    attribute = find_attribute(one.name)
    if attribute is None or attribute.name in PREFIXES or one.name == "anniversary":
        return False
    if attribute.kind == Kind.FUNCTION:
        return False
    if is_null(one) or is_null(other):
        return is_null(one) != is_null(other) and asks_for_a_value(other if is_null(one) else one)
    if attribute.kind in {Kind.STRING, Kind.ENUM}:
        first, second = folded(one).test, folded(other).test
        return is_equal(first) and is_equal(second) and first != second
    return attribute.kind in RANGES and disjoint(one, other)  # a list holds several values


def is_null(clause: Clause) -> bool:
    """Whether the clause asks for customers of whom it is not known."""
    return isinstance(clause.test, IsNull) and not clause.test.negated


def asks_for_a_value(clause: Clause) -> bool:
    """Whether the clause is false of null."""
    match clause.test:
        case Compare():
            return clause.test.operator != Operator.NOT_EQUAL
        case Between():
            return True
        case Contains():
            return not clause.test.negated
        case IsNull():
            return clause.test.negated
    return False


def is_equal(test: Test) -> bool:
    """Whether the test is `=`."""
    return isinstance(test, Compare) and test.operator == Operator.EQUAL
