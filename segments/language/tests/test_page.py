"""docs/segment-language.md says what the language is: its examples work, its tables are whole."""

import json
import re
from pathlib import Path

import pytest

from segments.language import SegmentSyntaxError, format_query, from_json, parse, read
from segments.language.checking import operators_of
from segments.language.registry import ATTRIBUTES
from segments.language.tree import Matches, clauses_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "segment-language.md"
TEXT = PAGE.read_text("utf-8")


def blocks(kind):
    """The fenced blocks of that kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def lines(kind):
    return [line for block in blocks(kind) for line in block.splitlines()]


@pytest.mark.parametrize("query", lines("segment"))
def test_an_example_is_a_query(query):
    reading = read(query)

    assert parse(format_query(reading.node)) == reading.node
    assert reading.advice == ()


@pytest.mark.parametrize("line", lines("segment-older"))
def test_an_older_spelling_becomes_what_the_page_says(line):
    older, newer = line.split("  →  ")

    reading = read(older)

    assert format_query(reading.node) == newer
    assert reading.advice


def wrong():
    """Each wrong query of the page with what is said of it."""
    found = []
    for line in lines("segment-wrong"):
        if line.startswith("  "):
            found[-1][1].append(line.strip())
        else:
            found.append((line, []))
    return found


@pytest.mark.parametrize(("query", "messages"), wrong())
def test_a_mistake_is_told_as_the_page_says(query, messages):
    with pytest.raises(SegmentSyntaxError) as caught:
        parse(query)

    assert [problem.message for problem in caught.value.problems] == messages


@pytest.mark.parametrize("text", blocks("json"))
def test_the_json_is_a_query(text):
    assert from_json(json.loads(text))


def shown():
    """Every clause of the page's examples."""
    return [clause for query in lines("segment") for clause in clauses_of(parse(query))]


def test_every_attribute_has_an_example():
    assert set(ATTRIBUTES) - {clause.name for clause in shown()} == set()


def test_every_parameter_has_an_example():
    seen = {
        (clause.name.split(".")[0], parameter.name)
        for clause in shown()
        if isinstance(clause.test, Matches)
        for parameter in clause.test.parameters
    }

    known = {
        (a.name.split(".")[0], each.name) for a in ATTRIBUTES.values() for each in a.parameters
    }
    assert known - seen == set()


# --- The tables -------------------------------------------------------------------------------


def attribute_rows():
    """The table of attributes as the registry has it."""
    yield "| attribute | asks | type | operators | values | null | ours |"
    yield "|---|---|---|---|---|---|---|"
    for each in ATTRIBUTES.values():
        operators = " ".join(f"`{words}`" for words in operators_of(each))
        values = " ".join(f"`{value}`" for value in each.values) or each.help
        null, ours = "yes" if each.nullable else "", "ours" if each.extension else ""
        name = f"{each.name}('…')" if each.takes_argument else each.name
        cells = (f"`{name}`", each.label, each.kind, operators, values, null, ours)
        yield " ".join(f"| {cell}" if cell else "|" for cell in cells) + " |"


def parameter_rows():
    """The table of functions and their parameters as the registry has it."""
    yield "| function | parameters |"
    yield "|---|---|"
    for each in ATTRIBUTES.values():
        if each.parameters:
            said = ", ".join(f"`{one.name}` ({one.kind}: {one.label})" for one in each.parameters)
            yield f"| `{each.name}` | {said} |"


@pytest.mark.parametrize("rows", [attribute_rows, parameter_rows])
def test_a_table_is_the_registrys(rows):
    table = "\n".join(rows())

    assert f"\n\n{table}\n\n" in TEXT, f"the page should have\n\n{table}"
