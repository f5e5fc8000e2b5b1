"""Unsubscribes: at once for us, and for Shopify as soon as the store's turn allows.

Two transactions. The first waits for nobody: from its commit on, the address is suppressed, and
no claim lets a message to it out. The second changes the consent, which waits for a batch of
webhooks at most some seconds; what that one could not do, the sweep does.
"""

from contextlib import suppress as ignored

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from campaigns.models import Message, Suppression, Touch
from campaigns.suppressing import suppress
from campaigns.tracking.reacting import note_customer
from customers.editing import edit_customer
from customers.models import Consent, Customer
from tenants.audit import Actor
from tenants.models import Tenant
from xeno.lib.upsert import run

SOURCE = "campaign"
REASON = "Unsubscribed by a link in a message"
# States in which there is nothing to take back, or nothing of ours to say.
OVER = (Consent.UNSUBSCRIBED, Consent.REDACTED, Consent.INVALID)


def unsubscribe(*, tenant: Tenant, message_id: int) -> None:
    """Write no more to whom the message was for; done twice it is done once.

    A customer who is gone leaves the address suppressed. Nobody is in the scope: the actor is
    the install.
    """
    stop(tenant=tenant, message_id=message_id)
    with ignored(OperationalError, Customer.DoesNotExist):
        withdraw(tenant=tenant, message_id=message_id)


@transaction.atomic
def stop(*, tenant: Tenant, message_id: int) -> None:
    """Suppress the address and note the touch, once a message."""
    message = Message.objects.select_for_update(no_key=True).filter(pk=message_id).first()
    if message is None:
        return
    if message.address and not is_over(message):
        reason = Suppression.Reason.UNSUBSCRIBED
        suppress(tenant=tenant, addresses=[message.address], reason=reason)
    kind = Touch.Kind.UNSUBSCRIBED
    if not Touch.objects.filter(message=message, kind=kind).exists():
        Touch.objects.create(
            message=message,
            campaign_id=message.campaign_id,
            customer_id=message.customer_id,
            kind=kind,
        )
        note_customer(tenant=tenant, message=message)


@transaction.atomic
def withdraw(*, tenant: Tenant, message_id: int) -> None:
    """Change the consent of whoever has the address, and of the customer whatever they have."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        return
    people = list(people_of(message).order_by("pk").values_list("pk", "email_consent"))
    for customer_id, consent in people:
        if consent not in OVER:
            withdraw_of(tenant=tenant, customer_id=customer_id)
    if people:
        forget_stop(message.address)


def withdraw_of(*, tenant: Tenant, customer_id: int) -> None:
    """Change one customer's consent, and have Shopify told."""
    edit_customer(
        actor=Actor(),
        tenant=tenant,
        customer_id=customer_id,
        email_consent=Consent.UNSUBSCRIBED,
        consent_reason=REASON,
        consent_source=SOURCE,
    )


def people_of(message: Message) -> QuerySet[Customer]:
    """Whose consent is in question."""
    which = Q(pk=message.customer_id)
    if message.address:
        which |= Q(email_search=message.address)
    found: QuerySet[Customer] = Customer.objects.filter(which)
    return found


def is_over(message: Message) -> bool:
    """Whether everybody in question has said so already."""
    people = list(people_of(message).values_list("email_consent", flat=True))
    return bool(people) and all(consent in OVER for consent in people)


def forget_stop(address: str | None) -> None:
    """The consent forbids it now: a later one of Shopify's is not to be kept out by our row."""
    reason = Suppression.Reason.UNSUBSCRIBED
    Suppression.objects.filter(channel="email", address=address, reason=reason).delete()


# Only an unsubscribe that is newer than the consent: whoever agreed again since has agreed.
LEFT = """
    SELECT c.id, s.address FROM campaigns_suppression s
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.email_search = s.address
    WHERE s.tenant_id = %(tenant)s AND s.reason = 'unsubscribed'
        AND (c.email_consent_at IS NULL OR c.email_consent_at <= s.created_at)
    ORDER BY c.id LIMIT 100
"""


def catch_up(*, tenant: Tenant) -> None:
    """Change the consents that an unsubscribe could not change at once."""
    for customer_id, address in run(LEFT, {"tenant": tenant.pk}):
        with ignored(OperationalError, Customer.DoesNotExist), transaction.atomic():
            if Customer.objects.get(pk=customer_id).email_consent not in OVER:
                withdraw_of(tenant=tenant, customer_id=customer_id)
            forget_stop(address)
