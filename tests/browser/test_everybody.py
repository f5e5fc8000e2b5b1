"""Every page for everybody: by axe, on a phone, in the dark, and without a word on the console.

The store is full of long words without a gap: what has no room for one overflows here. The short
form looks by day on a phone; the long one at a desk and in the dark too.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as project
from django.utils import timezone

from campaigns.models import Campaign, Message, Touch
from campaigns.tracking.addresses import preferences_url, unsubscribe_url
from conftest import make_member
from customers.models import Customer
from orders.models import Prediction, PredictionFit
from tenants.models import Membership
from tenants.roles import Role
from tests.browser.conftest import PATIENCE
from tests.canaries import Asked
from tests.rights.pages import PAGES_OF_ADMINS, PAGES_OF_SITE
from tests.rights.test_admin import path_of, url_of
from tests.visits import browser_of
from xeno.lib.postgres.scope import tenant_scope

GRAVE = {"serious", "critical"}
DESK, PHONE = 1280, 390
BY_DAY = (("light", PHONE),)
ALWAYS = tuple((scheme, width) for scheme in ("light", "dark") for width in (DESK, PHONE))
FIRST_PAGE = 4 * PATIENCE  # a server that has answered nobody yet imports what it needs
# Rules whose findings are never serious, and the slowest of all.
PASSED_OVER = ("region", "landmark-unique", "color-contrast-enhanced")
# Of each admin class; `history` and `delete` are one template each, and one of them is enough.
WALKED = ("changelist", "add", "change")
TEMPLATES = {("Customer", "history"), ("Segment", "delete")}
# No pages: answers for scripts, files, and what is shown within another page.
PARTS = (
    "/admin/jsi18n/", "/values/", "/progress/", "/export-all/", "/export/", "/errors/", "/people/",
    "/words/", "/html/", "/arriving/", "/growth/", "/preview/", "/sample/", "/fetch/", "/data/",
)  # fmt: skip
OF_A_SENT_ONE = ("change", "plan", "report", "messages")
FITTED = {
    "refusal": None, "fitted_on": date(2026, 3, 1), "customers": 300, "repeating": 90,
    "days": 365, "currency": "GBP", "parameters": {"r": 1, "p": 6},
    "quality": {
        "days": 120, "expected_orders": 110.0, "actual_orders": 100.0, "error": 0.1,
        "buckets": [{"repeats": 0, "customers": 200, "actual": 0.2, "expected": 0.25}],
    },
    "bands": [
        {"churn": "high", "customers": 9, "orders_90": 4, "orders_365": 9, "value_365": 10**9}
    ],
}  # fmt: skip


class Unfolds(NamedTuple):
    """What axe finds in django-unfold itself: the rule, a part of the element, why it stays."""

    rule: str
    part: str
    why: str


UNFOLDS: tuple[Unfolds, ...] = ()


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(scope="module")
def asked(shops) -> Asked:
    """Ana's rows, and in place of her own membership one that she may change and hand over to."""
    member = make_member(shops.ana.tenant, "target@example.com", Role.AUTHOR)
    given = shops.ana.asked
    return replace(given, ids={**given.ids, Membership: member.memberships.get().pk})


@pytest.fixture(scope="module")
def sent(shops) -> Campaign:
    """Beside the rows of every table: a campaign that went out, and predictions."""
    shop, begun = shops.ana, timezone.now() - timedelta(days=1)
    customer = shop.rows[Customer]
    with tenant_scope(shop.tenant.pk):
        made = Campaign.objects.create(
            name=shop.side.word(), subject=shop.side.word(), state="sent", started_at=begun,
            frozen_at=begun,
        )  # fmt: skip
        message = Message.objects.create(
            campaign=made, customer=customer, address="somebody@example.com", state="sent",
            handed_at=begun,
        )  # fmt: skip
        Touch.objects.create(
            message=message, campaign=made, customer=customer, happened_at=begun, kind="clicked"
        )
        PredictionFit.objects.update(**FITTED)
        Prediction.objects.update(customer=customer, churn="high", alive=0.1, value_365=10**6)
    return made


