"""Links that nobody else can make."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.tracking.tokens import Purpose, Token, pack, unpack

TOKEN = Token(Purpose.UNSUBSCRIBE, 7, 123_456, 0)
NUMBERS = st.integers(0, 2**63 - 1)


@given(st.sampled_from(list(Purpose)), NUMBERS, NUMBERS, NUMBERS)
def test_a_token_says_what_it_was_made_of(purpose, tenant_id, message_id, link_id):
    token = Token(purpose, tenant_id, message_id, link_id)

    assert unpack(pack(token), purpose) == token


def test_f107_no_bit_of_a_token_can_be_flipped():
    raw = base64.urlsafe_b64decode(pack(TOKEN) + "==")
    for place in range(len(raw) * 8):
        forged = bytearray(raw)
        forged[place // 8] ^= 1 << place % 8
        text = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
        assert unpack(text, Purpose.UNSUBSCRIBE) is None


@pytest.mark.parametrize("purpose", [Purpose.OPEN, Purpose.CLICK, Purpose.PREFERENCES])
def test_f107_a_token_is_for_one_purpose(purpose):
    assert unpack(pack(TOKEN), purpose) is None


@pytest.mark.parametrize("change", ["{}=", "{}A", " {}", "{}\n", "=={}", "{}%00"])
def test_f107_a_token_has_one_spelling(change):
    assert unpack(change.format(pack(TOKEN)), Purpose.UNSUBSCRIBE) is None


def test_f107_a_token_of_another_secret_is_none(settings):
    foreign = pack(TOKEN)
    settings.SECRET_KEY = "another secret, as long as it must be to be taken for one"

    assert unpack(foreign, Purpose.UNSUBSCRIBE) is None


@given(st.text(max_size=200))
def test_f107_no_text_is_a_token(text):
    assert unpack(text, Purpose.CLICK) is None


def test_nothing_of_the_person_is_in_it():
    raw = base64.urlsafe_b64decode(pack(TOKEN) + "==")

    assert len(raw) == 1 + 1 + 3 + 1 + 16
