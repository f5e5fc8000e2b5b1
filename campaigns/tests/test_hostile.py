"""Fault rows 61, 102 to 105: whatever people are called and authors write, a mail stays a mail."""

import time
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as under
from hypothesis import strategies as st
from liquid.exceptions import LiquidError

from campaigns.content.fields import EXAMPLE, FIELDS
from campaigns.content.liquid import FILTERS, TemplateNotValid, read_template, render
from campaigns.content.preparing import Tracking, Words, prepare
from campaigns.content.writing import direct, unsubscribe_headers
from campaigns.mail.building import build
from campaigns.sending.ready import Ready

STRICT = policy.SMTP.clone(raise_on_defect=True)
UNHURRIED = under(deadline=None)
CANARY = "SECRET-CANARY"
# Written by hand after the big list of naughty strings.
NAUGHTY = [
    "", " ", "undefined", "NULL", "None", "\\", "0", "-1", "1e309", "NaN", "../../etc/passwd",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:x", "expression(alert(1))", "}</style><script>alert(1)</script>", "url(javascript:1)",
    "--><script>alert(1)</script>", "]]><x>", "<!--", "<![CDATA[", "</body></html>", "</a>",
    "&lt;script&gt;", "&#60;script&#62;", "&amp;lt;", "%3Cscript%3E", "\\u003cscript\\u003e",
    "{{ 7 | times: 7 }}", "{% include 'x' %}", "{% raw %}", "%(x)s", "{0.__class__}", "${7*7}",
    "#{7*7}", "<%= 7*7 %>", "a\r\nBcc: all@example.com", "a\nSubject: x", "a\r\n\r\nbody", "\n",
    "\r", "=?utf-8?q?=0D=0ABcc:_all@example.com?=", "é =?utf-8?b?DQpCY2M6eA==?= é", "=?", "?=",
    ".", "..", "\n.\n",
    "\r\n.\r\nQUIT\r\n", "Robert'); DROP TABLE customers;--", "1 OR 1=1", "ＡＢＣ", "Ω≈ç√∫",
    "田中さんにあげて", "مرحبا", "‮test‮", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "👩🏽‍👩‍👧",
    "\u2028\u2029\u0085", "\ufeff", "\u200b",
    "\x01\x02\x1b[31m", "\x7f", "\ue000\ue001", "\ue0000\ue001", "\ue000xL0\ue001", "A" * 10_000,
    "word " * 500, '"quoted" <a@b.example>', "a, b; c:", "(comment)", "a@b", "\\\"", "'", "`",
    "&", ";",
]  # fmt: skip
ODD = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
TEXTS = st.sampled_from(NAUGHTY) | ODD
ANY_TEXT = st.lists(TEXTS, min_size=1, max_size=3).map("".join)
# Those that people and stores fill in; the other two are addresses of our own pages.
NAMES = [f.name for f in FIELDS if isinstance(f.example, str) and "." in f.name]
FRAME = (
    "<html><body><p>{{ %(n)s }}</p><p title=\"{{ %(n)s }}\">a</p><p title='{{ %(n)s }}'>b</p>"
    '<a href="https://shop.example/{{ %(n)s }}">c</a><a href="{{ %(n)s }}">d</a>'
    '<a href="https://shop.example/?q={{ %(n)s | url_encode }}">e</a></body></html>'
)


