"""Writes of drafts: what is said, by whom, and to whom. Steps after the draft are `lifecycle.py`'s.

All run within the scope of `tenant`, in the caller's transaction or one of their own.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from campaigns.errors import (
    LONGEST_NAME,
    AudienceNotValid,
    CampaignNameNotValid,
    CampaignNotDraft,
    RowNotThere,
    VariantsNotValid,
)
from campaigns.models import Audience, Campaign, Link, Message, Sender, Topic
from segments.models import Segment
from tenants.audit import Actor, save_audit
from tenants.models import Tenant, User
from xeno.lib.upsert import array, run

PARTS = ("subject", "preheader", "html", "text")
# What an approval is of: who changes one of these wrote the campaign.
WORDS = frozenset({*PARTS, "variants", "sender_id"})
KEYS = ("B", "C", "D", "E")  # of the variants beside A
MOST_SEGMENTS = 100
COPIED = (
    *PARTS, "channel", "sender_id", "topic_id", "variants", "decided_by", "decided_at_size",
    "decided_after_hours", "holdout_percent", "clock", "lateness_hours",
)  # fmt: skip


class CampaignChanges(TypedDict, total=False):
    """What of a draft can be said; `include` and `exclude` are ids of segments."""

    name: str
    subject: str
    preheader: str
    html: str
    text: str
    variants: Sequence[Mapping[str, str]]
    sender_id: int | None
    topic_id: int | None
    decided_by: str
    decided_at_size: int
    decided_after_hours: int
    holdout_percent: Decimal
    clock: str
    lateness_hours: int
    scheduled_for: datetime | None
    include: Sequence[int]
    exclude: Sequence[int]


@transaction.atomic
def create_campaign(*, actor: Actor, tenant: Tenant, changes: CampaignChanges) -> Campaign:
    """Make a draft. Raises CampaignNameNotValid, VariantsNotValid, AudienceNotValid."""
    columns = checked(changes)
    columns["name"] = check_name(columns.get("name", ""))
    campaign = Campaign(**columns, written_by=person_of(actor))
    campaign.save()
    if audience := audience_of(changes, {}):
        write_audience(tenant, campaign, audience)
    save_audit(actor=actor, action="campaign.created", target=campaign)
    return get_campaign(campaign.pk)


@transaction.atomic
def edit_campaign(
    *, actor: Actor, tenant: Tenant, campaign_id: int, changes: CampaignChanges
) -> list[str]:
    """Change what is given of a draft; gives the names of the fields that are not as before.

    Who changes the words, the variants or the sender is who wrote it, and an approval is void.
    Raises what `create_campaign` does, and CampaignNotDraft; Campaign.DoesNotExist.
    """
    draft = hold_draft(campaign_id)
    columns = {
        name: value for name, value in checked(changes).items() if value != getattr(draft, name)
    }
    before = dict(draft.audiences.values_list("segment_id", "excluded"))
    audience = audience_of(changes, before)
    changed = [*columns, *(["audience"] if audience != before else [])]
    if not changed:
        return []
    if WORDS & columns.keys():
        columns |= {
            "written_by": person_of(actor),
            "approved_hash": "",
            "approved_by": None,
            "approved_at": None,
        }
    Campaign.objects.filter(pk=draft.pk).update(**columns, updated_at=Now())
    if audience != before:
        write_audience(tenant, draft, audience)
    save_audit(actor=actor, action="campaign.changed", target=draft, fields=changed)
    return sorted(changed)


@transaction.atomic
def copy_campaign(
    *, actor: Actor, tenant: Tenant, campaign_id: int, name: str | None = None
) -> Campaign:
    """A draft that says the same to the same; its holdout and variants fall anew.

    Segments that were deleted since are left out. Raises CampaignNameNotValid;
    Campaign.DoesNotExist.
    """
    source = Campaign.objects.get(pk=campaign_id)
    name = check_name(f"{source.name[: LONGEST_NAME - 7]} (copy)" if name is None else name)
    copied = {column: getattr(source, column) for column in COPIED}
    copy = Campaign(**copied, name=name, salt=uuid4(), written_by=person_of(actor))
    copy.save()
    audience = dict(source.audiences.values_list("segment_id", "excluded"))
    there = hold_segments(audience)
    write_audience(tenant, copy, {pk: out for pk, out in audience.items() if pk in there})
    save_audit(actor=actor, action="campaign.copied", target=copy)
    return get_campaign(copy.pk)


@transaction.atomic
def delete_campaign(*, actor: Actor, tenant: Tenant, campaign_id: int) -> None:
    """Delete a draft; what has left the draft stays. Raises CampaignNotDraft."""
    draft = hold_draft(campaign_id)
    if Message.objects.filter(campaign=draft).exists():
        raise CampaignNotDraft
    save_audit(actor=actor, action="campaign.deleted", target=draft)
    for model in (Audience, Link):
        model.objects.filter(campaign=draft).delete()
    Campaign.objects.filter(pk=draft.pk).delete()


# --- What may be said -----------------------------------------------------------------------


def checked(changes: CampaignChanges) -> dict[str, Any]:
    """The columns of the changes; raises for what no campaign can say."""
    columns: dict[str, Any] = {
        name: value for name, value in changes.items() if name not in ("include", "exclude")
    }
    if "name" in columns:
        columns["name"] = check_name(changes["name"])
    if "variants" in columns:
        columns["variants"] = check_variants(changes["variants"])
    check_there(changes.get("sender_id"), Sender, "sender")
    check_there(changes.get("topic_id"), Topic, "topic")
    return columns


def check_name(name: str) -> str:
    """The name without spaces around it; raises CampaignNameNotValid."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= LONGEST_NAME or not trimmed.isprintable():
        raise CampaignNameNotValid(field="name")
    return trimmed


