"""Headers that hold a text of ours or of a person: folded, encoded, and never another header.

Python's policy (3.11.7) decodes an encoded word that a text contains and folds what it finds: a
customer who is called `é =?utf-8?q?=0D=0ABcc:_all@example.com?=` added a Bcc to a subject. And
it cuts a long address of the web into encoded words, which no mailbox unsubscribes by. So words
of printable ASCII are written as they are, and everything else by `email.header`, which encodes
and never decodes.
"""

import re
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from functools import lru_cache

WIDTH = 76
LONGEST = 900  # of a line; servers take 998
PRINTABLE = re.compile(r"[ -~]*[!-~][ -~]*")
SPACED_ONCE = re.compile(r"[!-~]+(?: [!-~]+)*")
# Beyond this, an address is read by Python's parser, which is slow, or refused by it.
ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?",
    re.ASCII,
)
PLAIN_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~ -]*", re.ASCII)


class HeaderNotValid(ValueError):
    """A header would have held a line break, or an address is none."""


def header(name: str, value: str) -> bytes:
    """One header whose value is a text, folded and encoded."""
    check_one_line(name, value)
    if PRINTABLE.fullmatch(value) and "=?" not in value:
        if len(name) + len(value) + 2 <= WIDTH:
            return f"{name}: {value}\r\n".encode("ascii")
        if SPACED_ONCE.fullmatch(value) and max(map(len, value.split())) < LONGEST:
            return fold(name, value)
    return f"{name}: {encoded(value, len(name) + 2)}\r\n".encode("ascii")


# The same for every message of a campaign, or for many.
shared_header = lru_cache(maxsize=256)(header)


@lru_cache(maxsize=256)
def sender_header(name: str, shown: str, address: str) -> bytes:
    """From or Reply-To: the name as people see it, and the address."""
    mailbox, label = to_mailbox(address), shown.strip()
    check_one_line(name, label)
    if not label:
        return f"{name}: {mailbox}\r\n".encode("ascii")
    if PLAIN_NAME.fullmatch(label) and "=?" not in label and len(name) + len(label) < WIDTH:
        return f'{name}: "{label}"\r\n <{mailbox}>\r\n'.encode("ascii")
    return f"{name}: {encoded(label, len(name) + 2)}\r\n <{mailbox}>\r\n".encode("ascii")


def to_mailbox(address: str) -> str:
    """The address as headers and the SMTP dialogue have it, its domain in ASCII.

    Raises HeaderNotValid: for what is none, and for a name before the @ that needs SMTPUTF8.
    """
    if ADDRESS.fullmatch(address) and len(address) <= 254:
        return address
    local, _, domain = address.rpartition("@")
    try:
        read = Address(addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}")
    except (ValueError, IndexError, HeaderParseError) as error:  # each of them means: no address
        raise HeaderNotValid("address") from error
    written = read.addr_spec
    if not written.isascii() or not written.isprintable() or not 3 <= len(written) <= 254:
        raise HeaderNotValid("address")
    return written


def check_one_line(name: str, value: str) -> None:
    """Raise HeaderNotValid when the value would end its header."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise HeaderNotValid(name)


def fold(name: str, value: str) -> bytes:
    """Broken where a space stands; a word alone, such as an address of the web, stays whole."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + len(word) >= WIDTH and line.strip() != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""]).encode("ascii")


def encoded(value: str, used: int) -> str:
    """The text as encoded words, beginning behind `used` characters of the line."""
    whole = value.encode("utf-8", "replace").decode()
    text = Header(whole, "utf-8", maxlinelen=WIDTH, header_name="x" * max(used - 2, 0))
    return text.encode(linesep="\r\n")
