"""One worker's turn: claim, put into words, hand over a few at a time, settle."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol
from uuid import UUID, uuid4

import structlog
from django.db import InterfaceError, OperationalError, connection

from campaigns import deciding
from campaigns.models import Campaign, SendingSettings
from campaigns.providers import choosing
from campaigns.providers.accounts import CredentialsNotValid
from campaigns.providers.base import Provider, ProviderAway, Session, TooSlow
from campaigns.sending import claiming, rates, settling, starting
from campaigns.sending.claiming import Claimed
from campaigns.sending.ready import Ready, Unready
from campaigns.sending.settling import Outcome
from campaigns.settings import settings_of
from segments.changes import note_touched
from tenants.models import Tenant

log = structlog.get_logger(__name__)

TURN_SECONDS = 5.0  # then other stores' work comes before the next turn
FEW = 5  # handed over between two commits: so many at most are uncertain when a worker dies
WORDS_SECONDS = 0.5  # for which a few wait for each other's words, and marked ones for later words
DATABASE_LOST = (OperationalError, InterfaceError)
LOST_SECONDS, LOST_PAUSE = 20.0, 0.2  # for which a worker waits with what it has to write down


class Writer(Protocol):
    """Puts claimed messages of one campaign into words."""

    def write(self, claimed: Sequence[Claimed]) -> Iterator[Ready | Unready]:
        """Each message in its final words, or why it has none: what they need of the database
        is read for all of them before the first, and nothing after it."""


def send_turn(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Send what may leave for one turn; True when something is left for the next."""
    end = time.monotonic() + seconds
    claiming.reap(tenant=tenant)
    starting.start_due(tenant=tenant)
    deciding.decide_due(tenant=tenant)
    starting.give_up_stranded(tenant=tenant)
    more = False
    for campaign in starting.find_sending():
        if starting.look_after(campaign):
            more |= send_some(tenant=tenant, campaign=campaign, end=end)
            starting.finish(campaign)
        if time.monotonic() > end:
            return True
    return more


def send_some(*, tenant: Tenant, campaign: Campaign, end: float) -> bool:
    """Send of one campaign until the turn is over; True when it ended before the messages did.

    A provider that is away, or that the settings name wrongly, opens the circuit: messages wait.
    """
    from campaigns.content.writing import CampaignWriter

    writer: Writer = CampaignWriter(tenant=tenant, campaign=campaign)
    rules = settings_of(tenant)
    try:
        provider = choosing.provider_of(tenant)
        with provider.open() as session:
            while time.monotonic() < end:
                if not send_claim(tenant, campaign, rules, provider, session, writer):
                    return False
    except (ProviderAway, choosing.ProviderUnknown, CredentialsNotValid) as mistake:
        trouble = mistake.trouble if isinstance(mistake, ProviderAway) else mistake.code
        rates.open_circuit(tenant=tenant, trouble=trouble)
        log.warning("provider_away", tenant_id=tenant.pk, trouble=trouble)
        return False
    return True


def send_claim(
    tenant: Tenant,
    campaign: Campaign,
    rules: SendingSettings,
    provider: Provider,
    session: Session,
    writer: Writer,
) -> bool:
    """Claim, write and hand over once; False when there was nothing to claim."""
    holder = uuid4()
    claimed = claiming.claim(tenant=tenant, campaign=campaign, holder=holder, rules=rules)
    if not claimed:
        return False
    batch = Batch(tenant, provider, holder, {message.id: message.attempts for message in claimed})
    try:
        batch.hand_over(session, writer.write(claimed))
    finally:
        # What was claimed and not begun, because the provider is away or our time is over.
        if batch.unsettled:
            claiming.give_back(tenant=tenant, holder=holder, ids=batch.unsettled)
        settling.note_progress(tenant=tenant, campaign_id=campaign.pk)
        # After a kill these are behind until their next touch, or the segment's next refresh.
        people = [message.customer_id for message in claimed]
        note_touched(tenant=tenant, customer_ids=people, kinds=["messages"])
    rates.close_circuit(tenant=tenant)
    return True


