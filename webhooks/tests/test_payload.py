"""Any bytes become text that a page can show."""

import pytest

from webhooks.payload import readable


def test_json_is_indented_and_its_numbers_stay():
    assert readable(b'{"id":12345678901234567890,"p":1.10}', whole=True) == (
        '{\n  "id": 12345678901234567890,\n  "p": 1.10\n}'
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff", b"[" * 200_000, b'"\\ud800"', b"9" * 5_000, b"{", "\u202egnp.exe".encode()],
    ids=["empty", "bytes", "deep", "surrogate", "digits", "cut", "turned"],
)
def test_whatever_came_can_be_sent_as_utf8(body):
    text = readable(body, whole=True)

    assert text.encode()[:1] == text[:1].encode()
    assert "\x00" not in text
    assert "\u202e" not in text
