"""A refusal is told by the schema's names and by no value."""

import pytest
from django.db import Error, connection, transaction

from xeno.lib.postgres.refusals import told

TABLE = """
    CREATE TEMP TABLE refusing (
        id int CONSTRAINT refusing_key PRIMARY KEY, name varchar(8) NOT NULL, age smallint
        CONSTRAINT age_is_known CHECK (age > 0)
    ) ON COMMIT DROP
"""


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2, NULL, 5", "NotNullViolation (refusing.name)"),
        ("2, 'Dee Doe', -5", "CheckViolation (refusing, age_is_known)"),
        ("1, 'Dee Doe', 5", "UniqueViolation (refusing, refusing_key)"),
        ("2, 'Dee Doe-Smith', 5", "StringDataRightTruncation"),
        ("2, 'Dee Doe', 99999", "NumericValueOutOfRange"),
    ],
)
def test_a_refusal_names_its_place_and_no_value(db, row, expected):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("INSERT INTO refusing VALUES (1, 'first', 1)")
        with pytest.raises(Error) as refused, transaction.atomic():
            cursor.execute(f"INSERT INTO refusing VALUES ({row})")

    assert told(refused.value) == told(refused.value.__cause__) == expected


def test_another_error_is_its_class():
    assert told(ValueError("Dee Doe")) == "ValueError"
