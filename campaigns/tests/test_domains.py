"""A sender's domain, asked of a real name server on loopback."""

import socketserver
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.contrib.admin import site

from campaigns.admin.senders import SenderAdmin
from campaigns.domains import ask_again, check_senders, has_due, make_resolver, save_records
from campaigns.models import Sender

GOOD = {
    "shop.example.": ["v=spf1 include:mail.example ~all", "google-site-verification=1"],
    "s1._domainkey.shop.example.": ["v=DKIM1; k=rsa; p=MIGf" + "A" * 300],
    "_dmarc.shop.example.": ["v=DMARC1; p=none"],
}


class Names(socketserver.BaseRequestHandler):
    """Answers TXT questions from the server's table; NXDOMAIN for every other name."""

    def handle(self):
        raw, channel = self.request
        question = dns.message.from_wire(raw)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = question.question[0].name.to_text()
        texts = self.server.texts.get(name)
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [" ".join(f'"{t[i : i + 200]}"' for i in range(0, len(t), 200)) for t in texts]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        channel.sendto(answer.to_wire(), self.client_address)


@contextmanager
def serving(texts):
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Names) as server:
        server.texts = texts
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield "{}:{}".format(*server.server_address)
        finally:
            server.shutdown()


@pytest.fixture
def ask(in_anas_store, settings):
    """Look at the one sender with these records in the DNS; gives it."""
    Sender.objects.create(name="Ana", email="ana@shop.example", dkim_selector="s1")

    def look(texts) -> Sender:
        with serving(texts) as server:
            settings.DNS_SERVERS = [server]
            Sender.objects.update(checked_at=None)
            check_senders(tenant=in_anas_store)
        return Sender.objects.get()

    return look


def test_with_all_three_records_it_is_verified(ask):
    found = ask(GOOD)

    assert {name: record["ok"] for name, record in found.records.items()} == {
        "spf": True,
        "dkim": True,
        "dmarc": True,
    }
    assert found.verified_at
    assert found.records["dkim"]["found"].startswith("v=DKIM1")


@pytest.mark.parametrize(
    ("name", "texts", "record", "advice"),
    [
        ("shop.example.", None, "spf", "Publish the SPF"),
        ("shop.example.", ["v=spf1 -all", "v=spf1 ~all"], "spf", "two SPF"),
        ("shop.example.", ["v=spf1 +all"], "spf", "lets anybody send"),
        ("s1._domainkey.shop.example.", None, "dkim", "Publish the DKIM"),
        ("s1._domainkey.shop.example.", ["v=DKIM1; p="], "dkim", "withdrawn"),
        ("_dmarc.shop.example.", None, "dmarc", "Publish a DMARC"),
        ("_dmarc.shop.example.", ["v=DMARC1; rua=mailto:a@b"], "dmarc", "no policy"),
    ],
)
def test_what_is_missing_is_said(ask, name, texts, record, advice):
    told = {key: value for key, value in (GOOD | {name: texts}).items() if value is not None}

    found = ask(told)

    assert found.records[record]["ok"] is False
    assert advice in found.records[record]["advice"]
    assert found.verified_at is None


def test_a_record_that_goes_ends_the_verification(ask):
    assert ask(GOOD).verified_at

    assert ask({}).verified_at is None


def test_a_dns_that_is_away_changes_nothing(ask, in_anas_store, settings, monkeypatch):
    before = ask(GOOD)
    monkeypatch.setattr("campaigns.domains.SECONDS", 0.2)
    settings.DNS_SERVERS = ["127.0.0.1:9"]
    Sender.objects.update(checked_at=None)

    assert check_senders(tenant=in_anas_store) == 0

    after = Sender.objects.get()
    assert (after.verified_at, after.records) == (before.verified_at, before.records)


def test_a_sender_is_looked_at_once_a_day(ask, in_anas_store):
    ask(GOOD)

    assert check_senders(tenant=in_anas_store) == 0


def test_who_asks_again_sees_what_is_known_until_the_dns_has_answered(ask, in_anas_store, settings):
    before = ask(GOOD)

    ask_again(tenant=in_anas_store, sender_id=before.pk)

    waiting = Sender.objects.get()
    assert (waiting.checked_at, waiting.verified_at) == (before.checked_at, before.verified_at)
    assert has_due()
    shown = SenderAdmin(Sender, site).checked(waiting)
    assert shown.startswith("checking now; last ")
    with serving(GOOD) as server:
        settings.DNS_SERVERS = [server]
        assert check_senders(tenant=in_anas_store) == 1
    assert Sender.objects.get().checked_at > before.checked_at
    assert not has_due()


def test_what_is_asked_for_while_the_dns_answers_stays_due(ask, in_anas_store):
    asked = ask(GOOD)
    ask_again(tenant=in_anas_store, sender_id=asked.pk)

    save_records(asked, {})  # of a look that began before

    assert has_due()


def test_the_machines_own_resolver_is_the_default(settings):
    settings.DNS_SERVERS = []

    assert make_resolver().nameservers
