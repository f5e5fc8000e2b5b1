"""The text of an array is what PostgreSQL reads back, whatever somebody wrote into it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from xeno.lib.upsert import array, arrays, read_binary, run, unnest

HOSTILE = [
    "",
    " ",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "'; DROP TABLE x; --",
    "{a,b}",
    "a,b",
    "line\nline\r\n\ttab",
    "\x01\x1f\x7f\x85\u2028\ufeff",
    "%s %(x)s",
    "é ß 漢 🛍 \U0010ffff",
    "\u202egnp.exe",
]
storable = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
EPOCH = datetime(1970, 1, 1, 0, 0, 0, 123_456, UTC)
moments = st.integers(-62_135_510_400, 253_402_214_400).map(lambda s: EPOCH + timedelta(seconds=s))
quick = examples(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read_back(values, kind):
    """What PostgreSQL makes of the array."""
    return run(f"SELECT %s::{kind}[]", [array(values)])[0][0]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_alone_and_among_others(db, text):
    assert read_back([text], "text") == [text]
    assert read_back(["a", text, None, ""], "text") == ["a", text, None, ""]


@given(st.lists(st.none() | storable | st.sampled_from(HOSTILE)))
@example([None, '"', None])
@quick
def test_any_texts_come_back_in_their_order(db, texts):
    assert read_back(texts, "text") == texts


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
@quick
def test_any_integers_come_back(db, numbers):
    assert read_back(numbers, "bigint") == numbers


def test_booleans_come_back(db):
    assert read_back([True, None, False], "boolean") == [True, None, False]


@given(st.lists(st.none() | moments))
@quick
def test_any_moments_come_back_to_the_microsecond(db, told):
    assert read_back(told, "timestamptz") == told


def test_a_moment_of_another_zone_is_the_same_moment(db):
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=45)))

    assert read_back([noon], "timestamptz") == [noon]


def test_no_values_are_an_empty_array(db):
    assert read_back([], "text") == []


def test_rows_become_one_array_a_column():
    columns = {"id": "bigint", "name": "text"}

    assert arrays(columns, [(1, "a"), (2, None)]) == ["{1,2}", '{"a",null}']
    assert arrays(columns, []) == ["{}", "{}"]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError):
        arrays({"id": "bigint", "name": "text"}, [(1, "a"), (2,)])


def test_unnest_names_and_casts_each_column():
    told = unnest({"id": "bigint", "name": "text"}, alias="word")

    assert told == "unnest(%s::bigint[], %s::text[]) AS word(id, name)"


def test_rows_come_out_of_unnest_as_they_went_in(db):
    columns = {"id": "bigint", "name": "text"}
    rows = [(1, 'a"b'), (2, None), (3, "")]

    assert run(f"SELECT * FROM {unnest(columns)} ORDER BY id", arrays(columns, rows)) == rows


def test_a_statement_without_rows_gives_none(db):
    assert run("SET LOCAL lock_timeout = '1s'", []) == []


def test_bytes_are_read_as_they_are(db):
    body = bytes(range(256))

    assert read_binary("SELECT %s::bytea, 7::bigint, 'é'", [body]) == [(body, 7, "é")]


def test_a_binary_read_sees_what_the_transaction_wrote(in_anas_store):
    run("UPDATE tenants_tenant SET name = 'Anew' WHERE id = %s", [in_anas_store.pk])

    assert connection.in_atomic_block
    assert read_binary("SELECT name FROM tenants_tenant", [])[0] == ("Anew",)
