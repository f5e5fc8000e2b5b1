"""What a customer's page says of their messages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Touch
from campaigns.panels import messages_panel
from campaigns.tests.conftest import make_message


@pytest.fixture
def clicked(campaign, kim):
    """Kim got one and clicked; a scanner had opened it before."""
    message = make_message(campaign, kim, state="sent", handed_at=timezone.now())
    for kind, machine in (("opened", "agent"), ("clicked", "")):
        Touch.objects.create(
            message=message, campaign=campaign, customer=kim, kind=kind, machine=machine
        )
    return message


def test_it_says_what_they_got_and_what_they_did(in_anas_store, clicked, kim):
    panel = messages_panel(in_anas_store, kim)

    [(name, _, why, when, back)] = panel.rows
    assert (why, back) == ("-", "clicked")
    assert ">Spring</a>" in name
    assert when != "-"


def test_it_says_why_not(in_anas_store, campaign, lee):
    make_message(campaign, lee, state="skipped", reason="capped")

    [(_, _, why, when, _)] = messages_panel(in_anas_store, lee).rows

    assert (why, when) == ("Was written to of late", "-")


def test_it_stands_on_the_customers_page(client, ana, in_anas_store, clicked, kim):
    client.force_login(ana, "django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("admin:customers_customer_change", args=[kim.pk]))

    assert "Messages" in page.content.decode()
    address = reverse("admin:campaigns_campaign_change", args=[clicked.campaign_id])
    # The panel and the timeline: sent, clicked.
    assert page.content.decode().count(f'href="{address}"') == 3
