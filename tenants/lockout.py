"""Who tried too often to sign in: counted by account and by address, in the database.

An account's failures are counted under a keyed hash of what was typed, whether there is such an
account or not: the answers are the same, and no address of a stranger is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenants.models import SignIn, SignInFailure
from xeno.lib.errors import Mistake

WINDOW = timedelta(minutes=15)
PER_ACCOUNT_AND_ADDRESS = 5
PER_ADDRESS = 50  # one password for many accounts
PER_ACCOUNT = 50  # many addresses for one account


class TooManyAttempts(Mistake):
    """Too many failures of late; the same for an account that does not exist."""

    code = "too_many_attempts"
    status = 429
    message = "Too many failed attempts. Wait some minutes, or reset the password."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class FailedAttempt(Mistake):
    """The base of what counts as a failure: a wrong password, a wrong code."""

    status = 401


@contextmanager
def attempt(*, email: str, address: str | None) -> Iterator[None]:
    """One try to prove who one is: FailedAttempt within it counts, success clears the slate.

    It is written down as failed before it begins, so that a thousand at once are not a thousand
    more; any other end of it takes it back.
    """
    account, network = account_hash(email), network_of(address)
    tried = SignInFailure.objects.create(account_hash=account, address=network)
    try:
        check_not_locked(account, network, email=email, address=address, but=tried.pk)
        yield
    except FailedAttempt:
        raise
    except BaseException:
        tried.delete()
        raise
    SignInFailure.objects.filter(account_hash=account, address=network).delete()


def check_not_locked(
    account: str, network: str | None, *, email: str, address: str | None, but: int
) -> None:
    """Raise TooManyAttempts when one of the three limits is reached."""
    since = timezone.now() - WINDOW
    mine = Q(account_hash=account) | (Q(address=network) if network else Q())
    rows = SignInFailure.objects.filter(mine, failed_at__gt=since).exclude(pk=but)
    failures = list(rows.order_by("-failed_at").values_list("account_hash", "address", "failed_at"))
    of_account = [failure for failure in failures if failure[0] == account]
    waits = [
        wait_for([f[2] for f in of_account if f[1] == network], PER_ACCOUNT_AND_ADDRESS),
        wait_for([f[2] for f in failures if network and f[1] == network], PER_ADDRESS),
    ]
    # From where the account is used, nobody's failures elsewhere lock its person out.
    known = SignIn.objects.filter(
        user__email=email.lower(), address=address, expires_at__gt=timezone.now()
    )
    if not (address and known.exists()):
        waits.append(wait_for([f[2] for f in of_account], PER_ACCOUNT))
    if max(waits):
        raise TooManyAttempts(max(waits))


def wait_for(failed_at: list[datetime], limit: int) -> int:
    """Seconds until there are fewer than `limit`, of these times from the newest on; 0 if so."""
    if len(failed_at) < limit:
        return 0
    return max(ceil((failed_at[limit - 1] + WINDOW - timezone.now()).total_seconds()), 1)


def forget_failures(*, email: str) -> None:
    """The person has shown by their mailbox who they are: the account is free again."""
    SignInFailure.objects.filter(account_hash=account_hash(email)).delete()


def forget_old_failures() -> None:
    """What does not count any more is not kept."""
    SignInFailure.objects.filter(failed_at__lt=timezone.now() - WINDOW).delete()


def account_hash(email: str) -> str:
    """What stands for the account: tells nobody the address that was typed."""
    digest = salted_hmac("tenants.lockout", email.strip().lower(), algorithm="sha256")
    return str(digest.hexdigest())


def network_of(address: str | None) -> str | None:
    """The address, or of IPv6 the /64: one household holds all of it."""
    if address is None or ip_address(address).version == 4:
        return address
    return str(ip_network(f"{address}/64", strict=False).network_address)
