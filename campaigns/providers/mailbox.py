"""The local mailbox: what would be sent is kept in a table, and shown on a page in development."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from campaigns.mail.building import build
from campaigns.models import LocalMail, Message
from campaigns.providers.base import idle
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome

KEPT = 1_000  # of a store: the newest


class MailboxSession:
    """Writes each message down; nothing leaves the machine."""

    def hand_over(
        self, messages: Sequence[Ready], meanwhile: Callable[[], None] = idle
    ) -> list[Outcome]:
        """All of them at once, each with the campaign that it is of; a test is of none."""
        ids = [message.id for message in messages]
        campaigns = dict(Message.objects.filter(pk__in=ids).values_list("pk", "campaign_id"))
        LocalMail.objects.bulk_create(
            LocalMail(
                sender=message.sender,
                recipient=message.recipient,
                subject=message.subject,
                raw=build(message),
                campaign_id=campaigns.get(message.id),
            )
            for message in messages
        )
        return [Outcome(message.id, "sent") for message in messages]


class MailboxProvider:
    """For development and trials."""

    name: ClassVar[str] = "mailbox"

    @contextmanager
    def open(self) -> Iterator[MailboxSession]:
        """There is nothing to open."""
        yield MailboxSession()


def forget_old() -> None:
    """Keep the newest of the open store."""
    oldest = LocalMail.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:].first()
    if oldest is not None:
        LocalMail.objects.filter(pk__lte=oldest).delete()
