"""One worker's turn: claim, put into words, hand over a few at a time, settle."""

import time
from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID, uuid4

import structlog

from campaigns import deciding
from campaigns.models import Campaign
from campaigns.providers import choosing
from campaigns.providers.accounts import CredentialsNotValid
from campaigns.providers.base import Provider, ProviderAway, Session
from campaigns.sending import claiming, rates, settling, starting
from campaigns.sending.claiming import Claimed
from campaigns.sending.ready import Ready, Unready
from campaigns.sending.settling import Outcome
from segments.changes import note_touched
from tenants.models import Tenant

log = structlog.get_logger(__name__)

TURN_SECONDS = 5.0  # then other stores' work comes before the next turn
FEW = 5  # handed over between two commits: so many at most are uncertain when a worker dies


class Writer(Protocol):
    """Puts claimed messages of one campaign into words."""

    def prepare(self, claimed: Sequence[Claimed]) -> list[Ready | Unready]:
        """Each message in its final words, or why it has none; one statement for all."""


def send_turn(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Send what may leave for one turn; True when something is left for the next."""
    end = time.monotonic() + seconds
    claiming.reap(tenant=tenant)
    starting.start_due(tenant=tenant)
    deciding.decide_due(tenant=tenant)
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
    try:
        provider = choosing.provider_of(tenant)
        with provider.open() as session:
            while time.monotonic() < end:
                if not send_claim(tenant, campaign, provider, session, writer):
                    return False
    except (ProviderAway, choosing.ProviderUnknown, CredentialsNotValid) as mistake:
        trouble = mistake.trouble if isinstance(mistake, ProviderAway) else mistake.code
        rates.open_circuit(tenant=tenant, trouble=trouble)
        log.warning("provider_away", tenant_id=tenant.pk, trouble=trouble)
        return False
    return True


def send_claim(
    tenant: Tenant, campaign: Campaign, provider: Provider, session: Session, writer: Writer
) -> bool:
    """Claim, write and hand over once; False when there was nothing to claim."""
    holder = uuid4()
    claimed = claiming.claim(tenant=tenant, campaign=campaign, holder=holder)
    if not claimed:
        return False
    batch = Batch(tenant, provider, holder, {message.id: message.attempts for message in claimed})
    try:
        batch.hand_over(session, writer.prepare(claimed))
    finally:
        # What was claimed and not begun, because the provider is away or our time is over.
        claiming.give_back(tenant=tenant, holder=holder)
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

    def hand_over(self, session: Session, messages: Sequence[Ready | Unready]) -> None:
        """A few at a time: marked and committed, handed over, settled with the next mark."""
        ready = [message for message in messages if isinstance(message, Ready)]
        outcomes: list[Outcome] = []
        for few in batched_few(ready):
            begun = self.step(outcomes, [message.id for message in few])
            if not begun:
                outcomes = []
                break  # the lease is over: others have them now
            outcomes = self.hand_over_few(session, [m for m in few if m.id in begun])
        self.step(outcomes, [])
        self.fail([message for message in messages if isinstance(message, Unready)])

    def hand_over_few(self, session: Session, few: Sequence[Ready]) -> list[Outcome]:
        """What became of these; what a provider that went away has not heard of is queued."""
        try:
            return session.hand_over(few)
        except ProviderAway as away:
            self.step(away.outcomes, [])
            settling.unbegin(tenant=self.tenant, holder=self.holder, ids=away.untried)
            raise

    def step(self, outcomes: Sequence[Outcome], following: Sequence[int]) -> set[int]:
        """Settle the last few and mark the next."""
        if not outcomes and not following:
            return set()
        return settling.step(
            tenant=self.tenant,
            holder=self.holder,
            provider=self.provider.name,
            outcomes=outcomes,
            attempts=self.attempts,
            following=following,
        )

    def fail(self, unready: Sequence[Unready]) -> None:
        """Messages without words are failures, and nobody hears of them."""
        if unready:
            self.step([], [message.id for message in unready])
            self.step([Outcome(m.id, "failed", code=m.code) for m in unready], [])


def batched_few(messages: Sequence[Ready]) -> Iterator[Sequence[Ready]]:
    """The messages, a few at a time."""
    for first in range(0, len(messages), FEW):
        yield messages[first : first + FEW]