class Shape(HTMLParser):
    """The tags of a document with the names of their attributes; and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.hrefs: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))


def fields_with(name: str, value: str) -> dict[str, Any]:
    root, _, last = name.partition(".")
    return {**EXAMPLE, root: {**EXAMPLE[root], last: value} if last else value}


def written(parts: dict[str, str], fields: dict[str, Any]) -> Words:
    told = {"subject": "", "preheader": "", "html": "", "text": ""} | parts
    prepared = prepare(told, nonce="n0nce", tracking=Tracking(clicks=True, opens=True))
    drafted = prepared.draft(fields)
    return prepared.fill(drafted, lambda kind, inner: "" if kind == "O" else direct(inner))


def mail_of(words: Words) -> Any:
    raw = build(
        Ready(
            id=1, sender="ana@shop.example", sender_name="Ana", reply_to="",
            recipient="kim@example.com", subject=words.subject, html=words.html, text=words.text,
            message_id="<1@shop.example>", headers=unsubscribe_headers("https://crm.example/u/1"),
        )
    )  # fmt: skip
    return message_from_bytes(raw, policy=STRICT)


@UNHURRIED
@given(st.sampled_from(NAMES), ANY_TEXT)
def test_f061_f103_a_value_changes_no_tag_and_leads_nowhere_new(name, value):
    frame = {"html": FRAME % {"n": name}}

    seen, plain = (Shape(written(frame, fields_with(name, v)).html) for v in (value, "plain"))

    assert seen.tags == plain.tags
    assert not any(map(runs, seen.hrefs))


def runs(href: str) -> bool:
    """Whether a browser would run it, or show a page within it."""
    seen = "".join(c for c in href if c > " ").lower()
    return seen.startswith(("javascript:", "data:", "vbscript:"))


@UNHURRIED
@given(ANY_TEXT)
def test_f061_f103_the_text_part_has_the_value_as_it_is(value):
    words = written({"html": "<p>{{ customer.first_name }}</p>"}, fields_with(NAMES[0], value))

    assert NAMES[0] == "customer.first_name"
    assert "".join(words.text.split()) == "".join(value.split())


@UNHURRIED
@given(st.sampled_from(NAMES), ANY_TEXT)
def test_f061_f104_a_message_with_it_everywhere_is_one_message(name, value):
    part = f"Hello {{{{ {name} }}}}"
    words = written(
        {"subject": part, "preheader": part, "html": FRAME % {"n": name}}, fields_with(name, value)
    )

    found = mail_of(words)

    assert found.keys() == [
        "From", "To", "Subject", "Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert found["To"].addresses[0].addr_spec == "kim@example.com"
    assert "".join(str(found["Subject"]).split()) == "".join(words.subject.split())
    plain, html = found.iter_parts()
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == normal(words.html)
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == normal(words.text)


def normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


@pytest.mark.parametrize("filter_", sorted(FILTERS))
@UNHURRIED
@given(value=ANY_TEXT)
def test_f103_no_filter_makes_markup_of_a_value(filter_, value):
    args = {"replace": ": 'a', 'b'", "replace_first": ": 'a', 'b'", "slice": ": 0, 5"}.get(
        filter_, ""
    )
    for text in (
        f"<p>{{{{ v | {filter_}{args} }}}}</p>",
        f"<p>{{{{ v | {filter_}: v }}}}</p>",
        f"<p>{{{{ v | {filter_}: v, v }}}}</p>",
        f"<p>{{{{ 'x' | {filter_}: v }}}}</p>",
        f"<p>{{{{ v | split: '' | {filter_}{args} | join: '' }}}}</p>",
        f"<p>{{% capture c %}}{{{{ v }}}}{{% endcapture %}}{{{{ c | {filter_}{args} }}}}</p>",
    ):
        try:
            html = render(read_template(text, html=True), {"v": value})
        except LiquidError:
            continue
        assert {tag for tag, _ in Shape(html).tags} <= {"p", "/p", "br", "/br"}, text


@pytest.mark.parametrize(
    "attack",
    [
        "{{ customer.__class__ }}", "{{ customer.first_name.__class__.__mro__ }}",
        "{{ event.__init__.__globals__ }}", "{{ self }}", "{{ settings.SECRET_KEY }}",
        "{{ request.META }}", "{{ customer['__class__'] }}", "{{ store['__dict__'] }}",
        "{{ 'x'.__class__ }}", "{{ customer | map: '__class__' }}", "{{ store.access_token }}",
        "{{ customer.first_name | where: '__class__' }}", "{% include '/etc/passwd' %}",
        "{% render '/etc/passwd' %}", "{% debug %}", "{% extends 'x' %}", "{% load x %}",
        "{{ now.__class__ }}", "{{ forloop }}", "{{ 'SECRET_KEY' | env }}", "{% liquid echo x %}",
        "{{ settings | default: request | default: '' }}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
def test_f102_no_template_reaches_what_is_behind_its_fields(settings, attack, part):
    settings.SECRET_KEY = CANARY
    try:
        words = written({"html": "<p>a</p>", part: f"begin {attack} end"}, EXAMPLE)
    except (TemplateNotValid, LiquidError):
        return
    shown = f"{words.subject} {words.preheader} {words.html} {words.text}"
    assert not any(leak in shown for leak in (CANARY, "<class", "class '", "root:", "object at"))


@pytest.mark.parametrize(
    "text", ["%(x)s", "{0.__class__}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{x}"]
)
@pytest.mark.parametrize("part", ["subject", "text"])
def test_f102_other_languages_are_literal(text, part):
    assert getattr(written({"html": "a", part: text}, EXAMPLE), part) == text


BOMBS = [
    "{{ (1..100000000) | join: '' }}",
    "{% for i in (1..100000000) %}x{% endfor %}",
    "{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}x{% endfor %}"
    "{% endfor %}{% endfor %}",
    "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60 + "{{ a }}",
    "{% assign a = 'aaaaaaaaaa' %}" + "{% assign a = a | replace: 'a', a %}" * 20 + "{{ a }}",
    "{% assign n = 9999999999 %}" + "{% assign n = n | times: n %}" * 40 + "{{ n }}",
    "{% assign a = 'a,a' | split: ',' %}{% assign b = a | join: '" + "x" * 100_000 + "' %}"
    "{% for i in (1..900) %}{{ b }}{% endfor %}",
    "{% if x %}" * 10_000,
    "{% if true %}" * 150 + "x" + "{% endif %}" * 150,
    "{% if true %}" * 300 + "x" + "{% endif %}" * 300,
    "{% if " + "true and " * 2_000 + "true %}x{% endif %}",
    "{{ " + "customer[" * 2_000 + "'a'" + "]" * 2_000 + " }}",
    "{{ " + "a." * 50_000 + "b }}",
    "{{ 'x' " + "| upcase " * 20_000 + "}}",
    "x" * 10_000_000,
    "{% capture a %}" + "x" * 90_000 + "{% endcapture %}" + "{{ a }}{{ a }}" * 50,
    "{{ 'now' | date: '" + "%A" * 50_000 + "' }}",
]


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
def test_f105_a_bomb_is_defused_in_time(bomb, part):
    begun = time.process_time()

    try:
        words = written({"html": "<p>a</p>", part: bomb}, EXAMPLE)
        size = len(words.html) + len(words.text) + len(words.subject)
    except (TemplateNotValid, LiquidError):
        size = 0

    assert size <= 1_100_000
    assert time.process_time() - begun < 5
