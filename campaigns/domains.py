"""Whether mailboxes can believe a sender's domain: its SPF, DKIM and DMARC records.

SPF (RFC 7208) says who may send for it, DKIM (RFC 6376) signs each message, DMARC (RFC 7489)
says what becomes of mail that neither vouches for. Asked of the DNS by a worker, with a time-out.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers, Resolver

from campaigns.models import Sender
from tenants.models import Tenant

log = structlog.get_logger(__name__)

SECONDS = 3.0  # of one question, with all its repetitions
LONGEST = 500  # characters of a record that are kept
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Record:
    """What was found of one record, and in words what is to be done about it."""

    ok: bool
    found: str = ""
    advice: str = ""


class NoAnswerYet(Exception):
    """The DNS could not be asked; nothing is known, so nothing changes."""


def check_domain(domain: str, *, selector: str, resolver: Resolver) -> dict[str, Record]:
    """The three records of a domain; `selector` is the provider's name of its DKIM key.

    Raises NoAnswerYet when the DNS does not answer.
    """
    return {
        "spf": check_spf(texts_of(resolver, domain)),
        "dkim": check_dkim(resolver, domain, selector),
        "dmarc": check_dmarc(texts_of(resolver, f"_dmarc.{domain}")),
    }


def check_spf(texts: Iterable[str]) -> Record:
    """One record that begins with v=spf1 and ends by refusing others."""
    found = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return Record(False, advice="Publish the SPF record that your provider names.")
    if len(found) > 1:
        return Record(False, found[1][:LONGEST], "There are two SPF records: join them into one.")
    if found[0].lower().split()[-1] in ("+all", "all"):
        return Record(False, found[0][:LONGEST], "It lets anybody send: end it with ~all or -all.")
    return Record(True, found[0][:LONGEST])


def check_dkim(resolver: Resolver, domain: str, selector: str) -> Record:
    """The public key of the selector; an empty key was withdrawn."""
    if not selector:
        return Record(False, advice="Enter the DKIM selector that your provider names.")
    texts = texts_of(resolver, f"{selector}._domainkey.{domain}")
    keys = [text for text in texts if "p=" in text.replace(" ", "")]
    if not keys:
        return Record(False, advice="Publish the DKIM record that your provider names.")
    key = keys[0].replace(" ", "").partition("p=")[2].partition(";")[0]
    if not key:
        return Record(False, keys[0][:LONGEST], "This DKIM key was withdrawn: publish the new one.")
    return Record(True, keys[0][:LONGEST])


def check_dmarc(texts: Iterable[str]) -> Record:
    """A policy, whichever: none only watches, and is where one begins."""
    found = [text for text in texts if text.lower().replace(" ", "").startswith("v=dmarc1")]
    if len(found) != 1:
        advice = "Publish a DMARC record; v=DMARC1; p=none is where to begin."
        return Record(False, advice=advice if not found else "There are two DMARC records.")
    tags = {part.split("=")[0].strip().lower() for part in found[0].split(";")}
    if "p" not in tags:
        return Record(False, found[0][:LONGEST], "The DMARC record names no policy: add p=none.")
    return Record(True, found[0][:LONGEST])


def texts_of(resolver: Resolver, name: str) -> list[str]:
    """The TXT records of a name, each put together from its parts; [] when there are none."""
    try:
        answer = resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, NoNameservers, OSError) as error:
        raise NoAnswerYet from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def make_resolver() -> Resolver:
    """The machine's resolver, or the servers of the setting."""
    if not settings.DNS_SERVERS:
        return Resolver()
    resolver = Resolver(configure=False)
    for server in settings.DNS_SERVERS:
        host, _, port = server.partition(":")
        resolver.nameservers = [*resolver.nameservers, host]
        resolver.nameserver_ports = {**resolver.nameserver_ports, host: int(port or 53)}
    return resolver


def due() -> Q:
    """Senders that were not looked at for a day, or that somebody wants to be."""
    late = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - AGAIN)
    return late | Q(asked_at__isnull=False)


def has_due() -> bool:
    """Whether a sender of the open store waits to be looked at."""
    return bool(Sender.objects.filter(due()).exists())


def check_senders(*, tenant: Tenant, ask: Callable[[], Resolver] = make_resolver) -> int:
    """Look at the senders that are due; how many were.

    No transaction is open while the DNS is asked.
    """
    looked_at = 0
    for sender in list(Sender.objects.filter(due()).order_by("pk")):
        try:
            records = check_domain(
                sender.email.rpartition("@")[2], selector=sender.dkim_selector, resolver=ask()
            )
        except NoAnswerYet:
            log.warning("dns_not_answering", tenant_id=tenant.pk, sender=sender.pk)
            continue
        save_records(sender, records)
        looked_at += 1
    return looked_at


@transaction.atomic
def ask_again(*, tenant: Tenant, sender_id: int) -> None:
    """Have a worker look at the sender's records now; what is known stays until it has."""
    from campaigns.tasks import check_senders as task

    Sender.objects.filter(pk=sender_id).update(asked_at=Now())
    transaction.on_commit(lambda: task.apply_async((tenant.pk,), retry=False), robust=True)


@transaction.atomic
def save_records(sender: Sender, records: dict[str, Record]) -> None:
    """Write what was found of the address that was asked; verified while all of it is there."""
    same = Sender.objects.filter(
        pk=sender.pk, email=sender.email, dkim_selector=sender.dkim_selector
    )
    whole = all(record.ok for record in records.values())
    told = {name: asdict(record) for name, record in records.items()}
    same.update(records=told, checked_at=Now())
    # Asked for again in the meantime, it stays due.
    same.filter(asked_at=sender.asked_at).update(asked_at=None)
    if not whole:
        same.update(verified_at=None)
    else:
        same.filter(verified_at=None).update(verified_at=Now())
