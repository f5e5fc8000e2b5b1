"""The library: each template passes the check as it is, and fits phones and desks."""

import pytest

from campaigns.content.checking import check_parts
from campaigns.content.fields import EXAMPLE, FIELDS, lacking
from campaigns.content.library import LIBRARY, STORY, read
from campaigns.content.preparing import Tracking, prepare

NULLABLE = [field.name for field in FIELDS if field.nullable]


def parts_of(key: str) -> dict[str, str]:
    found = LIBRARY[key]
    return {
        "subject": found.subject,
        "preheader": found.preheader,
        "html": found.html,
        "text": "",
    }


def words_of(key: str, fields=EXAMPLE):
    prepared = prepare(parts_of(key), nonce="", tracking=Tracking(clicks=False, opens=False))
    return prepared.fill(prepared.draft(fields), lambda kind, inner: inner)


@pytest.mark.parametrize("key", LIBRARY)
def test_a_template_of_the_library_has_no_finding(key):
    assert list(check_parts(parts_of(key))) == []


@pytest.mark.parametrize("key", LIBRARY)
def test_each_is_one_whole_page_with_words_of_its_own(key):
    html = LIBRARY[key].html

    assert [html.count(part) for part in ("<!doctype html>", "</body>", "<h1")] == [1, 1, 1]
    assert STORY not in html
    assert read(key) in html


@pytest.mark.parametrize("key", LIBRARY)
def test_it_reads_well_for_who_has_nothing(key):
    words = words_of(key, lacking(EXAMPLE, NULLABLE))

    assert "  " not in words.subject
    assert " ," not in words.text
    assert EXAMPLE["unsubscribe_url"] in words.text


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        made = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield made
        made.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("key", LIBRARY)
def test_it_fits_and_can_be_read(browser, key, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_content(words_of(key).html)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".page").bounding_box()["width"] == min(600, width - 24)
    assert page.locator("h1").is_visible()
    assert not page.get_by_text(LIBRARY[key].preheader).first.is_visible()
    for ink, paper in page.evaluate(COLOURS):
        assert contrast(ink, paper) >= 4.5
    page.close()


# The colour of each text, and of what is behind it.
COLOURS = """() => [...document.querySelectorAll('h1, h2, p, a, li')]
    .filter(each => each.innerText.trim() && each.offsetParent)
    .map(each => {
        let behind = each
        while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)')
            behind = behind.parentElement
        return [getComputedStyle(each).color, getComputedStyle(behind).backgroundColor]
    })"""


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """WCAG's of `rgb(1, 2, 3)`."""
    shares = [int(part) / 255 for part in colour[4:-1].split(",")]
    red, green, blue = (s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
