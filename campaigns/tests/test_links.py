"""Rows 106 to 108 of the faults: what a message's links lead to, for people and for machines."""

import pytest
from django.test import Client

from campaigns.models import Campaign, Link, Message, Preference, Suppression, Touch
from campaigns.tests.conftest import make_message
from campaigns.tracking import addresses
from campaigns.tracking.tokens import Purpose, Token, pack
from customers.models import Customer
from xeno.lib.postgres.scope import tenant_scope

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
WAYS = ("/t/o/{}.gif", "/t/c/{}", "/u/{}", "/p/{}")


@pytest.fixture
def browser() -> Client:
    return Client(headers={"User-Agent": BROWSER})


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at="2026-01-01T00:00:00Z")


@pytest.fixture
def link(campaign) -> Link:
    return Link.objects.create(campaign=campaign, url="https://shop.example/späť?a=1", url_hash="x")


def path_of(make, *ids) -> str:
    return make(*ids).split("://", 1)[1].partition("/")[2].join(["/", ""])


def click(message, link) -> str:
    return path_of(addresses.click_url, message.pk, link.pk)


def touches() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("pk").values_list("kind", "machine"))


def test_a_click_leads_to_the_link_and_is_noted(browser, message, link):
    response = browser.get(click(message, link))

    assert response.status_code == 302
    assert response["Location"] == "https://shop.example/sp%C3%A4%C5%A5?a=1"
    assert touches() == [("clicked", "")]


def test_an_open_is_a_picture_that_nobody_keeps(browser, message):
    response = browser.get(path_of(addresses.open_url, message.pk))

    assert (response.status_code, response["Content-Type"]) == (200, "image/gif")
    assert response.content.startswith(b"GIF89a")
    assert "no-store" in response["Cache-Control"]
    assert touches() == [("opened", "")]


@pytest.mark.parametrize("asked", ["?url=https://evil.example", "?next=//evil.example"])
def test_f106_no_parameter_leads_elsewhere(browser, message, link, asked):
    response = browser.get(click(message, link) + asked)

    assert response["Location"].startswith("https://shop.example/")


def test_f106_a_link_of_another_campaign_is_not_followed(browser, message, sender):
    other = Campaign.objects.create(name="Autumn", sender=sender)
    foreign = Link.objects.create(campaign=other, url="https://other.example", url_hash="y")

    assert browser.get(click(message, foreign)).status_code == 404
    assert touches() == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_f106_only_addresses_of_the_web_are_followed(browser, message, campaign, url):
    odd = Link.objects.create(campaign=campaign, url=url, url_hash="z")

    assert browser.get(click(message, odd)).status_code == 404


