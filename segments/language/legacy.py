"""Older spellings of the language, accepted and rewritten; each rewriting is noted.

Until API 2026-10 functions were compared with true and false, their parameters had colons and
names such as `count_at_least`, and dates had names such as `7_days_ago`.
"""

from dataclasses import replace
from datetime import date, datetime

from segments.language.phrases import Part, Phrase, Said
from segments.language.problems import Notes, problem, shown
from segments.language.registry import Attribute, Kind, ParameterType
from segments.language.tokens import DAY, MOMENT, Lexeme
from segments.language.tree import Day, Flag, Moment, Number, Offset, Text, Value

PREFIXES = {"storefront_event.": "storefront."}
WORDS = {"NOT_MATCHES": "NOT MATCHES", "NOT_CONTAINS": "NOT CONTAINS"}
ALIASES = {"since": ("date", ">="), "until": ("date", "<=")}
SUFFIXES = {
    "_at_least": ">=", "_at_most": "<=", "_more_than": ">", "_greater_than": ">",
    "_less_than": "<", "_equals": "=", "_equal_to": "=",
}  # fmt: skip
BEYOND = {">": (">=", 1), "<": ("<=", -1)}
VALUES = {("product_subscription_status", "CANCELED"): "CANCELLED"}
WITHIN = ("distance_km", "distance_mi")  # a bare distance was a radius


def without_frame(lexemes: list[Lexeme], notes: Notes) -> list[Lexeme]:
    """What stands behind WHERE in `FROM customers SHOW … WHERE … ORDER BY …`, as editors show."""
    words = [each.text.upper() for each in lexemes]
    framed = words[:2] == ["FROM", "CUSTOMERS"] and "WHERE" in words
    if not framed and words[:1] != ["WHERE"]:
        return lexemes
    first = words.index("WHERE") + 1
    ends = (
        index
        for index in range(first, len(words))
        if words[index : index + 2] == ["ORDER", "BY"] or words[index] == "LIMIT"
    )
    notes.rewritten("FROM customers … WHERE …", "what stands behind WHERE", lexemes[0].at)
    return lexemes[first : next(ends, len(words))]


def current_name(lexeme: Lexeme, notes: Notes) -> str:
    """The name of the attribute today."""
    for older, newer in PREFIXES.items():
        if lexeme.text.startswith(older):
            name = newer + lexeme.text.removeprefix(older)
            notes.rewritten(lexeme.text, name, lexeme.at)
            return name
    return lexeme.text


def modern(said: Said, attribute: Attribute, notes: Notes) -> Said | None:
    """The clause in today's spelling: arguments only where the attribute takes one, and a test.

    None, with a problem, where that cannot be.
    """
    said = with_test_of_today(said, notes)
    if attribute.takes_argument:
        said = with_plain_argument(said, notes)
    elif attribute.kind == Kind.FUNCTION:
        said = without_call(said, attribute, notes)
    if said.test is None or (said.arguments is not None and not attribute.takes_argument):
        says = f"'{attribute.name}' is used with parentheses and takes none."
        notes.problems.append(problem("unexpected", says, said.name.at, found="("))
        return None
    return without_refusing(said, said.test, notes)


def with_test_of_today(said: Said, notes: Notes) -> Said:
    """`NOT_MATCHES` in two words."""
    if said.test is None or said.test.words not in WORDS:
        return said
    words = WORDS[said.test.words]
    notes.rewritten(said.test.words, words, said.test.at)
    return replace(said, test=replace(said.test, words=words))


def without_refusing(said: Said, test: Phrase, notes: Notes) -> Said | None:
    """`NOT products_purchased MATCHES ()` with the NOT where the language has it."""
    name = said.name.text
    if said.refusing is None:
        return said
    if test.words != "MATCHES":
        says = f"'{shown(said.refusing.text)}' is unexpected before '{name}'."
        at, meant = said.refusing.at, f"NOT {test.words}" if test.words == "CONTAINS" else ""
        notes.problems.append(
            problem(
                "unexpected", says, at, found="NOT", expected=("a filter", "("), suggestion=meant
            )
        )
        return None
    notes.rewritten(f"NOT {name} MATCHES", f"{name} NOT MATCHES", said.refusing.at)
    return replace(said, test=replace(test, words="NOT MATCHES"), refusing=None)


def with_plain_argument(said: Said, notes: Notes) -> Said:
    """`anniversary(date: 'x')` without the parameter's name."""
    if said.arguments is None or len(said.arguments) != 1:
        return said
    part = said.arguments[0]
    if isinstance(part, Lexeme) or part.phrase.words != ":" or len(part.phrase.values) != 1:
        return said
    value = part.phrase.values[0]
    notes.rewritten(f"{part.name.text}: {value.text}", value.text, part.name.at)
    return replace(said, arguments=(value,))


