"""What a step's form says of a draft, and its way into the draft unless somebody was faster."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from campaigns.actions import (
    KEYS,
    PARTS,
    CampaignChanges,
    create_campaign,
    edit_campaign,
    get_campaign,
    hold_draft,
)
from campaigns.api.shapes import LONGEST_BODY, LONGEST_SUBJECT
from campaigns.models import Campaign
from tenants.audit import get_actor
from tenants.scoping.admin import get_store
from tenants.scoping.versions import ChangedMeanwhile, etag_of
from xeno.lib.errors import Mistake

LARGEST_ID = 2**63 - 1
MOST_HOURS = 24 * 30
MOST_SIZE = 10_000_000
MOST_HOLDOUT = 50
# The columns of each step's form: somebody who changes another step's is in nobody's way.
FIELDS = {
    "audience": ("name", "topic_id", "holdout_percent", "clock", "lateness_hours"),
    "content": (
        "sender_id", *PARTS, "variants", "decided_by", "decided_at_size", "decided_after_hours",
    ),
}  # fmt: skip


Form = Mapping[str, str]


class FormNotValid(Mistake):
    """A field that holds what no campaign can."""

    code = "form_not_valid"


# --- Reading --------------------------------------------------------------------------------


def form_of(request: HttpRequest) -> dict[str, str]:
    """What was sent, by the names of its fields."""
    return {name: str(value) for name, value in request.POST.items()}


def read_step(step: str, form: Form) -> CampaignChanges:
    """The changes that a step's form says; what is not in it stays. Raises FormNotValid."""
    return read_audience(form) if step == "audience" else read_content(form)


def read_audience(form: Form) -> CampaignChanges:
    """Name, topic, segments, holdout and the clock."""
    told: CampaignChanges = {}
    if "name" in form:
        told["name"] = text(form, "name", 1_000)
    if "topic" in form:
        told["topic_id"] = row_id(form["topic"])
    if "holdout" in form:
        told["holdout_percent"] = share(form["holdout"])
    if form.get("clock") in Campaign.Clock.values:
        told["clock"] = form["clock"]
    if "lateness" in form:
        told["lateness_hours"] = number(form, "lateness", "The lateness", 1, MOST_HOURS)
    if "segments" in form:  # else the form had no list of them
        told["include"] = chosen(form, "include")
        told["exclude"] = chosen(form, "exclude")
    return told


def read_content(form: Form) -> CampaignChanges:
    """Sender, words, variants and how their test is decided."""
    told: dict[str, Any] = {part: text(form, part, LONGEST[part]) for part in PARTS if part in form}
    if "sender" in form:
        told["sender_id"] = row_id(form["sender"])
    if "subject_B" in form:
        told["variants"] = variants(form)
    if form.get("decided_by") in Campaign.Decision.values:
        told["decided_by"] = form["decided_by"]
    if "decided_at_size" in form:
        told["decided_at_size"] = number(form, "decided_at_size", "The size", 0, MOST_SIZE)
    if "decided_after_hours" in form:
        told["decided_after_hours"] = number(form, "decided_after_hours", "The time", 1, MOST_HOURS)
    return told  # type: ignore[return-value]


LONGEST = dict.fromkeys(PARTS, LONGEST_BODY) | dict.fromkeys(
    ("subject", "preheader"), LONGEST_SUBJECT
)


def variants(form: Form) -> list[dict[str, str]]:
    """The variants that say something, called B, C … in their order."""
    told = [
        {part: words for part in PARTS if (words := text(form, f"{part}_{key}", LONGEST[part]))}
        for key in KEYS
    ]
    said = [each for each in told if any(words.strip() for words in each.values())]
    return [{"key": key, **each} for key, each in zip(KEYS, said, strict=False)]


def chosen(form: Form, side: str) -> list[int]:
    """The segments of the list that stand on this side."""
    ids = (row_id(name.removeprefix("segment-")) for name in form if form[name] == side)
    return [pk for pk in ids if pk is not None]


def text(form: Form, name: str, longest: int) -> str:
    """A text without what a database cannot hold; raises FormNotValid for a very long one."""
    words = form.get(name, "").replace("\0", "").replace("\r\n", "\n")
    if len(words) > longest:
        raise FormNotValid(f"It has more than {longest:,} characters.", field=name)
    return words


def row_id(typed: str) -> int | None:
    """An id out of a dropdown; None for none."""
    valid = typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_ID
    return int(typed) if valid else None


def number(form: Form, name: str, called: str, least: int, most: int) -> int:
    """A whole number; raises FormNotValid."""
    typed = form[name].strip()
    if not (typed.isascii() and typed.isdigit() and least <= int(typed[:12]) <= most):
        raise FormNotValid(f"{called} is a whole number from {least:,} to {most:,}.", field=name)
    return int(typed)


def share(typed: str) -> Decimal:
    """A holdout in per cent, with at most two places; raises FormNotValid."""
    try:
        percent = Decimal(typed.strip() or "0")
    except InvalidOperation:
        percent = Decimal(-1)
    if not (percent.is_finite() and 0 <= percent <= MOST_HOLDOUT):
        raise FormNotValid(f"The holdout is a number from 0 to {MOST_HOLDOUT}.", field="holdout")
    return percent.quantize(Decimal("0.01"))


# --- Writing --------------------------------------------------------------------------------


def version_of(campaign: Campaign, step: str, sides: Mapping[int, bool] | None = None) -> str:
    """A tag of what the step's form shows: equal for equal values."""
    shown = {name: str(getattr(campaign, name)) for name in FIELDS[step]}
    if step == "audience":
        found = sides_of(campaign) if sides is None else sides
        shown["segments"] = str(sorted(found.items()))
    return etag_of(shown)


def sides_of(campaign: Campaign) -> dict[int, bool]:
    """Each segment of the audience, and whether it is excluded."""
    return dict(campaign.audiences.values_list("segment_id", "excluded"))


@transaction.atomic
def save_step(request: HttpRequest, campaign: Campaign | None, step: str) -> Campaign:
    """Make the draft, or change it as the form says.

    Raises what `create_campaign` and `edit_campaign` do, FormNotValid, and ChangedMeanwhile when
    the form shows other values than there are by now.
    """
    actor, store = get_actor(request), get_store(request)
    changes = read_step(step, form_of(request))
    if campaign is None:
        return create_campaign(actor=actor, tenant=store, changes=changes)
    held = hold_draft(campaign.pk)
    seen = request.POST.get("version")
    if seen and seen != version_of(held, step):
        raise ChangedMeanwhile(
            "Somebody else changed this while you wrote. Below is what you wrote:"
            " save again to put it in place of theirs."
        )
    edit_campaign(actor=actor, tenant=store, campaign_id=campaign.pk, changes=changes)
    return get_campaign(campaign.pk)


def draft_of(campaign: Campaign, changes: CampaignChanges) -> Campaign:
    """The campaign as it would be with these changes; nothing is saved."""
    columns = {name: value for name, value in changes.items() if name in FIELDS["content"]}
    for name, value in columns.items():
        setattr(campaign, name, value)
    return campaign
