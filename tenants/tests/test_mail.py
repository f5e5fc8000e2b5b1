"""Mail about accounts: queued in the transaction, sent once, tried again, given up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from socket import socket
from uuid import uuid4

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail as outbox_of
from django.db import connection, transaction
from django.utils import timezone

from tenants import mail, tasks
from tenants.letters import WRITERS
from tenants.links import CONFIRMATION, RESET
from tenants.mail import MOST_ATTEMPTS, queue_mail, send_waiting
from tenants.models import AccountMail, Invitation, SignInFailure, User

KINDS = AccountMail.Kind


class Mailbox:
    """A mail server's handler; it refuses whom it is told to."""

    def __init__(self):
        self.letters, self.refuse = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuse:
            return "450 4.2.1 Not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def smtp(settings):
    """A real mail server on loopback."""
    box = Mailbox()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    server.stop()


@pytest.fixture
def invitation(anas_store, ana):
    return Invitation.objects.create(
        tenant=anas_store, email="dee@example.com", role="author", invited_by=ana,
        expires_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip


def test_f094_every_kind_arrives_and_leads_to_our_own_address(ana, invitation, smtp, settings):
    settings.PUBLIC_URL = "https://crm.example.com"
    for kind in KINDS:
        of = {"invitation": invitation} if kind == KINDS.INVITATION else {"user": ana}
        queue_mail(kind=kind, **of)

    assert send_waiting() == len(KINDS)

    letters = {letter["Subject"]: letter for letter in smtp.letters}
    assert len(letters) == len(KINDS) == len(WRITERS)
    for letter in letters.values():
        assert "https://crm.example.com/" in letter.get_content()
        assert letter["Auto-Submitted"] == "auto-generated"
    assert letters["Join the team of ana.myshopify.com"]["To"] == "dee@example.com"
    [token] = tokens_in(letters["Choose a new password"], "reset")
    assert RESET.find_user(token) == ana
    [token] = tokens_in(letters["Confirm your e-mail address"], "confirm")
    assert CONFIRMATION.find_user(token) == ana
    assert AccountMail.objects.filter(sent_at=None).count() == 0


def tokens_in(letter, page):
    words = letter.get_content().split()
    start = f"https://crm.example.com/account/{page}/"
    return [word.removeprefix(start) for word in words if word.startswith(start)]


@pytest.mark.parametrize("host", ["evil.example.com", "testserver"])
def test_f094_the_host_of_a_request_is_in_no_mail(api, ana, smtp, settings, host):
    settings.ALLOWED_HOSTS = ["*"]  # even so
    sent = {"Host": host, "X-Forwarded-Host": "evil.example.com", "Origin": "http://evil.example"}
    api.post("/auth/password/reset", {"email": "ana@example.com"}, headers=sent)
    api.post(
        "/auth/signup", {"email": "dee@example.com", "password": "a lamp, a river"}, headers=sent
    )

    send_waiting()

    assert len(smtp.letters) == 2
    for letter in smtp.letters:
        assert "evil" not in letter.as_string()
        assert settings.PUBLIC_URL in letter.get_content()


def test_a_mail_that_is_refused_comes_again_later_and_later_and_is_given_up(ana, smtp):
    smtp.refuse = {"ana@example.com"}
    queue_mail(kind=KINDS.PASSWORD_CHANGED, user=ana)
    now, tried = timezone.now(), []
    for minute in range(400):
        with time_machine.travel(now + timedelta(minutes=minute, seconds=1), tick=False):
            before = AccountMail.objects.get().attempts
            send_waiting()
            if AccountMail.objects.get().attempts > before:
                tried.append(minute)

    assert tried == [2**n - 1 for n in range(MOST_ATTEMPTS)]
    assert AccountMail.objects.get().sent_at is None  # the row stays, for who asks why


def test_a_mail_goes_out_as_soon_as_the_server_is_back(ana, ben, smtp):
    smtp.refuse = {"ana@example.com"}
    for user in (ana, ben):
        queue_mail(kind=KINDS.PASSWORD_CHANGED, user=user)
    assert send_waiting() == 1  # one who is refused holds nobody else up

    smtp.refuse = set()

    assert send_waiting() == 0  # not at once
    with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1)):
        assert send_waiting() == 1
        assert send_waiting() == 0
    assert [letter["To"] for letter in smtp.letters] == ["ben@example.com", "ana@example.com"]


