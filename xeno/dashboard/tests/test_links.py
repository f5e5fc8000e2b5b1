"""The pages that mailed links lead to: rows 93 and 94 of the faults."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from conftest import PASSWORD
from tenants.invitation_links import make_token
from tenants.links import CONFIRMATION, RESET
from tenants.mail import send_waiting
from tenants.models import AccountMail, Invitation, SignIn, User
from tests.visits import browser_of

pytestmark = pytest.mark.django_db
NEW = "a quite different sentence"
NEW_TWICE = {"new_password": NEW, "again": NEW}
FORGED = ["1-forged", "x", "-", ":::", "A" * 500, "9" * 99 + "-a-b"]
JOIN = {"name": "Nora", **NEW_TWICE}


def link_of(page, user):
    """The link that is mailed to the user for this page."""
    return f"/account/{page}/{(RESET if page == 'reset' else CONFIRMATION).pack(user)}"


@pytest.fixture
def invited(anas_store, ana):
    """Somebody's open invitation to Ana's store."""

    def invite(email="nora@example.com"):
        return Invitation.objects.create(
            tenant=anas_store, email=email, role="analyst", invited_by=ana,
            expires_at=timezone.now() + timedelta(days=7),
        )  # fmt: skip

    return invite


def page_of(invitation):
    return f"/account/invitation/{make_token(invitation)}"


# --- The same for every link ----------------------------------------------------------------


@pytest.mark.parametrize("page", ["reset", "confirm", "invitation"])
def test_f094_a_token_leaks_into_no_cache_referer_or_log(page, client, ana, invited, caplog):
    live = page_of(invited()) if page == "invitation" else link_of(page, ana)
    for link in (live, f"/account/{page}/1-forged"):
        response = client.get(link)

        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in response.headers["Cache-Control"]
    assert response.status_code == 400
    assert "1-forged" not in caplog.text


@pytest.mark.parametrize(
    "token", ["1-forged", "x", "-", ":::", "A" * 500, "9" * 99 + "-a-b"], ids=len
)
@pytest.mark.parametrize("page", ["reset", "confirm", "invitation"])
def test_f094_a_forged_link_says_what_to_do(page, token, client, db):
    for method in (client.get, client.post):
        response = method(f"/account/{page}/{token}")

        assert response.status_code == 400
        assert "This link is no longer good" in response.text


def test_f094_a_scanner_that_follows_links_uses_none_up(client, ana, invited):
    invitation = invited()
    links = [link_of("reset", ana), link_of("confirm", ana), page_of(invitation)]

    for link in links * 2:
        assert client.get(link).status_code == client.head(link).status_code == 200

    ana.refresh_from_db()
    invitation.refresh_from_db()
    assert (ana.email_confirmed_at, invitation.accepted_at) == (None, None)
    assert ana.check_password(PASSWORD)


@pytest.mark.parametrize("page", ["reset", "confirm", "invitation"])
def test_f093_a_forged_form_uses_no_link(page, ana, invited):
    client = Client(enforce_csrf_checks=True)
    link = page_of(invited()) if page == "invitation" else link_of(page, ana)

    assert client.post(link, JOIN).status_code == 403


@pytest.mark.parametrize(("page", "days"), [("reset", 0.05), ("confirm", 3.1), ("invitation", 8)])
def test_f094_a_link_grows_old(page, days, client, ana, invited):
    link = page_of(invited()) if page == "invitation" else link_of(page, ana)
    if page == "invitation":
        Invitation.objects.update(expires_at=timezone.now())

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert client.post(link, JOIN).status_code == 400


# --- A forgotten password -------------------------------------------------------------------


def test_f094_the_link_is_the_installs_whatever_host_was_asked(client, ana, settings, mailoutbox):
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], "https://crm.example.com"

    client.post("/account/reset", {"email": "ANA@example.com"}, headers={"Host": "evil.test"})
    send_waiting()

    (mail,) = mailoutbox
    (link,) = [word for word in mail.body.split() if "/reset/" in word]
    assert link.startswith("https://crm.example.com/account/reset/")
    assert "evil.test" not in mail.body
    assert client.get(urlsplit(link).path).status_code == 200


def test_f094_asking_tells_nobody_who_has_an_account(client, ana):
    known, unknown = (
        client.post("/account/reset", {"email": email}).text.replace(email, "")
        for email in (ana.email, "nobody@example.com")
    )

    assert known == unknown
    assert AccountMail.objects.get().user == ana


def test_f094_a_reset_ends_every_sign_in_and_the_link(client, ana):
    browser, link = browser_of(ana), link_of("reset", ana)

    response = client.post(link, NEW_TWICE)

    assert response.url == "/admin/login/"
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert browser.get("/account/").status_code == 302
    assert client.post(link, {"new_password": PASSWORD, "again": PASSWORD}).status_code == 400
    assert client.post("/admin/login/", {"username": ana.email, "password": NEW}).url == "/admin/"


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"new_password": "12345678", "again": "12345678"}, "too common"),
     ({"new_password": NEW, "again": "x"}, "The two are not the same.")],
)  # fmt: skip
def test_a_weak_password_leaves_the_link_good(fields, said, client, ana):
    link = link_of("reset", ana)

    assert said in client.post(link, fields).text

    assert client.post(link, NEW_TWICE).url == "/admin/login/"


# --- The address ----------------------------------------------------------------------------


def test_f094_a_button_confirms_the_address_once(client, ana):
    link = link_of("confirm", ana)

    assert "is yours" in client.post(link).text

    ana.refresh_from_db()
    assert ana.email_confirmed_at
    assert client.post(link).status_code == 400
    assert not SignIn.objects.exists()  # a mailbox is no password


# --- An invitation --------------------------------------------------------------------------


def test_who_has_no_account_makes_one_and_is_in(client, invited, anas_store):
    page = page_of(invited())
    shown = client.get(page).text
    for told in ("Ana", "ana.myshopify.com", "analyst", "nora@example.com"):
        assert told in shown

    response = client.post(page, JOIN)

    assert response.url == "/admin/"
    nora = User.objects.get(email="nora@example.com")
    assert (nora.name, nora.email_confirmed_at is None) == ("Nora", False)
    assert nora.memberships.get().role == "analyst"
    assert client.get("/admin/").context["store"] == anas_store


def test_f094_an_invitation_is_good_once(client, invited):
    page = page_of(invited())
    client.post(page, JOIN)

    assert Client().post(page, {**JOIN, "name": "Mallory"}).status_code == 400
    assert not User.objects.filter(name="Mallory").exists()


def test_who_has_an_account_signs_in_and_accepts(client, invited, cy, anas_store):
    User.objects.filter(pk=cy.pk).update(email_confirmed_at=timezone.now())
    page = page_of(invited(cy.email))
    assert f"/admin/login/?next={page}" in client.get(page).text

    response = client.post(
        "/admin/login/", {"username": cy.email, "password": PASSWORD, "next": page}
    )
    assert response.url == page
    assert client.post(page).url == "/admin/"

    assert client.get("/admin/").context["store"] == anas_store


@pytest.mark.parametrize("who", ["nobody", "another", "unconfirmed"])
def test_f095_an_invitation_opens_for_its_own_address_alone(who, invited, cy, ben):
    page = page_of(invited(cy.email))
    person = {"another": ben, "unconfirmed": cy}.get(who)
    client = browser_of(person) if person else Client()

    response = client.post(page, JOIN)

    assert response.status_code == (409 if who == "nobody" else 403)
    assert cy.memberships.count() == 1
    assert ben.memberships.count() == 1
    assert Invitation.objects.get().accepted_at is None


def test_what_the_inviter_wrote_is_shown_and_not_run(client, invited, anas_store, ana):
    evil = "<script>alert(1)</script>"
    type(anas_store).objects.update(name=evil)
    User.objects.update(name=evil)

    assert evil not in client.get(page_of(invited())).text
