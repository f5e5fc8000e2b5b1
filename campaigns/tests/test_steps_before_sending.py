"""The steps above a campaign's pages: which of them are behind."""

import pytest

from campaigns.admin.steps import steps_of
from campaigns.models import Campaign


@pytest.mark.parametrize(
    ("words", "done"),
    [
        ({}, False),
        ({"subject": "Spring"}, False),
        ({"html": "<p>Hi</p>"}, False),
        ({"subject": "Spring", "html": "<p>Hi</p>"}, True),
        ({"subject": "Spring", "text": "Hi"}, False),
        ({"subject": " ", "html": "<p>Hi</p>"}, False),
    ],
)
def test_the_content_is_done_when_the_check_finds_words(words, done):
    content = steps_of(Campaign(pk=1, name="Spring", **words), "plan")[1]

    assert (content.title, content.done) == ("Content", done)
