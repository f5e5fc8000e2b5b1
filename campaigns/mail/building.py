"""MIME by hand where it is the same for all, and headers that cannot become two.

The bodies are quoted-printable, by the standard library's C. Building a message with
`EmailMultiAlternatives` costs 0.8 ms, three quarters of what it costs to send one.
"""

from binascii import b2a_qp
from email.utils import formatdate
from secrets import token_hex

from campaigns.mail.headers import HeaderNotValid as HeaderNotValid
from campaigns.mail.headers import header, sender_header, shared_header, to_mailbox
from campaigns.sending.ready import Ready

PLAIN, HTML = (
    (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()
    for subtype in ("plain", "html")
)


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
            begin + PLAIN,
            quoted_printable(message.text),
            begin + HTML,
            quoted_printable(message.html),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def quoted_printable(body: str) -> bytes:
    """The text in lines of at most 76 ASCII characters, the last one ended."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.endswith("\n"):
        body += "\n"
    return b2a_qp(body.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
