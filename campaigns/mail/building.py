"""MIME by hand where it is the same for all, and headers that cannot become two.

The bodies are as they are where they may be, else quoted-printable, by the standard library's C.
Building a message with `EmailMultiAlternatives` costs 0.8 ms, three quarters of sending one.
"""

from binascii import b2a_qp
from email.utils import formatdate
from secrets import token_hex

from campaigns.mail.headers import HeaderNotValid as HeaderNotValid
from campaigns.mail.headers import header, sender_header, shared_header, to_mailbox
from campaigns.sending.ready import Ready

# What may stand in a message as it is, in lines that every server takes.
AS_IT_IS = bytes([9, 10, *range(32, 127)])
LONGEST_LINE = 900


def build(message: Ready) -> bytes:
    """The whole message, CRLF at the end of each line; raises HeaderNotValid."""
    boundary = f"=_{token_hex(12)}"  # no line of quoted-printable has =_ in it
    begin = f"--{boundary}\r\n".encode()
    return b"".join(
        [
            sender_header("From", message.sender_name, message.sender),
            f"To: {to_mailbox(message.recipient)}\r\n".encode("ascii"),
            shared_header("Subject", message.subject),
            header("Message-ID", message.message_id),
            f"Date: {formatdate(usegmt=True)}\r\n".encode("ascii"),
            *([sender_header("Reply-To", "", message.reply_to)] if message.reply_to else []),
            *(header(name, value) for name, value in message.headers.items()),
            b"MIME-Version: 1.0\r\n",
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            begin,
            *part("plain", message.text),
            begin,
            *part("html", message.html),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def part(subtype: str, body: str) -> tuple[bytes, bytes]:
    """The head and the body of one part: as it is where it may be, else quoted-printable."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.endswith("\n"):
        body += "\n"
    raw = body.encode("utf-8", "replace")
    plain = is_plain(raw)
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {'7bit' if plain else 'quoted-printable'}\r\n\r\n"
    )
    return head.encode("ascii"), (raw if plain else b2a_qp(raw)).replace(b"\n", b"\r\n")


def is_plain(raw: bytes) -> bool:
    """Whether a body needs no encoding. A line that begins with "From " is changed by mailboxes
    that keep all mail in one file."""
    if raw.translate(None, AS_IT_IS) or raw.startswith(b"From ") or b"\nFrom " in raw:
        return False
    return max(map(len, raw.split(b"\n"))) <= LONGEST_LINE
