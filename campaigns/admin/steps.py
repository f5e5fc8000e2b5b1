"""The way from an audience to a campaign that is sent, as it stands above each of its pages."""

from dataclasses import dataclass

from django.urls import reverse

from campaigns.models import Campaign

ADDING = "add"
TITLES = {
    "audience": "Audience",
    "content": "Content",
    "plan": "Check & plan",
    "change": "Send",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps: where it is, and whether it is behind, here or still to come."""

    number: int
    title: str
    url: str
    current: bool
    done: bool


def url_of(campaign: Campaign, page: str = "change") -> str:
    """The address of one of the campaign's pages."""
    return reverse(f"admin:campaigns_campaign_{page}", args=[campaign.pk])


def has_words(campaign: Campaign) -> bool:
    """Whether a subject and a message are written: the check before sending asks for both."""
    return bool(campaign.subject.strip() and campaign.html.strip())


def steps_of(campaign: Campaign | None, current: str, *, sides: int | None = None) -> list[Step]:
    """The steps for this campaign (None: one that is still to be made), seen from one of them.

    `sides` is how many segments are included, where the caller knows it already.
    """
    there = campaign is not None
    draft = campaign is None or campaign.state == Campaign.State.DRAFT
    done = {
        "audience": there and (sides is None or sides > 0),
        "content": campaign is not None and has_words(campaign),
        "plan": not draft,
        "change": campaign is not None and campaign.state == Campaign.State.SENT,
    }
    # What has left the draft is shown, and no longer changed.
    reachable = set(TITLES) if draft else {"change"}
    return [
        Step(
            number,
            title,
            url_of(campaign, page) if campaign and page in reachable else "",
            page == current,
            done[page] and page != current,
        )
        for number, (page, title) in enumerate(TITLES.items(), start=1)
    ]
