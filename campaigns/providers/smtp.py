"""SMTP through Django's own backend, which opens, secures and signs in.

The dialogue of a message is ours, command by command, because what matters is whether its last
byte was begun: before that a lost connection costs nothing, after it the answer is uncertain.
"""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from django.conf import settings
from django.core.mail import get_connection

from campaigns.mail.building import HeaderNotValid, build
from campaigns.mail.headers import to_mailbox
from campaigns.providers.base import ProviderAway
from campaigns.providers.public import PrivateHost
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome

SECONDS = 20  # of each answer
ANYWHERE = "django.core.mail.backends.smtp.EmailBackend"
PUBLIC_ONLY = "campaigns.providers.public.PublicEmailBackend"
CLOSING = 421  # the server goes away
GONE = (smtplib.SMTPServerDisconnected, OSError)


class SmtpSession:
    """A connection that is kept open; another one when the server has closed it."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    @property
    def server(self) -> smtplib.SMTP:
        """The connection, opened when it is not."""
        if self.backend.connection is None:
            try:
                self.open()
            except (smtplib.SMTPException, OSError) as error:
                self.close()
                raise ProviderAway(trouble_of(error)) from error
        server: smtplib.SMTP = self.backend.connection
        return server

    def open(self) -> None:
        """Connect, sign in and greet."""
        self.backend.open()
        server: smtplib.SMTP = self.backend.connection
        server.ehlo_or_helo_if_needed()

    def hand_over(self, messages: Sequence[Ready]) -> list[Outcome]:
        """Each in a transaction of its own; the connection is given up after a lost answer."""
        outcomes: list[Outcome] = []
        for place, message in enumerate(messages):
            try:
                outcomes.append(self.hand_over_one(message))
            except ProviderAway as away:
                untried = [later.id for later in messages[place:]]
                raise ProviderAway(away.trouble, untried=untried, outcomes=outcomes) from away
        return outcomes

    def hand_over_one(self, message: Ready) -> Outcome:
        """One message: its outcome, or ProviderAway when the server has not begun to take it."""
        try:
            raw = body_of(message)  # before the server waits for it
        except HeaderNotValid:
            return Outcome(message.id, "failed", code="address")
        server = self.server
        try:
            refusal = self.introduce(server, message)
        except GONE as error:
            self.close()
            raise ProviderAway(trouble_of(error)) from error
        if refusal is not None:
            return refusal
        try:
            server.send(raw)
            code, answer = server.getreply()
        except GONE:
            self.close()
            return Outcome(message.id, "uncertain", code="no_answer")
        if code == CLOSING:
            self.close()
        return outcome_of(message.id, code, answer)

    def introduce(self, server: smtplib.SMTP, message: Ready) -> Outcome | None:
        """MAIL, RCPT, DATA; the outcome when the server will not have this message."""
        code, answer = server.docmd("MAIL", f"FROM:<{to_mailbox(message.sender)}>")
        if code != 250:
            # It is not the message that is refused, but us: nobody's attempt is used up.
            self.close()
            raise ProviderAway("sender_refused" if code >= 500 else "busy")
        code, answer = server.docmd("RCPT", f"TO:<{to_mailbox(message.recipient)}>")
        if code in (250, 251):
            code, answer = server.docmd("DATA")
            if code == 354:
                return None
        if code == CLOSING:
            self.close()
            raise ProviderAway("busy")
        with suppress(*GONE):
            server.rset()
        return outcome_of(message.id, code, answer)

    def close(self) -> None:
        """Give the connection up; the next message opens another."""
        connection, self.backend.connection = self.backend.connection, None
        if connection is not None:
            connection.close()


def body_of(message: Ready) -> bytes:
    """The message as it goes over the wire: dots doubled, and the dot that ends it."""
    raw = build(message).replace(b"\r\n.", b"\r\n..")
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")


def outcome_of(message_id: int, code: int, answer: bytes) -> Outcome:
    """What an answer means. The server's words may name the person: only the code is kept."""
    if 200 <= code < 300:
        return Outcome(message_id, "sent", provider_id=queue_id(answer))
    state = "failed" if code >= 500 else "queued"
    return Outcome(message_id, state, code=f"smtp_{code}")


def queue_id(answer: bytes) -> str:
    """The server's own name of the message, where it says `queued as X`."""
    words = answer.decode("ascii", "replace").split()
    with suppress(ValueError, IndexError):
        return words[words.index("as") + 1][:100]
    return ""


def trouble_of(error: BaseException) -> str:
    """The trouble of the connection, as a code."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "sign_in_refused"
    if isinstance(error, PrivateHost):
        return "private_host"
    if isinstance(error, TimeoutError):
        return "no_answer"
    return "unreachable"


class SmtpProvider:
    """A mail server, by an e-mail URL's settings; without any, the install's own.

    One that a store named (`of_store`) is only connected to out in the public: what a store
    writes must not lead into the network that the install runs in.
    """

    name: ClassVar[str] = "smtp"

    def __init__(self, *, of_store: bool = False, **given: Any) -> None:
        fenced = of_store and not settings.SMTP_PRIVATE_HOSTS
        self.backend = PUBLIC_ONLY if fenced else ANYWHERE
        self.given = given

    @contextmanager
    def open(self) -> Iterator[SmtpSession]:
        """A session of one turn."""
        backend = get_connection(self.backend, timeout=SECONDS, **self.given)
        session = SmtpSession(backend)
        try:
            yield session
        finally:
            with suppress(*GONE, smtplib.SMTPException):
                if backend.connection is not None:
                    backend.connection.quit()
            session.close()
