"""One clause as it was written to one clause of the tree."""

from collections.abc import Iterator

from segments.language.checking import (
    can_be_true,
    operators_of,
    problems_of,
    unknown_filter,
    wrong_operator,
)
from segments.language.legacy import current_name, modern, modern_value
from segments.language.phrases import Part, Phrase, Said
from segments.language.problems import Notes, Problem, problem
from segments.language.registry import Attribute, ParameterType, find_attribute
from segments.language.tokens import Lexeme
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    Contains,
    IsNull,
    Matches,
    OneOf,
    Operator,
    Parameter,
    Place,
    Test,
    Text,
    Value,
)

Typed = Attribute | ParameterType


def clause_of(said: Said, notes: Notes) -> Clause | None:
    """The clause; None, with problems, where it means nothing."""
    name = current_name(said.name, notes)
    attribute = find_attribute(name)
    if attribute is None:
        notes.problems.append(unknown_filter(name, said.name.at))
        return None
    if any(lexeme.value is None for lexeme in literals_of(said, attribute)):
        return None  # a wrong literal was reported where it stands
    current = modern(said, attribute, notes)
    if current is None or current.test is None:
        return None
    argument = argument_of(current, notes)
    test = test_of(current.test, attribute, notes)
    if argument is None or test is None:
        return None
    begin = said.name.at
    at = Place(begin.line, begin.column, said.end - begin.offset, begin.offset)
    clause = Clause(name, test, argument, at)
    problems = tuple(problems_of(clause, unread=unread(current.test, test)))
    notes.problems.extend(problems)
    return None if problems else clause


def name_problem(name: Lexeme) -> Iterator[Problem]:
    """What is wrong with the name of a clause that could not be read."""
    if name.text and find_attribute(current_name(name, Notes())) is None:
        yield unknown_filter(name.text, name.at)


def literals_of(said: Said, attribute: Attribute) -> Iterator[Lexeme]:
    """Every literal of the clause but those of a function's parameters, each read by itself."""
    for argument in said.arguments or ():
        if isinstance(argument, Lexeme):
            yield argument
        elif attribute.takes_argument:
            yield from argument.phrase.values
    if said.test:
        yield from said.test.values


def unread(phrase: Phrase, test: Test) -> set[str]:
    """The names of the parameters that stand there and could not be read."""
    read = test.parameters if isinstance(test, Matches) else ()
    return {part.name.text for part in phrase.parameters} - {each.name for each in read}


def argument_of(said: Said, notes: Notes) -> str | None:
    """The text in the parentheses behind the name; '' without them."""
    if said.arguments is None:
        return ""
    if len(said.arguments) == 1:
        value = said.arguments[0].value if isinstance(said.arguments[0], Lexeme) else None
        if isinstance(value, Text):
            return value.value
    says = f"'{said.name.text}' takes one text in its parentheses."
    notes.problems.append(problem("argument", says, said.name.at, expected=("a text",)))
    return None


def test_of(phrase: Phrase, of: Attribute, notes: Notes) -> Test | None:
    """What is asked of the attribute."""
    negated, at = phrase.words.startswith("NOT "), phrase.at
    if "MATCHES" in phrase.words:
        parameters = (parameter_of(part, of, notes) for part in phrase.parameters)
        return Matches(tuple(filter(None, parameters)), negated, at)
    if phrase.words == "IS":
        return truth_of(phrase, of, notes)
    if phrase.words.startswith("IS"):
        return IsNull(phrase.words == "IS NOT NULL", at)
    if "CONTAINS" in phrase.words:
        value = modern_value(phrase.values[0], of, notes)
        return Contains(value, negated, at) if value else None
    condition = condition_of(phrase, of, notes)
    if isinstance(condition, OneOf):
        says = f"'{phrase.words}' cannot be used with '{of.name}': write several clauses with OR."
        notes.problems.append(problem("wrong_operator", says, at, found=phrase.words))
        return None
    return condition


def truth_of(phrase: Phrase, of: Attribute, notes: Notes) -> Compare | None:
    """`IS TRUE` as `= true`."""
    truth = phrase.values[0]
    words = f"IS {truth.text.upper()}"
    if not can_be_true(of) or truth.value is None:
        notes.problems.append(wrong_operator(words, of.name, operators_of(of), phrase.at))
        return None
    notes.rewritten(words, f"= {truth.text.lower()}", phrase.at)
    return Compare(Operator.EQUAL, truth.value, phrase.at)


def parameter_of(part: Part, of: Attribute, notes: Notes) -> Parameter | None:
    """One parameter of MATCHES; None, with problems, where it cannot be read."""
    name, phrase = part.name.text, part.phrase
    kind = of.parameter(name)
    if kind is None:  # is refused with its clause, whatever it asks
        return Parameter(name, Compare(Operator.EQUAL, Text(phrase.words)), part.name.at)
    if any(lexeme.value is None for lexeme in phrase.values):
        return None  # reported where it stands
    if phrase.listed and phrase.words == "=" and kind.name == "coordinates":
        phrase = as_point(phrase)
    condition = condition_of(phrase, kind, notes)
    return Parameter(name, condition, part.name.at) if condition else None


def as_point(phrase: Phrase) -> Phrase:
    """`(52.52, 13.405)` as `'52.52,13.405'`."""
    first = phrase.values[0]
    text = Text(",".join(each.text for each in phrase.values), first.at)
    return Phrase(phrase.words, phrase.at, phrase.end, (Lexeme("STRING", "", first.at, text),))


def condition_of(phrase: Phrase, of: Typed, notes: Notes) -> Compare | Between | OneOf | None:
    """A comparison, a range or a list."""
    values = [modern_value(lexeme, of, notes) for lexeme in phrase.values]
    known: list[Value] = [value for value in values if value is not None]
    if phrase.words == "BETWEEN":
        return Between(known[0], known[1], phrase.at)
    if phrase.words in {"IN", "NOT IN"}:
        return OneOf(tuple(known), phrase.words == "NOT IN", phrase.at)
    if phrase.listed or phrase.words not in set(Operator):
        says = f"a list cannot follow '{phrase.words}'."
        notes.problems.append(problem("unexpected", says, phrase.at, expected=("IN",)))
        return None
    return Compare(Operator(phrase.words), known[0], phrase.at)