def paths(asked, *, operators: bool) -> Iterator[str]:
    """What is walked: the operator's own pages, or all the others."""
    for page in PAGES_OF_ADMINS:
        wanted = page.page in WALKED or (page.admin, page.page) in TEMPLATES
        theirs = page.needs != "-" and (page.needs == "OPERATOR") == operators
        if page.method == "GET" and wanted and theirs:
            yield url_of(page, asked)
    for row in PAGES_OF_SITE:
        opens = row.method == "GET" and row.answer == "200" and row.needs != "PUBLIC"
        if opens and not operators and not row.path.endswith(PARTS):
            yield path_of(row, asked)


def of_a_sent_one(campaign: Campaign) -> Iterator[str]:
    """The pages of a campaign that say more once it is sent."""
    for name in OF_A_SENT_ONE:
        yield f"/admin/campaigns/campaign/{campaign.pk}/{name}/"


def found_by_axe(page) -> Iterator[str]:
    """What keeps somebody out, without what belongs to django-unfold."""
    rules = {rule: {"enabled": False} for rule in PASSED_OVER}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules})
    for each in found.response["violations"]:
        for node in each["nodes"]:
            known = any(each["id"] == of.rule and of.part in node["html"] for of in UNFOLDS)
            if each["impact"] in GRAVE and not known:
                yield f"{each['id']}: {node['html'][:200]}"


class Walker:
    """Somebody who opens one page after the other, and hears what the console says."""

    def __init__(self, window, looks) -> None:
        window.set_default_timeout(FIRST_PAGE)
        self.page, self.looks = window.new_page(), looks
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on(
            "console",
            lambda said: said.type == "error" and self.complaints.append(f"console: {said.text}"),
        )

    def walk(self, all_of_them) -> None:
        """Fails with all that is wrong with any of the pages."""
        faults = {path: list(self.faults_of(path)) for path in all_of_them}
        assert faults
        wrong = {path: each for path, each in faults.items() if each}
        assert wrong == {}, json.dumps(wrong, indent=1)

    def faults_of(self, path) -> Iterator[str]:
        """What is wrong with one page."""
        self.complaints.clear()
        for scheme, width in self.looks:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": width, "height": 900})
            answer = self.page.goto(path)  # anew: the page asks for the scheme once
            if answer.status != 200:
                yield f"status {answer.status}"
                return
            if self.seen_scheme() != scheme:
                yield f"not {scheme}"
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{wide} px wide at {width}"
            yield from (f"{scheme} {width} {each}" for each in found_by_axe(self.page))
        yield from self.complaints

    def seen_scheme(self) -> str:
        """Whether the page is a dark one, by the colour behind its first words."""
        brightness = self.page.evaluate(
            """() => {
                const context = new OffscreenCanvas(1, 1).getContext("2d");
                context.fillStyle = getComputedStyle(document.body).backgroundColor;
                context.fillRect(0, 0, 1, 1);
                return Math.max(...context.getImageData(0, 0, 1, 1).data.slice(0, 3));
            }"""
        )
        return "light" if brightness > 127 else "dark"


def signed_in(window, server, user, tenant) -> None:
    """Signs the window in, as if by the form."""
    key = browser_of(user, tenant).session.session_key
    cookie = {"name": project.SESSION_COOKIE_NAME, "value": key, "url": server.url}
    window.add_cookies([cookie])


LOOKS = [
    pytest.param(BY_DAY, id="by day"),
    pytest.param(ALWAYS, id="always", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("looks", LOOKS)
def test_every_page_of_the_store_is_for_everybody(window, live_server, shops, asked, sent, looks):
    signed_in(window, live_server, shops.ana.owner, shops.ana.tenant)

    pages = [*paths(asked, operators=False), *of_a_sent_one(sent)]
    Walker(window, looks).walk(pages)


@pytest.mark.parametrize("looks", LOOKS)
def test_every_page_of_the_install_is_for_everybody(window, live_server, shops, looks):
    signed_in(window, live_server, shops.operator, shops.ana.tenant)

    Walker(window, looks).walk(paths(shops.ana.asked, operators=True))


@pytest.mark.parametrize("looks", LOOKS)
def test_every_page_for_who_is_not_signed_in_is_for_everybody(
    window, live_server, shops, sent, looks
):
    with tenant_scope(shops.ana.tenant.pk):
        message = Message.objects.get(campaign=sent)
        links = (unsubscribe_url(message.pk), preferences_url(message.pk))
    mailed = [link.removeprefix(project.PUBLIC_URL) for link in links]

    Walker(window, looks).walk(["/admin/login/", "/account/reset", *mailed])
