"""Mail of the install to people about their accounts: queued as rows, sent by a worker.

A row is claimed and its attempt counted before the mail is handed over, outside of any
transaction; until it is sent it comes again, later and later, and after MOST_ATTEMPTS it is left.
"""

import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from tenants.letters import Letter, find_letter
from tenants.models import AccountMail, Invitation, User
from xeno.lib.logs import trouble

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
MOST_PER_HOUR = 3  # of what anybody may ask for, by kind and user
FIRST_PAUSE = timedelta(minutes=1)  # and twice as long after each attempt
LONGEST_TURN = 120  # seconds: a mail server that hangs must not hold a worker until it is killed
KEPT_FOR = timedelta(days=30)


def queue_mail(
    *, kind: AccountMail.Kind, user: User | None = None, invitation: Invitation | None = None
) -> None:
    """Have a mail sent once the open transaction is committed."""
    AccountMail.objects.create(kind=kind, user=user, invitation=invitation)
    wake_after_commit()


# One statement for an address that has an account and for one that has not.
QUEUE_FEW = """
INSERT INTO tenants_accountmail (kind, user_id, attempts)
SELECT %(kind)s, u.id, 0 FROM tenants_user u
WHERE u.email = %(email)s AND u.is_active
  AND (u.email_confirmed_at IS NULL OR %(kind)s <> 'confirm_address')
  AND %(most)s > (
    SELECT count(*) FROM tenants_accountmail m
    WHERE m.user_id = u.id AND m.kind = %(kind)s AND m.created_at > now() - interval '1 hour'
  )
"""


def queue_few(*, kind: AccountMail.Kind, email: str) -> None:
    """Have a mail sent that anybody may ask for, if such a user wants it: a mailbox is not
    flooded. Whether one was queued is told neither by the answer nor by the work."""
    wanted: dict[str, str | int] = {
        "kind": kind.value,
        "email": email.strip().lower(),
        "most": MOST_PER_HOUR,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE_FEW, wanted)
    wake_after_commit()


def wake_after_commit() -> None:
    """Have a worker look at the queue soon; the sweep does when Redis does not take it."""
    transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Queue the task that sends what waits."""
    from tenants.tasks import send_account_mail

    try:
        send_account_mail.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        log.warning("mail_nudge_not_sent", error=type(error).__name__)


def send_waiting() -> int:
    """Send what is due, for one turn; how many were sent."""
    sent, end = 0, time.monotonic() + LONGEST_TURN
    while time.monotonic() < end and (mail := claim()) is not None:
        sent += send(mail)
    return sent


@transaction.atomic
def claim() -> AccountMail | None:
    """The mail that is due longest, with its attempt counted; nobody else gets it meanwhile."""
    due = AccountMail.objects.filter(
        sent_at=None, next_at__lte=timezone.now(), attempts__lt=MOST_ATTEMPTS
    )
    mail = due.order_by("next_at").select_for_update(skip_locked=True).first()
    if mail is None:
        return None
    mail.next_at = timezone.now() + FIRST_PAUSE * 2**mail.attempts
    mail.attempts += 1
    mail.save(update_fields=["attempts", "next_at"])
    return mail


def send(mail: AccountMail) -> bool:
    """Hand the mail over; False when that failed, or when there is nothing to say any more."""
    try:
        letter = find_letter(mail)
        if letter is None:
            mail.delete()
            return False
        message_of(mail, letter).send()
    except Exception as error:
        given_up = mail.attempts >= MOST_ATTEMPTS
        log.warning("mail_not_sent", mail_id=mail.pk, given_up=given_up, **trouble(error))
        return False
    AccountMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    return True


def message_of(mail: AccountMail, letter: Letter) -> EmailMessage:
    """The mail as it is handed over; its id is the row's, so that a second one is known as it."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        headers={
            "Message-ID": f"<account-{mail.pk}-{mail.created_at:%Y%m%d%H%M%S}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def forget_sent() -> None:
    """Mails that were sent, or given up, long ago are not kept."""
    AccountMail.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
