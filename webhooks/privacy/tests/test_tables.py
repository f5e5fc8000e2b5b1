"""What a bundle and an erasure must know of: the database's own keys and columns are asked."""

import pytest
from django.db import connection

from customers.models import Customer
from webhooks.privacy.tables import (
    BLANKED,
    DELETED,
    OF_NOBODY,
    children_first,
    kept_to_the_end,
    owned_models,
    paths_to_customer,
)

SOUNDS_LIKE_SOMEBODY = (
    "email", "phone", "name", "note", "address", "url", "landing", "body", "bundle", "title",
    "discount_codes",
)  # fmt: skip

pytestmark = pytest.mark.django_db

# Every table with a key to a customer, however far.
REACHED = """
    WITH RECURSIVE reached AS (
        SELECT 'customers_customer'::regclass AS oid
        UNION
        SELECT k.conrelid::regclass FROM pg_constraint k JOIN reached r ON k.confrelid = r.oid
        WHERE k.contype = 'f'
    ) SELECT oid::text FROM reached
"""


def test_f116_the_bundle_has_every_table_with_a_key_to_a_customer():
    with connection.cursor() as cursor:
        cursor.execute(REACHED)
        reached = {name for (name,) in cursor.fetchall()}

    assert {model._meta.db_table for model in paths_to_customer()} == reached
    assert len(reached) >= 7


def test_f114_every_column_that_sounds_like_a_person_is_spoken_for():
    """A new one fails here, until somebody says in tables.py what becomes of it."""
    found = {
        f"{model._meta.label}.{field.name}"
        for model in owned_models()
        for field in model._meta.concrete_fields
        if any(word in field.name for word in SOUNDS_LIKE_SOMEBODY)
    }
    blanked = {f"{label}.{column}" for label, columns in BLANKED.items() for column in columns}

    assert found == (OF_NOBODY | blanked)
    assert {model._meta.label for model in paths_to_customer()} >= {*BLANKED, *DELETED}


def test_children_come_before_what_they_point_to():
    order = children_first(owned_models())

    for model in owned_models():
        for field in model._meta.concrete_fields:
            if field.related_model in order and field.related_model is not model:
                assert order.index(model) < order.index(field.related_model)
    assert set(order) == set(owned_models())


def test_what_a_store_keeps_to_the_end_is_little():
    assert {m.__name__ for m in kept_to_the_end()} == {"PrivacyRequest", "AuditEntry", "ApiKey"}
    assert Customer not in kept_to_the_end()
