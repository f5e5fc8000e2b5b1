"""MIME by hand where it is the same for all, by Python's own policy where it is not.

`email.policy.SMTP` folds and encodes every header that holds a text of ours or of a person, and
refuses a line break in one; the bodies are quoted-printable. Building a message with
`EmailMultiAlternatives` costs 0.8 ms, three quarters of what it costs to send one.
"""

import quopri
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import formatdate
from functools import lru_cache
from secrets import token_hex

from campaigns.sending.ready import Ready

POLICY = policy.SMTP.clone(raise_on_defect=False)


class HeaderNotValid(ValueError):
    """A header would have held a line break, or an address is none."""


def build(message: Ready) -> bytes:
    """The whole message, CRLF at the end of each line; raises HeaderNotValid."""
    boundary = token_hex(12)
    head = [
        shared_header("From", mailbox(message.sender_name, message.sender)),
        header("To", mailbox("", message.recipient)),
        header("Subject", message.subject),
        header("Message-ID", message.message_id),
        header("Date", formatdate(usegmt=True)),
        *([shared_header("Reply-To", message.reply_to)] if message.reply_to else []),
        *(header(name, value) for name, value in message.headers.items()),
        b"MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
    ]
    parts = [part("plain", message.text), part("html", message.html)]
    begin, end = f"--{boundary}\r\n".encode(), f"--{boundary}--\r\n".encode()
    return b"".join([*head, *(begin + each for each in parts), end])


def header(name: str, value: str) -> bytes:
    """One header, folded and encoded."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise HeaderNotValid(name)
    if value.isascii() and len(name) + len(value) < 70 and value.isprintable() and value:
        return f"{name}: {value}\r\n".encode()
    return POLICY.fold_binary(name, POLICY.header_factory(name, value))


# The same for every message of a campaign.
shared_header = lru_cache(maxsize=256)(header)


def mailbox(name: str, address: str) -> str:
    """A mailbox as headers have it; the name quoted or encoded as it needs."""
    try:
        return str(Address(name, addr_spec=address))
    except (ValueError, IndexError, HeaderParseError) as error:  # each of them means: no address
        raise HeaderNotValid("address") from error


def part(subtype: str, body: str) -> bytes:
    """One part of the message, quoted-printable."""
    lines = "\n".join(body.splitlines()) + "\n"
    coded = quopri.encodestring(lines.encode("utf-8", "replace"))
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + coded.replace(b"\n", b"\r\n")