def test_a_server_that_is_away_is_waited_for(ana, settings, smtp):
    settings.EMAIL_PORT = 1
    queue_mail(kind=KINDS.PASSWORD_CHANGED, user=ana)

    assert send_waiting() == 0

    assert (AccountMail.objects.get().attempts, AccountMail.objects.get().sent_at) == (1, None)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends_it_outside_of_any_transaction(ana, monkeypatch):
    inside = []
    monkeypatch.setattr(
        "django.core.mail.EmailMessage.send",
        lambda self: inside.append((self.to, connection.in_atomic_block)),
    )
    for _ in range(5):
        AccountMail.objects.create(kind=KINDS.PASSWORD_CHANGED, user=ana)

    def work(_):
        try:
            return send_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 5
    assert inside == [(["ana@example.com"], False)] * 5


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_queued_with_its_reason_or_not_at_all(ana, monkeypatch):
    told = []
    monkeypatch.setattr(tasks.send_account_mail, "apply_async", lambda **how: told.append(how))

    with transaction.atomic():
        queue_mail(kind=KINDS.PASSWORD_CHANGED, user=ana)
        transaction.set_rollback(True)
    assert (AccountMail.objects.count(), told) == (0, [])

    with transaction.atomic():
        queue_mail(kind=KINDS.PASSWORD_CHANGED, user=ana)
        assert told == []
    assert (AccountMail.objects.count(), len(told)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_redis_the_mail_waits_for_the_sweep(ana, monkeypatch):
    def away(**how):
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.send_account_mail, "apply_async", away)
    queue_mail(kind=KINDS.PASSWORD_CHANGED, user=ana)

    tasks.sweep_accounts()

    assert len(outbox_of.outbox) == 1


def stale_after(ana, invitation):
    """What makes a mail pointless, by its kind."""
    ana.email_confirmed_at = timezone.now()
    yield KINDS.CONFIRM_ADDRESS, ana, ana
    ana.is_active = False
    yield KINDS.RESET_PASSWORD, ana, ana
    invitation.expires_at = timezone.now()
    yield KINDS.INVITATION, invitation, invitation


def test_what_has_become_pointless_is_not_sent(ana, invitation):
    for kind, of, changed in stale_after(ana, invitation):
        queue_mail(kind=kind, **{"invitation" if of is invitation else "user": of})
        changed.save()

        assert send_waiting() == 0, kind
        assert not AccountMail.objects.exists(), kind


def test_an_invitation_that_was_sent_anew_is_mailed_once(invitation):
    queue_mail(kind=KINDS.INVITATION, invitation=invitation)
    Invitation.objects.filter(pk=invitation.pk).update(nonce=uuid4())
    queue_mail(kind=KINDS.INVITATION, invitation=invitation)

    assert send_waiting() == 1


def test_nobody_writes_words_of_theirs_into_our_mail(api, smtp):
    name = "Win at http://evil.example now"
    api.post(
        "/auth/signup", {"email": "dee@example.com", "password": "a lamp, a river", "name": name}
    )

    send_waiting()

    assert "evil" not in smtp.letters[0].as_string()


def test_the_sweep_forgets_what_has_served_its_time(ana):
    old = timezone.now() - mail.KEPT_FOR - timedelta(days=1)
    AccountMail.objects.create(kind=KINDS.PASSWORD_CHANGED, user=ana, created_at=old, sent_at=old)
    AccountMail.objects.create(kind=KINDS.PASSWORD_CHANGED, user=ana, sent_at=timezone.now())
    SignInFailure.objects.create(account_hash="x", failed_at=timezone.now() - timedelta(hours=1))
    SignInFailure.objects.create(account_hash="y")

    tasks.sweep_accounts()

    assert AccountMail.objects.count() == 1
    assert SignInFailure.objects.get().account_hash == "y"
    assert User.objects.filter(pk=ana.pk).exists()
