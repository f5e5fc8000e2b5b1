"""Where a bulk operation's file lies, dealt into partitions, until it is applied.

It is full of people: its folder is nobody else's, and goes with the part or after a week.
"""

import errno
import shutil
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from tenants.shopify import http
from tenants.shopify.errors import ShopifyError
from webhooks.backfill.models import SyncPart
from webhooks.backfill.partitions import deal

READY = "ready"
LONGEST_SECONDS = 7 * 24 * 3600  # then Shopify's own file is gone too
FULL = (errno.ENOSPC, errno.EDQUOT)


class NoRoom(ShopifyError):
    """The disk is full; what was written of the file is gone again."""

    code = "disk_full"
    status = 503
    message = "The server has no room for what Shopify sends. The sync goes on when it has."
    retryable = True


def folder_of(part: SyncPart) -> Path:
    """The part's folder; named by the operation, so that a new one begins with none."""
    return settings.XENO_HOME / "sync" / f"{part.tenant_id}-{part.pk}-{part.operation_id}"


def fetch(part: SyncPart, url: str) -> Path:
    """The folder with the file in partitions; fetched when it is not here, or not whole.

    Raises ShopifyUnreachable when the file breaks off, NoRoom when the disk is full.
    """
    folder = folder_of(part)
    if not (folder / READY).exists():
        shutil.rmtree(folder, ignore_errors=True)
        try:
            fill(folder, url, part.partitions)
        except OSError as error:
            if error.errno not in FULL:
                raise
            shutil.rmtree(folder, ignore_errors=True)
            raise NoRoom from error
    return folder


def fill(folder: Path, url: str, partitions: int) -> None:
    """Make the folder, and say that it is ready when the last line lies in it."""
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    deal(http.read_lines(url), folder, partitions)
    (folder / READY).touch()


def remove(part: SyncPart) -> None:
    """Take the part's file away."""
    shutil.rmtree(folder_of(part), ignore_errors=True)


def remove_old() -> None:
    """Take away what a part left behind that never ended on this machine."""
    root = settings.XENO_HOME / "sync"
    for folder in root.iterdir() if root.exists() else ():
        with suppress(FileNotFoundError):  # another worker was faster
            if time.time() - folder.stat().st_mtime > LONGEST_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
