"""Templates: each can be read, says the same after formatting, and finds whom its name says."""

import pytest

from segments.language import format_query, parse
from segments.language.advice import advise
from segments.templates import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_is_written_as_the_formatter_would(template):
    assert format_query(parse(template.query)) == template.query


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_nothing_in_a_template_is_odd_or_an_extension(template):
    assert advise(parse(template.query)) == ()


def test_no_two_templates_have_one_name_or_one_query():
    assert len({each.name for each in TEMPLATES.values()}) == len(TEMPLATES)
    assert len({each.query for each in TEMPLATES.values()}) == len(TEMPLATES)
