"""SMTP through Django's own backend, which opens, secures and signs in.

The dialogue of a message is ours, command by command, because what matters is whether its last
byte was begun: before that a lost connection costs nothing, after it the answer is uncertain.
"""

import smtplib
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from typing import Any, ClassVar

from django.conf import settings
from django.core.mail import get_connection

from campaigns.mail.building import HeaderNotValid, build
from campaigns.mail.headers import to_mailbox
from campaigns.providers.base import ProviderAway, idle, stop_when_lost, stopped
from campaigns.providers.deadline import Deadline
from campaigns.providers.public import PrivateHost
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome

SECONDS = 20  # of each answer, at most: `Deadline` says how long all of them may take
ANYWHERE = "campaigns.providers.timed.TimedEmailBackend"
PUBLIC_ONLY = "campaigns.providers.public.PublicEmailBackend"
CLOSING = 421  # the server goes away
GONE = (smtplib.SMTPServerDisconnected, OSError)


class SmtpSession:
    """A connection that is kept open; another one when the server has closed it."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.deadline: Deadline = backend.deadline
        self.announced: int | None = None  # of whom the server has heard, and not answered

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
        # A message's last, short packet does not wait for the answer to the one before.
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]

    def hand_over(
        self, messages: Sequence[Ready], meanwhile: Callable[[], None] = idle
    ) -> list[Outcome]:
        """Each in a transaction of its own; the connection is given up after a lost answer."""
        self.deadline.start()
        bodies = {message.id: body_of(message) for message in messages}  # before the server waits
        outcomes = [Outcome(pk, "failed", code="address") for pk, raw in bodies.items() if not raw]
        ready = [(message, raw) for message in messages if (raw := bodies[message.id])]
        turns = zip_longest(ready, (message for message, _ in ready[1:]))
        for place, ((message, raw), following) in enumerate(turns):
            try:
                outcomes.append(self.hand_over_one(message, raw, following, meanwhile))
            except ProviderAway as away:
                untried, over = [later.id for later, _ in ready[place:]], self.deadline.is_over
                raise stopped(away, untried=untried, outcomes=outcomes, over=over) from away
            stop_when_lost(outcomes, messages)
        return outcomes

    def hand_over_one(
        self, message: Ready, raw: bytes, following: Ready | None, meanwhile: Callable[[], None]
    ) -> Outcome:
        """One message: its outcome, or ProviderAway when the server has not begun to take it.

        A server that takes several commands at once (RFC 2920) hears whose turn is next in the
        same breath as the message's end: of that one nothing has begun before its own DATA.
        """
        self.deadline.await_begin()
        if self.deadline.is_over:
            self.close()
            raise ProviderAway("no_answer")
        server = self.server
        try:
            refusal = self.introduce(server, message)
        except GONE as error:
            self.close()
            raise ProviderAway(trouble_of(error)) from error
        if refusal is not None:
            return refusal
        self.deadline.await_end()
        try:
            if following is not None and server.has_extn("pipelining"):
                self.announced = following.id
                raw += at_once(commands_of(following))
            server.send(raw)
            meanwhile()
            code, answer = server.getreply()
        except GONE:
            self.close()
            return Outcome(message.id, "uncertain", code="no_answer")
        if code == CLOSING or not 200 <= code < 600:
            self.close()
        return outcome_of(message.id, code, answer)

    def introduce(self, server: smtplib.SMTP, message: Ready) -> Outcome | None:
        """MAIL, RCPT, DATA; the outcome when the server will not have this message."""
        answers = self.answers(server, message)
        code, answer = next(answers)
        if code != 250:
            # It is not the message that is refused, but us: nobody's attempt is used up.
            self.close()
            raise ProviderAway("sender_refused" if code >= 500 else "busy")
        code, answer = next(answers)
        if code in (250, 251):
            code, answer = next(answers)
            if code == 354:
                return None
        elif code != CLOSING and server.has_extn("pipelining") and next(answers)[0] == 354:
            server.send(b".\r\n")  # it was asked for data already: nothing, for nobody
            server.getreply()
        if code == CLOSING or not 400 <= code < 600:  # the latter of an answer that was torn
            self.close()
            raise ProviderAway("busy")
        with suppress(*GONE):
            server.rset()
        return outcome_of(message.id, code, answer)

    def answers(self, server: smtplib.SMTP, message: Ready) -> Iterator[tuple[int, bytes]]:
        """The answers to the commands before a message, which are sent all at once where that may
        be and has not been done."""
        commands, together = commands_of(message), server.has_extn("pipelining")
        if together and self.announced != message.id:
            server.send(at_once(commands))
        self.announced = None
        for command in commands:
            if not together:
                server.send(at_once([command]))
            yield server.getreply()

    def close(self) -> None:
        """Give the connection up; the next message opens another."""
        connection, self.backend.connection = self.backend.connection, None
        self.announced = None
        if connection is not None:
            connection.close()


def commands_of(message: Ready) -> list[str]:
    """What a server is told before the message."""
    sender, recipient = to_mailbox(message.sender), to_mailbox(message.recipient)
    return [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"]


def at_once(commands: Sequence[str]) -> bytes:
    """The commands as they go over the wire; a mailbox is printable ASCII without line breaks."""
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


def body_of(message: Ready) -> bytes | None:
    """The message as it goes over the wire: dots doubled, and the dot that ends it; None of one
    whose headers or address are not valid."""
    try:
        raw = build(message).replace(b"\r\n.", b"\r\n..")
    except HeaderNotValid:
        return None
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")


def outcome_of(message_id: int, code: int, answer: bytes) -> Outcome:
    """What an answer means. The server's words may name the person: only the code is kept."""
    if 200 <= code < 300:
        return Outcome(message_id, "sent", provider_id=queue_id(answer))
    if not 400 <= code < 600:
        return Outcome(message_id, "uncertain", code="no_answer")  # such as 25, of a torn 250
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
            session.deadline.start()  # of saying goodbye
            with suppress(*GONE, smtplib.SMTPException):
                if backend.connection is not None:
                    backend.connection.quit()
            session.close()
