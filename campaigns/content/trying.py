"""Test sends: a campaign to members of the team, as a customer would get it.

A test is no message: it has no row, counts for nothing, and its links lead straight to where they
lead. Its unsubscribe link is of no message, and says so. `start_test` asks for it within a request;
a worker's `send_test` hands it over, outside of any transaction.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models.functions import Lower

from campaigns.content.preparing import one_line
from campaigns.content.previewing import preview
from campaigns.content.ways import NO_MESSAGE, TRACKED
from campaigns.content.writing import unsubscribe_headers
from campaigns.mail.headers import to_mailbox
from campaigns.models import Campaign
from campaigns.providers import choosing
from campaigns.providers.base import ProviderAway
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome
from campaigns.tracking.proofs import metadata_of
from customers.models import Customer
from tenants.audit import Actor, save_audit
from tenants.models import Membership, Tenant
from xeno.lib.errors import Mistake

MOST = 5  # addresses of one test

log = structlog.get_logger(__name__)


class TestNotAllowed(Mistake):
    """A test for somebody who is not of the team, or for too many."""

    __test__ = False  # no test class
    code = "test_not_allowed"
    message = f"A test goes to 1 to {MOST} members of the store's team."


class SenderMissing(Mistake):
    """Nobody is named who sends it."""

    code = "no_sender"
    status = 409
    message = "Choose who sends the campaign first."


def start_test(
    *,
    actor: Actor,
    tenant: Tenant,
    campaign: Campaign,
    addresses: Sequence[str],
    customer: Customer | None = None,
    variant: str = "A",
) -> list[str]:
    """Have a worker send a test once this is committed; the addresses that will get it.

    Raises TestNotAllowed, SenderMissing; TemplateNotValid when it cannot be written; what
    `provider_of` does, since no worker could send it.
    """
    people = check_addresses(tenant, addresses)
    if campaign.sender is None:
        raise SenderMissing(field="sender")
    choosing.provider_of(tenant)
    preview(campaign, tenant=tenant, customer=customer, variant=variant)
    seen = [customer.pk] if customer else []
    save_audit(actor=actor, action="campaign.tested", target=campaign, seen=seen)
    queue_test(tenant.pk, campaign.pk, people, customer and customer.pk, variant)
    return people


def queue_test(tenant_id: int, *rest: Any) -> None:
    """Queue it once this is committed: ids and the team's addresses only."""
    from campaigns.tasks import send_test as task

    transaction.on_commit(lambda: task.apply_async((tenant_id, *rest), retry=False), robust=True)


def check_addresses(tenant: Tenant, addresses: Sequence[str]) -> list[str]:
    """The addresses in lower case, each once; raises TestNotAllowed."""
    wanted = list(dict.fromkeys(address.strip().lower() for address in addresses))
    team = Membership.objects.filter(tenant=tenant, user__is_active=True)
    members = set(team.values_list(Lower("user__email"), flat=True))
    if not 1 <= len(wanted) <= MOST or not members.issuperset(wanted):
        raise TestNotAllowed(field="addresses")
    return wanted


def send_test_of(
    *,
    tenant: Tenant,
    campaign_id: int,
    addresses: Sequence[str],
    customer_id: int | None,
    variant: str,
) -> list[Outcome]:
    """`send_test` by ids; nothing when the campaign is gone, an example when the customer is.

    What was changed since it was asked for, so that it cannot be sent any more, is noted as a
    code: nobody waits here to be told, and another try would end alike.
    """
    campaign = Campaign.objects.select_related("sender").filter(pk=campaign_id).first()
    if campaign is None:
        return []
    customer = Customer.objects.filter(pk=customer_id).first() if customer_id else None
    try:
        return send_test(
            tenant=tenant,
            campaign=campaign,
            addresses=addresses,
            customer=customer,
            variant=variant,
        )
    except Mistake as mistake:
        if mistake.retryable:
            raise
        log.warning("campaign_test_refused", tenant_id=tenant.pk, code=mistake.code)
        return []


def send_test(
    *,
    tenant: Tenant,
    campaign: Campaign,
    addresses: Sequence[str],
    customer: Customer | None = None,
    variant: str = "A",
) -> list[Outcome]:
    """Hand a test over; gives what became of each. RuntimeError within a transaction.

    ProviderAway only when nobody got it, so that it can be tried again.
    """
    with transaction.atomic(durable=True):  # the provider is not waited for with locks held
        people = check_addresses(tenant, addresses)
        made = [
            tried(tenant, campaign, address, customer=customer, variant=variant, number=number)
            for number, address in enumerate(people, start=1)
        ]
    try:
        with choosing.provider_of(tenant).open() as session:
            outcomes = session.hand_over(made)
    except ProviderAway as away:
        if not away.outcomes:
            raise
        outcomes = list(away.outcomes)
    states = [outcome.state for outcome in outcomes]
    log.info("campaign_tested", tenant_id=tenant.pk, campaign=campaign.pk, states=states)
    return outcomes


def tried(
    tenant: Tenant,
    campaign: Campaign,
    address: str,
    *,
    customer: Customer | None,
    variant: str,
    number: int,
) -> Ready:
    """The message as this member of the team gets it."""
    sender = campaign.sender
    if sender is None:
        raise SenderMissing(field="sender")
    words = preview(campaign, tenant=tenant, customer=customer, variant=variant)
    domain = to_mailbox(sender.email).rpartition("@")[2]
    return Ready(
        id=-number,  # of no row
        sender=sender.email,
        sender_name=sender.name,
        reply_to=sender.reply_to,
        recipient=to_mailbox(address),
        subject=one_line(f"[Test] {words.subject}"),
        html=words.html,
        text=words.text,
        message_id=f"<test.{uuid4().hex}@{domain}>",
        headers=unsubscribe_headers(TRACKED.unsubscribe_url(NO_MESSAGE)),
        metadata=metadata_of(NO_MESSAGE),
    )
