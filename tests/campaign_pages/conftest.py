"""Ana's store with people, a segment and a draft; browsers of each kind of staff."""

import pytest

from campaigns.actions import create_campaign
from campaigns.models import Campaign, Sender, SendingSettings
from customers.tests.builders import make_customer
from segments.actions import SegmentData, create_segment
from segments.static import add_members
from tenants.audit import Actor
from tests.segment_pages.conftest import browser_of
from xeno.lib.postgres.scope import tenant_scope

PAGES = "/admin/campaigns/campaign/"
HTML = (
    "<p>Hello to all of you, and see what is new.</p><p>{{ store.postal_address }}"
    ' <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
)


@pytest.fixture
def anas(anas_store):
    """Ana's browser."""
    return browser_of(anas_store, "owner")


@pytest.fixture
def mays(anas_store):
    """May's, a marketer: she writes and sends, and may not approve."""
    return browser_of(anas_store, "marketer")


@pytest.fixture
def bens(anas_store):
    """Ben's, who may look and not edit."""
    return browser_of(anas_store, "analyst")


@pytest.fixture
def people(anas_store):
    """Kim and Lee who agreed to be written to, Max who did not."""
    return [
        make_customer(
            anas_store, first_name=name, email=f"{name.lower()}@shop.test", email_consent=consent
        )
        for name, consent in (("Kim", "subscribed"), ("Lee", "subscribed"), ("Max", "pending"))
    ]


@pytest.fixture
def segment(anas_store, people):
    """Everybody, put in by hand."""
    with tenant_scope(anas_store.pk):
        data = SegmentData(name="Friends", kind="static")
        made = create_segment(actor=Actor(), tenant=anas_store, data=data)
        add_members(
            actor=Actor(), tenant=anas_store, segment_id=made.pk,
            customer_ids=[each.pk for each in people],
        )  # fmt: skip
    return made


@pytest.fixture
def draft(anas_store, segment):
    """A campaign that lacks nothing, written by nobody in particular."""
    with tenant_scope(anas_store.pk):
        SendingSettings.objects.create(postal_address="1 Harbour Street, York")
        sender = Sender.objects.create(name="Ana's Shop", email="ana@shop.example")
        told = {"name": "Spring", "subject": "Spring is here", "html": HTML,
                "sender_id": sender.pk, "include": [segment.pk]}  # fmt: skip
        return create_campaign(actor=Actor(), tenant=anas_store, changes=told)


def url(campaign: Campaign, page: str = "change") -> str:
    """The address of one of its pages."""
    return f"{PAGES}{campaign.pk}/{page}/"


def now(store, campaign: Campaign) -> Campaign:
    """The campaign as it is by now."""
    with tenant_scope(store.pk):
        return Campaign.objects.get(pk=campaign.pk)


def change(store, **columns) -> None:
    """Write columns of all campaigns of the store past the actions."""
    with tenant_scope(store.pk):
        Campaign.objects.update(**columns)


def said(answer) -> str:
    """The page that the answer leads to, messages included."""
    return answer.client.get(answer.headers["Location"]).text
