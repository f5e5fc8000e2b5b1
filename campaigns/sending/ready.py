"""A message in its final words, as providers take it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything of one message. `headers` are beside From, To, Subject, Date and Message-ID.

    `metadata` travels to providers that tell events with it: our ids, nothing of the person.
    """

    id: int  # of the row
    sender: str  # the address of the envelope and of From
    sender_name: str
    reply_to: str
    recipient: str
    subject: str
    html: str
    text: str
    message_id: str  # deterministic: a second one is known as the first
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unready:
    """A message that cannot be put into words for this person, with the reason as a code."""

    id: int
    code: str