class Batch:
    """The messages of one claim on their way out."""

    def __init__(
        self, tenant: Tenant, provider: Provider, holder: UUID, attempts: dict[int, int]
    ) -> None:
        self.tenant, self.provider, self.holder = tenant, provider, holder
        self.attempts = attempts
        self.unsettled = set(attempts)

    def hand_over(self, session: Session, messages: Iterator[Ready | Unready]) -> None:
        """A few at a time: marked and committed, handed over, settled with the next mark."""
        words = Words(messages)
        outcomes: list[Outcome] = []
        while few := words.next_few():
            begun = self.step(outcomes, [message.id for message in few])
            outcomes = []
            if not begun:
                break  # the lease is over: others have them now
            taken = [message for message in few if message.id in begun]
            outcomes = self.hand_over_few(session, taken, meanwhile=words.make_ahead)
        self.step(outcomes, [])
        self.fail(words.unready)
        if words.mistake is not None:
            raise words.mistake

    def hand_over_few(
        self, session: Session, few: Sequence[Ready], meanwhile: Callable[[], None]
    ) -> list[Outcome]:
        """What became of these; what a provider that went away has not heard of is queued.

        One that only was too slow is not away: nothing of these is left to be settled then.
        """
        try:
            return session.hand_over(few, meanwhile)
        except ProviderAway as away:
            self.step(away.outcomes, [])
            settling.unbegin(tenant=self.tenant, holder=self.holder, ids=away.untried)
            if isinstance(away, TooSlow):
                return []
            raise

    def step(self, outcomes: Sequence[Outcome], following: Sequence[int]) -> set[int]:
        """Settle the last few and mark the next, or end the claim when these were its last."""
        if not outcomes and not following:
            return set()
        settled = {outcome.id for outcome in outcomes}
        ending = self.unsettled == settled
        try:
            begun = self.settle(outcomes, following, ending=ending)
        except DATABASE_LOST:
            self.make_good(outcomes, following)
            raise
        self.unsettled -= settled
        return begun

    def settle(
        self, outcomes: Sequence[Outcome], following: Sequence[int] = (), *, ending: bool = False
    ) -> set[int]:
        """`settling.step` of this claim."""
        return settling.step(
            tenant=self.tenant,
            holder=self.holder,
            provider=self.provider.name,
            outcomes=outcomes,
            attempts=self.attempts,
            following=following,
            ending=ending,
        )

    def make_good(self, outcomes: Sequence[Outcome], following: Sequence[int]) -> None:
        """Write what became of the last few when the database is back, and that nothing was begun
        of the next: without it a restart of the database would make them uncertain."""
        end = time.monotonic() + LOST_SECONDS
        while time.monotonic() < end:
            connection.close()
            with suppress(*DATABASE_LOST):
                self.settle(outcomes)
                settling.unbegin(tenant=self.tenant, holder=self.holder, ids=following)
                return
            time.sleep(LOST_PAUSE)

    def fail(self, unready: Sequence[Unready]) -> None:
        """Messages without words are failures, and nobody hears of them."""
        for first in range(0, len(unready), FEW):
            few = unready[first : first + FEW]
            self.step([], [message.id for message in few])
            self.step([Outcome(m.id, "failed", code=m.code) for m in few], [])


class Words:
    """A claim's messages in their words, one of the next made whenever an answer is awaited.

    A mistake of ours is kept for the end, so that what has left by then is settled.
    """

    def __init__(self, made: Iterator[Ready | Unready]) -> None:
        self.made = made
        self.ahead: list[Ready] = []
        self.spent = 0.0  # seconds, on what was made ahead
        self.unready: list[Unready] = []
        self.mistake: Exception | None = None

    def next_few(self) -> list[Ready]:
        """The next that have words, fewer where these take long; those without are `unready`."""
        end = time.monotonic() + WORDS_SECONDS
        while len(self.ahead) < FEW and self.make():
            if time.monotonic() > end:
                break
        few, self.ahead, self.spent = self.ahead, [], 0.0
        return few

    def make_ahead(self) -> None:
        """One of the next few, unless those that are marked have waited for words long enough."""
        if len(self.ahead) < FEW and self.spent < WORDS_SECONDS:
            began = time.monotonic()
            self.make()
            self.spent += time.monotonic() - began

    def make(self) -> bool:
        """One more; False when there is none, or a mistake of ours instead."""
        try:
            message = next(self.made, None)
        except Exception as mistake:
            self.mistake = mistake
            return False
        if isinstance(message, Unready):
            self.unready.append(message)
        elif message is not None:
            self.ahead.append(message)
        return message is not None
