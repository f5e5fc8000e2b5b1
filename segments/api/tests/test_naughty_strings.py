"""Fault row 61: whatever people type as a name, a description, a tag or a search."""

import json

import pytest

from segments.language import format_query
from segments.language.tree import Clause, Contains, Text

# Written by hand after the big list of naughty strings.
NAUGHTY = [
    "", " ", "undefined", "NULL", "true", "\\", "'", "\\'", "''", '"', "`", "0", "1e309", "NaN",
    "../../etc/passwd", "<script>alert(1)</script>", "'; DROP TABLE customers;--", "%", "_", "%%",
    "{{ 7*7 }}", "${7*7}", "%(x)s", "{0.__class__}", "\ufeff", "\u200b", "\u202etest", "\u2028",
    "田中さん", "مرحبا", "Ω≈ç√", "👩🏽‍👩‍👧", "Z\u0338\u0321", "ﬁ", "İ", "\u00a0",
    "\x01", "\x1b[31m", "\t", "\n", "\r\n", "\x7f",
    "a" * 255, "a" * 300, "a" * 6_000, "--", "/*", "*/ OR 1=1",
    "\x00", "\ud800",
]  # fmt: skip
# JSON can spell these; PostgreSQL keeps neither.
NO_TEXT = ("\x00", "\ud800")


def post(api, path: str, told: dict[str, str], method: str = "POST"):
    """In ASCII, as a client may: half of a surrogate pair can be spelt in JSON."""
    return api.generic(method, path, json.dumps(told), content_type="application/json")


def query_with(value: str) -> str:
    return format_query(Clause("customer_tags", Contains(Text(value))))


@pytest.mark.parametrize("value", NAUGHTY, ids=ascii)
@pytest.mark.parametrize("field", ["name", "description"])
def test_f061_a_text_is_kept_as_it_is_or_refused(ana_api, field, value):
    told = {"name": "Fine", "query": "number_of_orders > 1"} | {field: value}

    answer = post(ana_api, "/segments", told)

    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 201:
        assert answer.json()[field] == value.strip()
        assert ana_api.get(f"/segments/{answer.json()['id']}").json()[field] == value.strip()


@pytest.mark.parametrize("value", NAUGHTY, ids=ascii)
def test_f061_a_value_of_a_query_comes_back_or_is_refused(ana_api, value):
    query = f"customer_tags CONTAINS '{value}'" if value in NO_TEXT else query_with(value)

    answer = post(ana_api, "/segments/preview", {"query": query})

    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 200:
        assert answer.json()["count"] == 0


@pytest.mark.parametrize("value", NAUGHTY, ids=ascii)
def test_f061_a_search_finds_or_refuses(ana_api, value):
    answer = ana_api.get("/segments", {"search": value.encode("utf-8", "replace").decode()})

    assert answer.status_code in (200, 400), answer.content
