"""A secret is a text in Python and a token in the database, and keys can be rotated."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from xeno.lib.encryption import EncryptedTextField, cipher

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
field = EncryptedTextField()


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
@examples(max_examples=30, deadline=None)
def test_what_is_encrypted_comes_back(text):
    token = field.get_prep_value(text)

    assert token != text
    assert field.from_db_value(token) == text


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_stays_nothing(nothing):
    assert field.get_prep_value(nothing) == nothing
    assert field.from_db_value(nothing) == nothing


def test_the_same_secret_never_makes_the_same_token():
    assert field.get_prep_value("shpat_1") != field.get_prep_value("shpat_1")


def test_a_rotated_key_still_opens_what_it_locked(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    token = field.get_prep_value("shpat_1")

    settings.ENCRYPTION_KEYS = [NEW, OLD]

    assert field.from_db_value(token) == "shpat_1"


def test_the_first_key_locks():
    token = cipher((NEW, OLD)).encrypt(b"shpat_1")

    assert Fernet(NEW).decrypt(token) == b"shpat_1"


def test_a_key_that_was_dropped_opens_nothing(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    token = field.get_prep_value("shpat_1")

    settings.ENCRYPTION_KEYS = [NEW]

    with pytest.raises(InvalidToken):
        field.from_db_value(token)
