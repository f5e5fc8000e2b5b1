"""Receipts of erasures: proof without personal data, in a table and in a ledger beside it.

The ledger is a file, because a backup that is restored brings an older table with it.
"""

import hashlib
import hmac
import json
import os
from datetime import datetime
from pathlib import Path

import psycopg
import structlog
from django.conf import settings
from django.utils import timezone

from webhooks.inbox import LOST, InboxUnavailable, raw_connection
from webhooks.privacy.models import ErasureReceipt
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

Receipts = dict[str, datetime]  # when, by the hash of whom


def hashes_of(shop_domain: str, customer_id: int | None = None) -> list[str]:
    """The keyed hashes of a store or of its customer: the one to write, and those by older keys.

    Without the key nobody can try out ids. One that was dropped still finds what it wrote, as
    long as it is among `RECEIPT_KEYS`: a hash cannot be encrypted anew.
    """
    subject = f"{shop_domain}/{'' if customer_id is None else customer_id}".encode()
    keys = [*settings.ENCRYPTION_KEYS, *settings.RECEIPT_KEYS]
    return [hmac.digest(key.encode(), b"erased:" + subject, hashlib.sha256).hex() for key in keys]


def save_receipt(*, shop_domain: str, customer_id: int | None = None) -> None:
    """Note the erasure, in the caller's transaction and before it in the ledger."""
    subject = hashes_of(shop_domain, customer_id)[0]
    append_to_ledger(subject, timezone.now())
    run(
        "INSERT INTO webhooks_erasurereceipt (subject_hash) VALUES (%s)"
        " ON CONFLICT (subject_hash) DO UPDATE SET done_at = excluded.done_at",
        [subject],
    )


def find_receipt(*, shop_domain: str, customer_id: int) -> str | None:
    """The receipt of a customer's erasure."""
    hashes = hashes_of(shop_domain, customer_id)
    found = ErasureReceipt.objects.filter(subject_hash__in=hashes).order_by("-done_at")
    return found.values_list("subject_hash", flat=True).first()


def is_store_erased(shop_domain: str) -> bool:
    """Whether this store was erased; asked at the door, by the pool's connection."""
    try:
        with raw_connection() as raw, psycopg.Cursor(raw) as cursor:
            cursor.execute(
                "SELECT 1 FROM webhooks_erasurereceipt WHERE subject_hash = ANY(%s)",
                [hashes_of(shop_domain)],
            )
            return cursor.fetchone() is not None
    except LOST as error:
        raise InboxUnavailable from error


def ledger_path() -> Path:
    """Where the ledger lies."""
    home: Path = settings.XENO_HOME
    return home / "erasures.jsonl"


def append_to_ledger(subject: str, done_at: datetime) -> None:
    """Add a line; an erasure does not wait for a disk that takes none."""
    line = json.dumps({"erased": subject, "at": done_at.isoformat()}) + "\n"
    try:
        ledger_path().parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(ledger_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w"
        ) as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.error("erasure_ledger_not_written", error=type(error).__name__)


def read_ledger(path: Path) -> Receipts:
    """The receipts of a ledger; a line that a crash cut off is passed over."""
    found: Receipts = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            subject, done_at = str(told["erased"]), datetime.fromisoformat(told["at"])
        except (ValueError, KeyError, TypeError):
            continue
        found[subject] = max(done_at, found.get(subject, done_at))
    return found


def read_receipts() -> Receipts:
    """The receipts of the table."""
    return dict(ErasureReceipt.objects.values_list("subject_hash", "done_at"))
