"""Bytes of a message: read back by Python's strict policy, whatever a name holds."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.mail.building import HeaderNotValid, build
from campaigns.sending.ready import Ready

STRICT = policy.SMTP.clone(raise_on_defect=True)
# What a person can be called, but for what no header holds.
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=80)


def ready(**given) -> Ready:
    told = {
        "id": 1,
        "sender": "ana@shop.example",
        "sender_name": "Ana's Shop",
        "reply_to": "",
        "recipient": "kim@example.com",
        "subject": "Spring is here",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "message_id": "<1.abc@shop.example>",
    }
    return Ready(**(told | given))


def read(message: Ready):
    return message_from_bytes(build(message), policy=STRICT)


@given(TEXT, TEXT, st.text(st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_hostile_texts_come_back_as_they_were(name, subject, body):
    found = read(ready(sender_name=name, subject=subject, html=body, text=body))

    assert found["To"].addresses[0].addr_spec == "kim@example.com"
    assert found["From"].addresses[0].addr_spec == "ana@shop.example"
    assert "".join(found["Subject"].split()) == "".join(subject.split())
    plain, html = found.iter_parts()
    assert plain.get_content().splitlines() == body.splitlines()
    assert html.get_content_subtype() == "html"
    assert not found.defects


@pytest.mark.parametrize("value", ["a\r\nBcc: all@example.com", "a\nb", "a\rb", "a\0b"])
@pytest.mark.parametrize("field", ["subject", "sender_name", "reply_to", "message_id"])
def test_f104_no_header_holds_a_line_break(field, value):
    with pytest.raises(HeaderNotValid):
        build(ready(**{field: value}))


WORD = "=?utf-8?q?=0D=0ABcc:_all=40example.com?="  # decodes to a header of its own


@pytest.mark.parametrize("value", [WORD, f"é {WORD}", f"{'word ' * 20}{WORD}", f"{WORD} é {WORD}"])
@pytest.mark.parametrize("field", ["subject", "sender_name"])
def test_f104_an_encoded_word_in_a_value_stays_a_text(field, value):
    raw = build(ready(**{field: value}))

    assert b"\nbcc" not in raw.lower()
    found = message_from_bytes(raw, policy=STRICT)
    shown = found["From"].addresses[0].display_name if field == "sender_name" else found["Subject"]
    assert "".join(shown.split()) == "".join(value.split())
    assert "Bcc" not in found


def test_the_address_to_unsubscribe_by_is_written_as_it_is():
    way = f"<https://crm.example.com/u/{'abcdefghij' * 20}>"

    raw = build(ready(headers={"List-Unsubscribe": way}))

    assert f"List-Unsubscribe: {way}\r\n".encode() in raw


def test_a_domain_in_another_script_is_written_in_ascii():
    assert b"To: kim@xn--mnchen-3ya.example\r\n" in build(ready(recipient="kim@münchen.example"))


@pytest.mark.parametrize(
    "address", ["kim@example.com\r\nRCPT TO:<x@y>", "no address", "", "a@b@c", "kím@example.com"]
)
def test_f104_no_address_holds_another_command(address):
    with pytest.raises(HeaderNotValid):
        build(ready(recipient=address))


def test_headers_of_the_message_are_there():
    found = read(ready(headers={"List-Unsubscribe": "<https://x.example/u/1>"}))

    assert found["List-Unsubscribe"] == "<https://x.example/u/1>"
    assert found["Message-ID"] == "<1.abc@shop.example>"


def test_every_line_ends_as_mail_does():
    raw = build(ready(text="a\nb\r\nc\rd", html="<p>\n</p>"))

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def test_no_line_is_longer_than_a_server_takes():
    raw = build(ready(subject="word " * 60, html="x" * 5_000, headers={"X-Long": "y " * 300}))

    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("<p>Hello</p>\n\t.\n", "7bit"),
        ("caf\u00e9", "quoted-printable"),
        ("From here on", "quoted-printable"),
        ("a\nFrom here on", "quoted-printable"),
        ("x" * 901, "quoted-printable"),
        ("a\x01", "quoted-printable"),
    ],
)
def test_what_needs_no_encoding_has_none(body, encoding):
    plain, _ = read(ready(text=body)).iter_parts()

    assert plain["Content-Transfer-Encoding"] == encoding
    assert plain.get_content().splitlines() == body.splitlines()