def test_f106_a_line_break_in_a_link_makes_no_header(browser, message, campaign):
    url = "https://shop.example/\r\nSet-Cookie: a=b"
    odd = Link.objects.create(campaign=campaign, url=url, url_hash="z")

    response = browser.get(click(message, odd))

    assert "\n" not in response["Location"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("way", WAYS)
def test_f107_forged_foreign_and_deleted_are_one_and_the_same(
    browser, message, link, cys_store, kim, way
):
    purpose = [Purpose.OPEN, Purpose.CLICK, Purpose.UNSUBSCRIBE, Purpose.PREFERENCES][
        WAYS.index(way)
    ]
    tenant = message.tenant_id

    def answer(text):
        response = browser.get(way.format(text))
        return response.status_code, response.content, sorted(response.headers.items())

    good = pack(Token(purpose, tenant, message.pk, link.pk))
    told = [
        answer("forged"),
        answer(good[:-1] + ("A" if good[-1] != "A" else "B")),
        answer(pack(Token(purpose, tenant, message.pk + 10_000, link.pk))),
        answer(pack(Token(purpose, cys_store.pk, message.pk, link.pk))),
        answer(pack(Token(purpose, 10**15, message.pk, link.pk))),
        answer(pack(Token(Purpose(purpose % 4 + 1), tenant, message.pk, link.pk))),
    ]

    assert told == [told[0]] * len(told)
    assert told[0][0] == 404
    assert b"kim" not in told[0][1]
    assert b"example.com" not in told[0][1]
    assert answer(good)[0] in (200, 302)


def test_f107_a_forged_link_costs_no_query(browser, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert browser.get("/u/forged").status_code == 404


def test_f107_a_page_shows_the_first_letter_and_the_domain_alone(browser, message, kim):
    Customer.objects.filter(pk=kim.pk).update(first_name="Kimberly", phone="+15550100")

    for make in (addresses.unsubscribe_url, addresses.preferences_url):
        text = browser.get(path_of(make, message.pk)).content.decode()
        assert "k…@example.com" in text
        assert not [word for word in ("kim@", "Kimberly", "0100") if word in text]


@pytest.mark.parametrize("method", ["get", "head"])
def test_f108_looking_at_a_link_unsubscribes_nobody(browser, message, kim, method):
    for make in (addresses.unsubscribe_url, addresses.preferences_url):
        assert getattr(browser, method)(path_of(make, message.pk)).status_code == 200

    kim.refresh_from_db()
    assert kim.email_consent == "subscribed"
    assert touches() == []


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Yes"}, {"unsubscribe": "1"}])
def test_f108_a_post_that_does_not_say_so_unsubscribes_nobody(browser, message, kim, body):
    assert browser.post(path_of(addresses.unsubscribe_url, message.pk), body).status_code == 200

    kim.refresh_from_db()
    assert kim.email_consent == "subscribed"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_f108_one_click_unsubscribes_without_a_cookie(message, kim, kind):
    mailbox = Client(enforce_csrf_checks=True)
    body = "List-Unsubscribe=One-Click"
    if kind.startswith("multipart"):
        kind += "; boundary=x"
        head = 'Content-Disposition: form-data; name="List-Unsubscribe"'
        body = f"--x\r\n{head}\r\n\r\nOne-Click\r\n--x--\r\n"

    response = mailbox.generic(
        "POST", path_of(addresses.unsubscribe_url, message.pk), body, content_type=kind
    )

    kim.refresh_from_db()
    assert (response.status_code, kim.email_consent) == (200, "unsubscribed")
    assert not response.cookies


def test_the_pages_own_button_unsubscribes(browser, message, kim):
    path = path_of(addresses.unsubscribe_url, message.pk)
    assert 'name="answer" value="unsubscribe"' in browser.get(path).content.decode()

    browser.post(path, {"answer": "unsubscribe"})

    kim.refresh_from_db()
    assert kim.email_consent == "unsubscribed"


def test_f108_head_and_scanners_are_machines(browser, message, link):
    browser.head(click(message, link))
    browser.get(click(message, link), headers={"User-Agent": "Barracuda Sentinel"})
    browser.get(path_of(addresses.open_url, message.pk), headers={"User-Agent": "Mozilla/5.0"})

    assert touches() == [("clicked", "head"), ("clicked", "agent"), ("opened", "relay")]


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
@pytest.mark.parametrize("way", WAYS)
def test_other_methods_are_refused(browser, db, way, method):
    assert getattr(browser, method)(way.format("forged")).status_code == 405


def test_the_pages_are_the_stores_whoever_is_signed_in(browser, message, cy, cys_store):
    browser.force_login(cy)

    text = browser.get(path_of(addresses.unsubscribe_url, message.pk)).content.decode()

    assert message.tenant.name in text
    assert cys_store.name not in text or cys_store.name == message.tenant.name


def test_a_link_of_a_test_mail_leads_on_and_notes_nothing(browser, campaign, link):
    assert browser.get(path_of(addresses.click_url, 0, link.pk)).status_code == 302
    assert browser.get(path_of(addresses.open_url, 0)).status_code == 200
    for make in (addresses.unsubscribe_url, addresses.preferences_url):
        assert browser.get(path_of(make, 0)).status_code == 200
        assert browser.post(path_of(make, 0), {"answer": "unsubscribe"}).status_code == 200
    assert touches() == []


def test_a_burst_of_many_from_one_address_is_answered(browser, message, campaign, settings):
    settings.API_LIMIT_PER_MINUTE_ADDRESS = 2
    people = [
        Customer.objects.create(shopify_id=n, email=f"p{n}@example.com") for n in range(9, 15)
    ]
    paths = [path_of(addresses.open_url, make_message(campaign, p).pk) for p in people]

    assert {browser.get(path).status_code for path in paths} == {200}


def test_one_link_that_is_asked_for_again_and_again_is_refused_in_the_end(
    browser, message, settings
):
    settings.LIMIT_PER_MINUTE_LINK = 3
    path = path_of(addresses.open_url, message.pk)

    assert [browser.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_what_is_of_another_store_is_not_touched(browser, message, link, cys_store):
    browser.get(click(message, link))

    with tenant_scope(cys_store.pk):
        assert not Touch.objects.exists()


@pytest.mark.parametrize(
    ("make", "answers"),
    [
        (addresses.unsubscribe_url, {"answer": "unsubscribe"}),
        (addresses.unsubscribe_url, {"List-Unsubscribe": "One-Click"}),
        (addresses.preferences_url, {"answer": "unsubscribe"}),
        (addresses.preferences_url, {"answer": "save", "pause": "1"}),
    ],
)
def test_a_link_of_a_preview_does_nothing_and_says_so(browser, message, make, answers):
    path = path_of(make, 0)

    assert "preview or a test" in browser.get(path).content.decode()
    told = browser.post(path, answers)

    assert (told.status_code, "Nothing was changed" in told.content.decode()) == (200, True)
    assert not Suppression.objects.exists()
    assert not Touch.objects.exists()
    assert not Preference.objects.exists()
