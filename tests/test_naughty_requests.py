"""Rows 61 and 70: hostile text in each field, filter and search of the API is a text, or refused.

The queries are read from the API's own description, so tomorrow's parameter is asked too.
"""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from customers.models import Customer
from segments.api.tests.test_naughty_strings import NAUGHTY, NO_TEXT, post
from tests.test_walls_lists import LISTS

NOBODY = "zzzz-nobody"
SECONDS = 20.0  # an injected pg_sleep would take longer
INJECTED = (
    "1' OR '1'='1' UNION SELECT email FROM tenants_user;SELECT pg_sleep(30)--",
    '1 AND (SELECT 1 FROM pg_sleep(30))=1 "%(tenant)s$1\\\\%',
)
# What the rest of NAUGHTY is a form of.
FEW = (
    "'; DROP TABLE customers;--", "<script>alert(1)</script> {{ 7*7 }} %(x)s", "\u202eİ \U0001f469",
    "", "a" * 6_000, *NO_TEXT,
)  # fmt: skip
# Of each form a body that is taken, and its fields of free text.
FORMS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "POST /segments": ({"name": "A", "query": "number_of_orders > 1"}, ("name", "query")),
    "POST /campaigns": (
        {"name": "A"},
        ("name", "subject", "preheader", "html", "text"),
    ),
    "POST /templates": ({"name": "A"}, ("name", "subject", "preheader", "html", "text")),
    "POST /senders": (
        {"name": "A", "email": "a@shop.example"},
        ("name", "email", "reply_to", "dkim_selector"),
    ),
    "POST /topics": ({"name": "A"}, ("name", "description")),
    "POST /suppressions": ({"address": "a@example.com"}, ("address",)),
    "POST /api-keys": ({"name": "A", "rights": ["view_orders"]}, ("name",)),
    "POST /segments/import": ({"text": "[A]\n    number_of_orders > 1"}, ("text",)),
    "PATCH /customers/{id}": ({}, ("note", "tags")),
    "PATCH /sending-settings": ({}, ("postal_address", "credentials")),
    "PATCH /store": ({}, ("name",)),
}
LISTED = {"tags"}


@cache
def described() -> dict[str, Any]:
    """The API's description."""
    told: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return told


def questions() -> Iterator[tuple[str, str]]:
    """Each path that can be asked, with each of its parameters."""
    for path, methods in described()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield path, parameter["name"]


@pytest.fixture
def named(anas_rows):
    """The path with a row's id in it, or None where it names something else."""

    def named(path: str) -> str | None:
        if "{" not in path:
            return path
        model = LISTS.get(path.partition("/{")[0])
        if model is None or path.count("{") > 1:
            return None
        return path.partition("{")[0] + str(anas_rows[model].pk) + path.partition("}")[2]

    return named


def rows_of(answer) -> list[Any]:
    """What a list shows, by id."""
    told = answer.json()
    rows = told.get("results", ()) if isinstance(told, dict) else told
    return [row.get("id", row) for row in rows]


def test_f070_a_query_with_sql_in_it_finds_what_a_word_of_nobodys_finds(ana_api, named):
    asked = [(named(path), name) for path, name in questions()]
    asked = [(path, name) for path, name in asked if path]

    for path, name in asked:
        plain = None
        for text in INJECTED:
            began = time.monotonic()
            answer = ana_api.get(path, {name: text})

            where = (path, name, text)
            assert answer.status_code in (200, 400, 404), where
            assert time.monotonic() - began < SECONDS, where
            if answer.status_code == 200:
                plain = plain or ana_api.get(path, {name: NOBODY})
                assert rows_of(answer) == rows_of(plain), where
    assert len(asked) > 60


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "texts", [FEW, pytest.param(NAUGHTY, marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_f061_a_text_of_a_form_is_kept_as_it_is_or_refused(ana_api, anas_rows, form, texts):
    method, path = form.split()
    path = path.format(id=anas_rows[Customer].pk)
    whole, fields = FORMS[form]

    def answer_to(told):
        answer = post(ana_api, path, whole | told, method)
        if method == "POST" and answer.status_code == 201 and "id" in answer.json():
            ana_api.delete(f"{path}/{answer.json()['id']}")
        return answer

    assert answer_to({}).status_code in (200, 201)
    for field in fields:
        for text in texts:
            answer = answer_to({field: [text] if field in LISTED else text})

            assert answer.status_code in (200, 201, 400, 409), (field, text, answer.content)
            if answer.status_code < 400 and field in answer.json():
                assert words(answer.json()[field]) == words(text), (field, text)


def words(shown: Any) -> list[str]:
    """A field's texts, without the blanks at their ends, which it may take off; an empty one and
    none are the same."""
    texts = shown if isinstance(shown, list) else [shown or ""]
    return [text.strip() for text in texts if text.strip()]
