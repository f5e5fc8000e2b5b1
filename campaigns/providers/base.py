"""What every provider promises."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, Protocol

from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome
from xeno.lib.errors import Mistake


class ProviderAway(Mistake):
    """The provider cannot be reached, or takes nothing from us now: no message is to blame.

    `untried` are the ids of which it has certainly heard nothing; `outcomes` what is known of
    the others.
    """

    code = "provider_away"
    status = 503
    message = "The mail provider cannot be reached."
    retryable = True

    def __init__(
        self, trouble: str, *, untried: Sequence[int] = (), outcomes: Sequence[Outcome] = ()
    ) -> None:
        super().__init__()
        self.trouble, self.untried, self.outcomes = trouble, untried, outcomes


class TooSlow(ProviderAway):
    """It takes messages, but not all of these in their time: the others are begun later."""


def stopped(
    away: ProviderAway, *, untried: Sequence[int], outcomes: Sequence[Outcome], over: bool
) -> ProviderAway:
    """The same with what is known of all; TooSlow when only the time was `over`."""
    taken = any(outcome.state == "sent" for outcome in outcomes)
    kind = TooSlow if over and taken else ProviderAway
    return kind(away.trouble, untried=untried, outcomes=outcomes)


def stop_when_lost(outcomes: Sequence[Outcome], messages: Sequence[Ready]) -> None:
    """Raise ProviderAway when the last answer was lost: the next ones would be lost as well.

    Without it a provider that takes messages and answers none would make all uncertain.
    """
    if outcomes[-1].state == "uncertain":
        told = {outcome.id for outcome in outcomes}
        untried = [message.id for message in messages if message.id not in told]
        raise ProviderAway("no_answer", untried=untried, outcomes=outcomes)


def idle() -> None:
    """What there is to do while an answer is awaited: nothing."""


class Session(Protocol):
    """An open way to the provider, kept for a turn."""

    def hand_over(
        self, messages: Sequence[Ready], meanwhile: Callable[[], None] = idle
    ) -> list[Outcome]:
        """Hand each over once, in order, and say what became of it; raises ProviderAway, TooSlow.

        An answer that cannot be known is `uncertain`: never tried again by itself. All of it takes
        less than HAND_OVER_SECONDS. Where an answer can be awaited apart from asking, `meanwhile`
        is done before: a little of the caller's own work, which raises nothing.
        """


class Provider(Protocol):
    """A way out. `open()` gives a session; ProviderAway when there is none now."""

    name: ClassVar[str]

    def open(self) -> AbstractContextManager[Session]:
        """A session, closed when the block ends."""
