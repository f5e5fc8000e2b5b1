"""The workers' entry points for people's accounts."""

from celery import shared_task

from tenants import lockout, mail
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.idempotency import purge_answers


@shared_task
def send_account_mail() -> None:
    """Send what waits."""
    mail.send_waiting()


@shared_task
def sweep_accounts() -> None:
    """Send what nobody was told of, and forget what has served its time."""
    mail.send_waiting()
    mail.forget_sent()
    lockout.forget_old_failures()


@shared_task
def forget_answers() -> None:
    """Delete the answers to POSTs that nobody is given again."""
    for_every_tenant(lambda tenant: purge_answers(), reason="answers past their day")
