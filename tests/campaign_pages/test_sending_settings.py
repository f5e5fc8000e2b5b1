"""The store's rules of sending: read by who sees campaigns, written by who manages the store."""

import pytest

from campaigns.admin.ways_out import NAMES, account_of
from campaigns.models import SendingSettings, SendingState
from campaigns.providers.choosing import provider_of
from tenants.models import AuditEntry
from tests.segment_pages.conftest import browser_of
from xeno.lib.postgres.scope import tenant_scope

PAGE = "/admin/sending-settings/"
SERVER = "smtp+tls://hidden-user:hidden-word@mail.example.com:587"
FORM = {
    "way": "", "per_minute": "", "postal_address": "1 Harbour Street\r\nYork",
    "cap_messages": "2", "cap_hours": "48", "quiet_from": "21:00", "quiet_until": "08:00",
    "require_approval": "on", "track_opens": "on", "click_days": "7", "open_days": "3",
    "smtp_host": "", "smtp_port": "587", "smtp_security": "starttls",
}  # fmt: skip
TYPED = {"way": "smtp", "smtp_host": "mail.example.com", "smtp_username": "hidden-user",
         "smtp_password": "hidden-word"}  # fmt: skip


@pytest.fixture
def rules(anas_store):
    """Reads the store's row as it is by now, or makes it what is told."""

    def rules(**told):
        with tenant_scope(anas_store.pk):
            if told:
                SendingSettings.objects.update_or_create(defaults=told)
            return SendingSettings.objects.first()

    return rules


def errors_of(answer):
    assert answer.status_code == 200
    return answer.context["form"].errors


def test_who_sees_campaigns_reads_the_settings_and_is_offered_no_change(bens, rules):
    rules(postal_address="1 Harbour Street", provider="smtp", credentials=SERVER)

    shown = bens.get(PAGE).text

    assert "1 Harbour Street" in shown
    assert "Manage the store" in shown
    assert ">Save<" not in shown
    assert "mail.example.com" not in shown
    assert f'href="{PAGE}"' in shown  # the menu's


def test_who_sees_no_campaigns_is_told_which_right_is_missing(anas_store):
    sams = browser_of(anas_store, "support")

    refused = sams.get(PAGE)

    assert refused.status_code == 403
    assert "View campaigns" in refused.text
    assert f'href="{PAGE}"' not in sams.get("/admin/").text


def test_who_does_not_manage_the_store_changes_nothing(mays, rules):
    rules(cap_hours=16)

    refused = mays.post(PAGE, FORM)

    assert refused.status_code == 403
    assert "Manage the store" in refused.text
    assert rules().cap_hours == 16


def test_who_manages_the_store_changes_every_rule(anas, anas_store, rules):
    done = anas.post(PAGE, FORM | {"per_minute": "600"}, follow=True)

    found = rules()
    assert "The settings are saved." in done.text
    assert found.postal_address == "1 Harbour Street\nYork"
    assert (found.cap_messages, found.cap_hours, found.per_minute) == (2, 48, 600)
    assert (f"{found.quiet_from}", f"{found.quiet_until}") == ("21:00:00", "08:00:00")
    assert (found.require_approval, found.track_opens, found.track_clicks) == (True, True, False)
    assert (found.click_days, found.open_days) == (7, 3)
    with tenant_scope(anas_store.pk):
        entry = AuditEntry.objects.filter(action="sending_settings.changed").latest("pk")
    assert {"cap_hours", "require_approval"} <= set(entry.fields)


def test_every_provider_can_be_chosen_with_what_it_asks_for(anas, anas_store, rules):
    accounts = {esp: dict.fromkeys(account_of(esp), "hidden-word") for esp in NAMES}
    wanted = {"smtp": TYPED, "mailbox": {}, "console": {}, **accounts}

    for way, account in wanted.items():
        assert anas.post(PAGE, FORM | account | {"way": way}).status_code == 302, way
        with tenant_scope(anas_store.pk):
            provider = provider_of(anas_store)
        assert provider.name == ("anymail" if way in NAMES else way)
        assert getattr(provider, "esp", way) == way


def test_an_account_is_shown_nowhere_and_kept_when_nothing_is_typed(anas, rules):
    anas.post(PAGE, FORM | TYPED)
    kept = rules().credentials

    wrong = anas.post(PAGE, FORM | TYPED | {"cap_messages": "0"})
    pages = (wrong, anas.get(PAGE))
    anas.post(PAGE, FORM | {"way": "smtp", "smtp_host": "mail.example.com", "cap_hours": "5"})

    assert kept == SERVER
    assert (rules().credentials, rules().cap_hours) == (kept, 5)
    for page in pages:
        assert "hidden-" not in page.text
        assert "mail.example.com" in page.text


def test_a_stored_password_is_not_brought_to_another_server(anas, rules):
    rules(provider="smtp", credentials=SERVER)

    moved = anas.post(PAGE, FORM | {"way": "smtp", "smtp_host": "mail.evil.example"})

    assert "again" in str(errors_of(moved)["smtp_username"])
    assert rules().credentials == SERVER


@pytest.mark.parametrize("host", ["10.0.0.5", "127.1", "localhost", "mail.internal", "::1"])
def test_a_private_mail_server_is_refused_in_words_beside_its_host(anas, rules, settings, host):
    settings.SMTP_PRIVATE_HOSTS = False

    refused = anas.post(PAGE, FORM | TYPED | {"smtp_host": host})

    assert "within a private network" in str(errors_of(refused)["smtp_host"])
    assert rules() is None


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"quiet_until": ""}, "quiet_until", "or neither"),
        ({"cap_messages": "0"}, "cap_messages", "from 1 to 1,000"),
        ({"per_minute": "many"}, "per_minute", "or leave it empty"),
        ({"way": "smtp"}, "smtp_host", "such as smtp.example.com"),
        ({"way": "smtp", "smtp_host": "smtp://a b"}, "smtp_host", "the host alone"),
        (TYPED | {"smtp_password": ""}, "smtp_password", "or neither"),
        ({"way": "postmark"}, "postmark_server_token", "Postmark shows you"),
        ({"way": "mailgun", "mailgun_api_key": "x"}, "mailgun_sender_domain", "this too"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(anas, rules, wrong, field, words):
    refused = anas.post(PAGE, FORM | wrong)

    assert list(errors_of(refused)) == [field]
    assert words in str(errors_of(refused)[field])
    assert rules() is None or not rules().credentials


def test_whoever_saves_second_overwrites_nobody_unasked(anas, rules):
    version = anas.get(PAGE).context["form"].version
    rules(cap_hours=99)

    refused = anas.post(PAGE, FORM | {"version": version})

    assert "Somebody else changed" in str(errors_of(refused))
    assert rules().cap_hours == 99


def test_what_the_install_does_takes_the_stores_account_away(anas, rules):
    rules(provider="smtp", credentials=SERVER)

    anas.post(PAGE, FORM)

    assert (rules().provider, rules().credentials) == ("", "")


def test_a_provider_that_takes_nothing_is_told_with_what_to_do(anas, anas_store):
    SendingState.objects.create(tenant=anas_store, failures=2, trouble="private_host")

    assert "name one that the public internet reaches" in anas.get(PAGE).text
