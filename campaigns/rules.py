"""Writes of what all campaigns of a store go by: who sends, about what, and within what limits.

All run within the scope of `tenant`, in the caller's transaction or one of their own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from campaigns.errors import (
    QuietHoursNotValid,
    SenderAddressTaken,
    SenderInUse,
    TopicInUse,
    TopicNameTaken,
)
from campaigns.models import Campaign, Preference, Sender, SendingSettings, Topic
from campaigns.providers.accounts import check_credentials
from campaigns.providers.choosing import PROVIDERS, ProviderUnknown, name_for
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake

AT_WORK = (Campaign.State.SCHEDULED, Campaign.State.SENDING, Campaign.State.PAUSED)
# What recipients see of a sender; an approval was of a campaign that says this.
SEEN = frozenset({"name", "email", "reply_to"})
TAKEN: dict[str, type[Mistake]] = {
    "one_sender_per_address": SenderAddressTaken,
    "one_topic_per_name": TopicNameTaken,
}


@contextmanager
def told_in_words(field: str) -> Iterator[None]:
    """Tell what is taken already as the mistake that it is."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        promise = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if promise in TAKEN:
            raise TAKEN[promise](field=field) from None
        raise


# --- Senders --------------------------------------------------------------------------------


@transaction.atomic
def create_sender(*, actor: Actor, tenant: Tenant, changes: Mapping[str, Any]) -> Sender:
    """Add a From; its domain's records are yet to be looked at. Raises SenderAddressTaken."""
    sender = Sender(**changes)
    with told_in_words("email"):
        sender.save()
    save_audit(actor=actor, action="sender.created", target=sender)
    sender.refresh_from_db()
    return sender


@transaction.atomic
def edit_sender(
    *, actor: Actor, tenant: Tenant, sender_id: int, changes: Mapping[str, Any]
) -> list[str]:
    """Change what is given; gives the names of the fields that are not as before.

    A sender whose campaigns are on their way keeps what recipients see of it (SenderInUse), and
    drafts that were approved with the old one are to be approved again. Raises
    SenderAddressTaken; Sender.DoesNotExist.
    """
    sender: Sender = Sender.objects.select_for_update(no_key=True).get(pk=sender_id)
    changed = differing(sender, changes)
    if SEEN & changed.keys():
        campaigns = Campaign.objects.filter(sender=sender)
        if campaigns.filter(state__in=AT_WORK).exists():
            raise SenderInUse
        drafts = campaigns.filter(state=Campaign.State.DRAFT).exclude(approved_hash="")
        drafts.update(approved_hash="", approved_by=None, approved_at=None, updated_at=Now())
    if {"email", "dkim_selector"} & changed.keys():
        changed |= {"records": {}, "checked_at": None, "verified_at": None, "asked_at": None}
    return write("sender", sender, changed, actor, taken="email")


@transaction.atomic
def delete_sender(*, actor: Actor, tenant: Tenant, sender_id: int) -> None:
    """Delete a From that no campaign names; raises SenderInUse; Sender.DoesNotExist."""
    sender: Sender = Sender.objects.select_for_update().get(pk=sender_id)
    if Campaign.objects.filter(sender=sender).exists():
        raise SenderInUse
    save_audit(actor=actor, action="sender.deleted", target=sender)
    Sender.objects.filter(pk=sender.pk).delete()


# --- Topics ---------------------------------------------------------------------------------


@transaction.atomic
def create_topic(*, actor: Actor, tenant: Tenant, changes: Mapping[str, Any]) -> Topic:
    """Add a topic to the preference centre; everybody wants it until they say otherwise.

    Raises TopicNameTaken.
    """
    topic = Topic(**changes)
    with told_in_words("name"):
        topic.save()
    save_audit(actor=actor, action="topic.created", target=topic)
    topic.refresh_from_db()
    return topic


@transaction.atomic
def edit_topic(
    *, actor: Actor, tenant: Tenant, topic_id: int, changes: Mapping[str, Any]
) -> list[str]:
    """Change what people read of a topic; raises TopicNameTaken; Topic.DoesNotExist."""
    topic: Topic = Topic.objects.select_for_update(no_key=True).get(pk=topic_id)
    return write("topic", topic, differing(topic, changes), actor, taken="name")


@transaction.atomic
def delete_topic(*, actor: Actor, tenant: Tenant, topic_id: int) -> None:
    """Delete a topic that no campaign is about, with who does not want it.

    Raises TopicInUse; Topic.DoesNotExist.
    """
    topic: Topic = Topic.objects.select_for_update().get(pk=topic_id)
    if Campaign.objects.filter(topic=topic).exists():
        raise TopicInUse
    save_audit(actor=actor, action="topic.deleted", target=topic)
    Preference.objects.filter(topic=topic).delete()
    Topic.objects.filter(pk=topic.pk).delete()


# --- Settings -------------------------------------------------------------------------------


@transaction.atomic
def edit_settings(*, actor: Actor, tenant: Tenant, changes: Mapping[str, Any]) -> list[str]:
    """Change the store's rules; gives the names of those that are not as before.

    Campaigns that are on their way follow from their next claim on; whether they needed an
    approval was decided when they left the draft. Raises QuietHoursNotValid, ProviderUnknown;
    MailServerPrivate; CredentialsNotValid for an account that the provider cannot use, kept from
    before or new.
    """
    SendingSettings.objects.bulk_create([SendingSettings(tenant=tenant)], ignore_conflicts=True)
    rules: SendingSettings = SendingSettings.objects.select_for_update().get()
    changed = differing(rules, changes)
    quiet = [changed.get(name, getattr(rules, name)) for name in ("quiet_from", "quiet_until")]
    if (quiet[0] is None) is not (quiet[1] is None) or (quiet[0] and quiet[0] == quiet[1]):
        raise QuietHoursNotValid(field="quiet_until")
    if changed.get("provider") and changed["provider"] not in PROVIDERS:
        raise ProviderUnknown(field="provider")
    if not changed:
        return []
    for name, value in changed.items():
        setattr(rules, name, value)
    if {"provider", "credentials"} & changed.keys():
        check_credentials(rules.credentials, provider=name_for(rules))
    rules.save(update_fields=list(changed))  # the credentials are encrypted on the way
    save_audit(actor=actor, action="sending_settings.changed", target=rules, fields=changed)
    return sorted(changed)


# --- Rows -----------------------------------------------------------------------------------


def differing(row: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the changes that change something."""
    return {name: value for name, value in changes.items() if value != getattr(row, name)}


def write(
    noun: str, row: Sender | Topic, changed: Mapping[str, Any], actor: Actor, *, taken: str
) -> list[str]:
    """Write and note the changes; `taken` is the field that nobody else may have alike."""
    if changed:
        with told_in_words(taken):
            type(row).objects.filter(pk=row.pk).update(**changed)
        save_audit(actor=actor, action=f"{noun}.changed", target=row, fields=changed)
    return sorted(changed)