def check_variants(variants: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """What differs from A, by key; raises VariantsNotValid."""
    told = [
        {"key": each.get("key", ""), **{part: each[part] for part in PARTS if each.get(part)}}
        for each in variants
    ]
    keys = [each["key"] for each in told]
    if keys != list(KEYS[: len(keys)]) or any(len(each) == 1 for each in told):
        raise VariantsNotValid(field="variants")
    return told


def check_there(row_id: int | None, model: type[Sender] | type[Topic], field: str) -> None:
    """Raise RowNotThere for a row that the store does not have."""
    if row_id is not None and not model.objects.filter(pk=row_id).exists():
        raise RowNotThere(f"There is no such {field}.", field=field)


def audience_of(changes: CampaignChanges, before: Mapping[int, bool]) -> dict[int, bool]:
    """The segments, each with whether it is excluded, after the changes; raises
    AudienceNotValid."""
    sides = {"include": False, "exclude": True}
    audience: dict[int, bool] = {}
    for side, excluded in sides.items():
        kept = [pk for pk, out in before.items() if out is excluded]
        wanted: Collection[int] = changes.get(side, kept)  # type: ignore[assignment]
        if audience.keys() & set(wanted):
            raise AudienceNotValid("A segment is either included or excluded.", field=side)
        audience |= dict.fromkeys(wanted, excluded)
        new = set(wanted) - before.keys()
        if new != hold_segments(new):
            raise AudienceNotValid("There is no such segment.", field=side)
    if len(audience) > MOST_SEGMENTS:
        raise AudienceNotValid(f"Name at most {MOST_SEGMENTS} segments.", field="include")
    return audience


def hold_segments(ids: Collection[int]) -> set[int]:
    """Those of the segments that are there, held until the transaction ends: whoever deletes one
    meanwhile waits, and finds that it is needed. Somebody who was left out by it stays left out."""
    held = Segment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return set(held.values_list("pk", flat=True)) if ids else set()


# --- Rows -----------------------------------------------------------------------------------

WRITE_AUDIENCE = """
    WITH gone AS (
        DELETE FROM campaigns_audience WHERE tenant_id = %(tenant)s AND campaign_id = %(campaign)s
            AND segment_id <> ALL(%(segments)s::bigint[])
    )
    INSERT INTO campaigns_audience AS old (tenant_id, campaign_id, segment_id, excluded)
    SELECT %(tenant)s, %(campaign)s, new.segment_id, new.excluded
    FROM unnest(%(segments)s::bigint[], %(sides)s::boolean[]) AS new(segment_id, excluded)
    ON CONFLICT (tenant_id, campaign_id, segment_id) DO UPDATE SET excluded = excluded.excluded
"""


def write_audience(tenant: Tenant, campaign: Campaign, audience: Mapping[int, bool]) -> None:
    """Let the campaign be for just these segments."""
    params = {
        "tenant": tenant.pk,
        "campaign": campaign.pk,
        "segments": array(list(audience)),
        "sides": array(list(audience.values())),
    }
    run(WRITE_AUDIENCE, params)


def hold_draft(campaign_id: int) -> Campaign:
    """The draft, held against steps until the transaction ends; raises CampaignNotDraft."""
    draft: Campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    if draft.state != Campaign.State.DRAFT:
        raise CampaignNotDraft
    return draft


def get_campaign(campaign_id: int) -> Campaign:
    """The campaign as the database has it, with its audience."""
    found: Campaign = Campaign.objects.prefetch_related("audiences").get(pk=campaign_id)
    return found


def person_of(actor: Actor) -> User | None:
    """Who answers for it: the user, or who made the API key that acts."""
    if actor.user is None and actor.key is not None:
        return actor.key.made_by
    return actor.user
