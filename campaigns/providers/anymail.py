"""Providers with an API of their own, by django-anymail.

What they answer is read from `anymail_status`, what goes wrong from anymail's and requests'
exceptions: before the request was begun nothing is lost, after it an unread answer is uncertain.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from campaigns.mail.headers import HeaderNotValid, check_one_line, to_mailbox
from campaigns.providers.base import ProviderAway, idle, stop_when_lost, stopped
from campaigns.providers.deadline import Deadline
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome

SECONDS = 10  # of each answer, at most
CONNECT_SECONDS = 3  # of each address, of a handshake, and of sending
BEGIN_SECONDS = 30  # of a few: a request may take several of the above
# What a store may say of its account; never an address that we would then call.
CREDENTIALS: dict[str, tuple[str, ...]] = {
    "brevo": ("api_key",),
    "mailersend": ("api_token",),
    "mailgun": ("api_key", "sender_domain"),
    "mailjet": ("api_key", "secret_key"),
    "mailtrap": ("api_token",),
    "postmark": ("server_token",),
    "resend": ("api_key",),
    "sendgrid": ("api_key",),
    "sparkpost": ("api_key",),
    "unisender_go": ("api_key",),
}
TAKEN = ("sent", "queued", "unknown")
OURS_TO_MEND = (401, 402, 403)
COME_AGAIN = (408, 429, 503)
# With these the request was not begun. Any other mistake of TLS may come after it was sent.
UNBEGUN = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)


class AnymailSession:
    """A connection to the provider's API that is kept open."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.deadline = Deadline()
        self.deadline.begin_seconds = BEGIN_SECONDS

    def hand_over(
        self, messages: Sequence[Ready], meanwhile: Callable[[], None] = idle
    ) -> list[Outcome]:
        """Each by a request of its own."""
        self.deadline.start()
        outcomes: list[Outcome] = []
        for place, message in enumerate(messages):
            try:
                outcomes.append(self.hand_over_one(message))
            except ProviderAway as away:
                untried, over = [later.id for later in messages[place:]], self.deadline.is_over
                raise stopped(away, untried=untried, outcomes=outcomes, over=over) from away
            stop_when_lost(outcomes, messages)
        return outcomes

    def hand_over_one(self, message: Ready) -> Outcome:
        """One message: its outcome, or ProviderAway when the provider has not taken it up."""
        try:
            mail = mail_of(message)
        except HeaderNotValid:
            return Outcome(message.id, "failed", code="address")
        self.bound()
        try:
            self.backend.send_messages([mail])
        except AnymailRecipientsRefused:
            return outcome_of(message.id, mail)
        except (AnymailSerializationError, AnymailUnsupportedFeature):
            return Outcome(message.id, "failed", code="content")
        except AnymailConfigurationError as error:
            raise ProviderAway("not_configured") from error
        except AnymailAPIError as error:
            return outcome_of_error(message.id, error)
        return outcome_of(message.id, mail)

    def bound(self) -> None:
        """Have the next request wait no longer than the few may; ProviderAway when that is over."""
        self.deadline.await_begin()
        if self.deadline.is_over:
            raise ProviderAway("no_answer")
        self.deadline.await_end()
        self.backend.timeout = (self.deadline.left(CONNECT_SECONDS), self.deadline.left(SECONDS))


def mail_of(message: Ready) -> EmailMultiAlternatives:
    """The message as anymail takes it; raises HeaderNotValid."""
    for name, value in {"Subject": message.subject, **message.headers}.items():
        check_one_line(name, value)
    check_one_line("From", message.sender_name)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=from_of(message),
        to=[to_mailbox(message.recipient)],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message.message_id, **message.headers},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.metadata = dict(message.metadata)  # type: ignore[attr-defined]  # anymail's own
    return mail


def from_of(message: Ready) -> str:
    """The sender, their name quoted: a comma in it is no second sender."""
    name = message.sender_name.replace("\\", "").replace('"', "")
    mailbox = to_mailbox(message.sender)
    return f'"{name}" <{mailbox}>' if name.strip() else mailbox


def outcome_of(message_id: int, mail: Any) -> Outcome:
    """What the provider said of its one recipient."""
    status = mail.anymail_status
    [said] = list((status.recipients or {}).values())[:1] or [None]
    if said is None:
        return Outcome(message_id, "uncertain", code="no_answer")
    if said.status in TAKEN:
        return Outcome(message_id, "sent", provider_id=str(said.message_id or "")[:200])
    return Outcome(message_id, "failed", code=str(said.status or "rejected")[:50])


def outcome_of_error(message_id: int, error: AnymailAPIError) -> Outcome:
    """What an error means. Its words may name the person: only the code is kept."""
    status = status_of(error)
    if status is None:
        if is_unbegun(error):
            raise ProviderAway("unreachable") from error
        return Outcome(message_id, "uncertain", code="no_answer")
    if status in OURS_TO_MEND:
        raise ProviderAway("sign_in_refused") from error
    if status in COME_AGAIN:
        raise ProviderAway("busy") from error
    # It was taken up and not answered, or answered in no words that can be read.
    if status >= 500 or status < 300:
        return Outcome(message_id, "uncertain", code=f"http_{status}")
    return Outcome(message_id, "failed", code=f"http_{status}")


def status_of(error: AnymailAPIError) -> int | None:
    """The answer's status, if there was an answer."""
    status = error.status_code
    if status is None and error.response is not None:
        status = error.response.status_code
    return int(status) if status is not None else None


def is_unbegun(error: BaseException) -> bool:
    """Whether no connection came about, so that nothing of the request left."""
    return any(isinstance(each, UNBEGUN) for each in reasons_of(error))


def reasons_of(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised for: urllib3 keeps that in `reason`, requests in `args`."""
    yield error
    for inner in (error.__cause__, getattr(error, "reason", None), *error.args):
        if isinstance(inner, BaseException):
            yield from reasons_of(inner)


class AnymailProvider:
    """One provider of anymail's, with the store's own account or the install's."""

    name: ClassVar[str] = "anymail"

    def __init__(self, esp: str, account: Mapping[str, str] | None = None) -> None:
        self.esp, self.account = esp, dict(account or {})

    @contextmanager
    def open(self) -> Iterator[AnymailSession]:
        """A session of one turn."""
        path = f"anymail.backends.{self.esp}.EmailBackend"
        try:
            account: dict[str, Any] = {"timeout": SECONDS, **self.account}
            backend = get_connection(path, **account)
            backend.open()
        except (AnymailConfigurationError, ImportError, TypeError) as error:
            raise ProviderAway("not_configured") from error
        try:
            yield AnymailSession(backend)
        finally:
            backend.close()