def without_call(said: Said, attribute: Attribute, notes: Notes) -> Said:
    """`fn(id: 1) = true` as `fn MATCHES (id = 1)`."""
    test = said.test
    truth = truth_of(test)
    if said.arguments is None and truth is None:
        return said
    parts = [each for each in said.arguments or () if isinstance(each, Part)]
    if len(parts) != len(said.arguments or ()):
        return said
    if truth is None:
        if parts or test is None or "MATCHES" not in test.words:
            return said
        notes.rewritten(f"{attribute.name}()", attribute.name, said.name.at)
        return replace(said, arguments=None)
    words = "MATCHES" if truth else "NOT MATCHES"
    older = f"{attribute.name}(…) = {str(truth).lower()}" if test else f"{attribute.name}(…)"
    notes.rewritten(older, f"{attribute.name} {words} (…)", said.name.at)
    at, end = (test.at, test.end) if test else (said.name.at, said.end)
    parameters = paired([parameter(part, attribute, notes) for part in parts], attribute)
    return replace(said, arguments=None, test=Phrase(words, at, end, parameters=parameters))


def truth_of(test: Phrase | None) -> bool | None:
    """What the function is compared with; nothing at all was short for true."""
    if test is None:
        return True
    if test.words not in {"=", "!="} or test.listed or test.values[0].value is None:
        return None
    value = test.values[0].value
    return value.value == (test.words == "=") if isinstance(value, Flag) else None


def parameter(part: Part, attribute: Attribute, notes: Notes) -> Part:
    """`count_at_least: 5` as `count >= 5`; a name that was never one stays, to be reported."""
    name, words = current_parameter(part.name.text, attribute)
    if part.phrase.words != ":":
        words = part.phrase.words
    elif part.phrase.listed and name != "coordinates":
        words = "IN"
    elif not words:
        words = meant_by_colon(name, part.phrase.values[0].value)
    if name != part.name.text:
        notes.rewritten(f"{part.name.text}:", f"{name} {words}", part.name.at)
    phrase = replace(part.phrase, words=words, listed=part.phrase.listed)
    return Part(replace(part.name, text=name), phrase)


def current_parameter(older: str, attribute: Attribute) -> tuple[str, str]:
    """The parameter's name today and the operator that its old name held, if any."""
    if attribute.parameter(older):
        return older, ""
    if older in ALIASES and attribute.parameter(ALIASES[older][0]):
        return ALIASES[older]
    for suffix, words in SUFFIXES.items():
        name = older.removesuffix(suffix)
        if name != older and attribute.parameter(name):
            return name, words
    return older, ""


def meant_by_colon(name: str, value: Value | None) -> str:
    """`date: -45d` asked for the days since then, a distance for all that is nearer."""
    if name in WITHIN:
        return "<="
    return ">" if isinstance(value, Offset) and value.count < 0 else "="


def paired(parts: list[Part], attribute: Attribute) -> tuple[Part, ...]:
    """A lower and an upper end of the same parameter as one BETWEEN, where that says the same."""
    done: list[Part] = []
    for part in parts:
        other = next((each for each in done if each.name.text == part.name.text), None)
        both = other and between(other, part, attribute)
        if other and both:
            done[done.index(other)] = both
        else:
            done.append(part)
    return tuple(done)


def between(one: Part, other: Part, attribute: Attribute) -> Part | None:
    """Two ends as one range; None where they are no two ends that belong to it."""
    ends = {
        each.phrase.words: each for each in (included(one, attribute), included(other, attribute))
    }
    if ends.keys() != {">=", "<="} or one.phrase.listed or other.phrase.listed:
        return None
    values = (*ends[">="].phrase.values, *ends["<="].phrase.values)
    return Part(one.name, replace(one.phrase, words="BETWEEN", values=values))


def included(end: Part, attribute: Attribute) -> Part:
    """The same end with its value in it: of whole numbers `> 2` is `>= 3`."""
    kind, lexeme = attribute.parameter(end.name.text), end.phrase.values[0]
    whole = kind is not None and kind.kind == Kind.INTEGER
    if end.phrase.words not in BEYOND or not whole or not isinstance(lexeme.value, Number):
        return end
    words, step = BEYOND[end.phrase.words]
    value = replace(lexeme.value, value=lexeme.value.value + step)
    return Part(end.name, replace(end.phrase, words=words, values=(replace(lexeme, value=value),)))


def modern_value(lexeme: Lexeme, of: Attribute | ParameterType, notes: Notes) -> Value | None:
    """What the literal says today: `7_days_ago`, a date in quotes, a value's older name."""
    value = lexeme.value
    if lexeme.older and isinstance(value, Offset):
        notes.rewritten(lexeme.text, f"{value.count:+d}{value.unit}", lexeme.at)
    if not isinstance(value, Text):
        return value
    if of.kind == Kind.DATE and (dated := date_in(value)):
        notes.rewritten(lexeme.text, value.value, lexeme.at)
        return dated
    newer = VALUES.get((of.name, value.value))
    if newer:
        notes.rewritten(lexeme.text, f"'{newer}'", lexeme.at)
        return Text(newer, value.at)
    return value


def date_in(text: Text) -> Day | Moment | None:
    """The date that stands in quotes, as other dialects of the language have it."""
    try:
        if DAY.fullmatch(text.value):
            return Day(date.fromisoformat(text.value), text.at)
        if MOMENT.fullmatch(text.value):
            return Moment(datetime.fromisoformat(text.value), text.at)
    except ValueError:
        pass
    return None
