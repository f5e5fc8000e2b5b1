"""Exports: ordered by a person or a key, made by a worker page by page, taken away by who ordered.

A page and its mark are one transaction, so a killed worker's successor goes on behind the last
page. The file is offered when all of it is there, and until it expires.
"""

import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django_filters.rest_framework import FilterSet

from campaigns.models import Campaign
from segments.models import Segment
from tenants.audit import Actor, save_audit, save_reading
from tenants.models import Tenant
from webhooks.files.contents import CONTENTS, Page, read_page
from webhooks.files.models import Export, ExportPiece, State
from xeno.lib.api.filtering import LARGEST_ID
from xeno.lib.errors import Mistake
from xeno.lib.sheets import MOST_ROWS_OF_XLSX, csv_text, write_xlsx, xlsx_text

PAGE = 2_000  # rows of one piece
OPEN_MOST = 10  # exports that one store may have in line
COUNTED_MOST = 10_000_000
NAMING = {"email", "search"}  # filters that may hold a person's own words


class ExportNotValid(Mistake):
    """An export was asked for that cannot be."""

    code = "export_not_valid"
    message = "This export cannot be made."


class TooManyExports(Mistake):
    """A store has enough of them in line."""

    code = "too_many_exports"
    status = 429
    message = f"{OPEN_MOST} exports of this store are being made. Wait for one of them."
    retry_after = 30


class ExportNotReady(Mistake):
    """The file is not whole yet, or never will be."""

    code = "export_not_ready"
    status = 409
    message = "This export is not ready."


class ExportGone(Mistake):
    """The file was removed: its time is over, or somebody in it was erased."""

    code = "export_gone"
    status = 404
    message = "This file has been removed. Make the export again."


class NoSpace(Mistake):
    """There is no room to put the file together."""

    code = "no_space"
    status = 503
    message = "The server has no room for this file just now. Try again later."
    retryable = True
    retry_after = 60


@transaction.atomic
def start_export(
    *,
    actor: Actor,
    tenant: Tenant,
    kind: str,
    format: str,
    filters: Mapping[str, str] | None = None,
    segment: Segment | None = None,
    campaign: Campaign | None = None,
) -> Export:
    """Put an export in line; the caller has asked for the rights of `contents.rights_of`.

    Raises ExportNotValid, TooManyExports.
    """
    check(kind, filters or {}, segment, campaign)
    if Export.objects.filter(state=State.RUNNING).count() >= OPEN_MOST:
        raise TooManyExports
    export: Export = Export.objects.create(
        kind=kind,
        format=format,
        filters=dict(filters or {}),
        segment=segment,
        campaign=campaign,
        user=actor.user,
        key=actor.key,
    )
    export.refresh_from_db()
    save_audit(actor=actor, action="export.ordered", target=export, fields=[kind, *export.filters])
    tell_worker(tenant)
    return export


def check(
    kind: str, filters: Mapping[str, str], segment: Segment | None, campaign: Campaign | None
) -> None:
    """Raise ExportNotValid for what does not fit together."""
    content = CONTENTS[kind]
    if segment is not None and kind != Export.Kind.CUSTOMERS:
        raise ExportNotValid("Only customers can be those of a segment.", field="segment")
    if content.of_campaign != (campaign is not None):
        words = "Name the campaign." if content.of_campaign else "This is not about a campaign."
        raise ExportNotValid(words, field="campaign")
    if not filters:
        return
    filter_set = content.filters or FilterSet
    for name, value in filters.items():
        if name not in filter_set.base_filters or not value.strip():
            raise ExportNotValid(f"There is no such filter, or no value: {name}.", field="filters")
    chosen = filter_set(filters, content.model.objects.none())
    if not chosen.form.is_valid():
        name, words = next(iter(chosen.form.errors.items()))
        raise ExportNotValid(f"{name}: {' '.join(words)}", field="filters")


def tell_worker(tenant: Tenant) -> None:
    """Queue a turn after the commit; without Redis the sweep finds the row."""
    from webhooks.files.tasks import make_exports

    transaction.on_commit(lambda: make_exports.delay(tenant.pk), robust=True)


# --- The worker's part --------------------------------------------------------------------------


@transaction.atomic
def step(tenant: Tenant, pk: int) -> bool:
    """Write the next page; False when nothing more is to be done."""
    # Locked: an erasure waits for this page, and takes it away.
    export: Export | None = Export.objects.select_for_update().filter(pk=pk).first()
    if export is None or export.state != State.RUNNING:
        return False
    if export.total is None:
        begin(tenant, export)
    page = read_page(tenant, export, PAGE)
    if page.ids:
        keep(export, page)
        note_readers(export, page)
    if len(page.ids) < PAGE:
        finish(export)
        return False
    return True


def begin(tenant: Tenant, export: Export) -> None:
    """Count what will be written, and write the headers."""
    content = CONTENTS[export.kind]
    count = content.find(export).order_by().values("pk")[:COUNTED_MOST].count()
    export.total = count
    Export.objects.filter(pk=export.pk).update(total=count)
    put(export, 0, [content.headers])


def keep(export: Export, page: Page) -> None:
    """Put a page beside the others, and move the mark."""
    put(export, page.ids[-1], page.rows)
    export.mark, export.done = page.ids[-1], export.done + len(page.ids)
    if export.format == Export.Format.XLSX and export.done > MOST_ROWS_OF_XLSX:
        raise ExportNotValid("An Excel sheet has no more rows: export as CSV.")
    Export.objects.filter(pk=export.pk).update(mark=export.mark, done=export.done, attempts=0)


def put(export: Export, number: int, rows: list[Any]) -> None:
    """One piece, compressed. Its number is the last id: pieces lie in the order of rows."""
    text = xlsx_text(rows) if export.format == Export.Format.XLSX else csv_text(rows)
    # A spreadsheet knows UTF-8 by the mark before the headers.
    mark = "\ufeff" if number == 0 and export.format == Export.Format.CSV else ""
    content = zlib.compress((mark + text).encode("utf-8", "replace"), 1)
    ExportPiece.objects.create(export=export, number=number, content=content)


def note_readers(export: Export, page: Page) -> None:
    """Whose rows they were, in the audit trail."""
    content = CONTENTS[export.kind]
    if content.personal:
        save_reading(
            actor=Actor(user=export.user, key=export.key),
            action=f"{content.personal}.exported",
            object_type=content.model._meta.label_lower,
            seen=page.ids,
        )


def finish(export: Export) -> None:
    """Offer the file, for a while."""
    Export.objects.filter(pk=export.pk).update(
        state=State.DONE,
        trouble="",
        total=F("done"),
        finished_at=Now(),
        expires_at=Now() + timedelta(hours=settings.EXPORT_HOURS),
    )


def fail(pk: int, code: str) -> None:
    """No file, and the reason."""
    with transaction.atomic():
        Export.objects.filter(pk=pk, state=State.RUNNING).update(
            state=State.FAILED, trouble=code, finished_at=Now(), filters={}
        )
        ExportPiece.objects.filter(export=pk).delete()


# --- Whoever ordered it -------------------------------------------------------------------------


def find_own(*, actor: Actor, row_id: str) -> Export | None:
    """The export of this id, if the actor ordered it."""
    if not row_id.isascii() or not row_id.isdecimal() or int(row_id) > LARGEST_ID:
        return None
    own = Export.objects.made_by(user=actor.user, key=actor.key)
    found: Export | None = own.filter(pk=int(row_id)).first()
    return found


@transaction.atomic
def open_file(*, actor: Actor, export: Export) -> IO[bytes]:
    """The whole file, at its beginning; noted in the audit trail.

    It has no name on the disk and goes when it is closed. Raises ExportNotReady, ExportGone,
    NoSpace.
    """
    row: Export = Export.objects.select_for_update().get(pk=export.pk)
    if row.state == State.GONE or is_over(row):
        raise ExportGone
    if row.state != State.DONE:
        raise ExportNotReady
    file = own_file()
    try:
        if row.format == Export.Format.XLSX:
            write_xlsx(file, pieces(row))
        else:
            file.writelines(pieces(row))
        file.flush()
    except OSError as error:
        with suppress(OSError):  # it tries once more to write what is left
            file.close()
        raise NoSpace from error
    file.seek(0)
    save_audit(actor=actor, action="export.downloaded", target=row, fields=[row.kind])
    return file


def own_file() -> IO[bytes]:
    """A file without a name, in a folder that is nobody else's."""
    folder = settings.XENO_FILES
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise NoSpace from error


def pieces(export: Export) -> Iterator[bytes]:
    """What is in the file, piece by piece."""
    after = -1
    while True:
        some = ExportPiece.objects.filter(export=export, number__gt=after).order_by("number")
        found = list(some.values_list("number", "content")[:20])
        for after, content in found:  # noqa: B007  # the next query begins behind the last one
            yield zlib.decompress(content)
        if len(found) < 20:
            return


def is_over(export: Export) -> bool:
    """Whether its time is over, by the database's clock."""
    return Export.objects.filter(pk=export.pk, expires_at__lt=Now()).exists()


# --- What goes ----------------------------------------------------------------------------------


def remove_old() -> int:
    """Take away the files of the open store whose time is over, and what they were asked for by."""
    old = Export.objects.filter(state=State.DONE, expires_at__lt=Now())
    return remove(list(old.values_list("pk", flat=True)), "expired")


@transaction.atomic
def remove(ids: list[int], code: str) -> int:
    """Take these files away."""
    ExportPiece.objects.filter(export__in=ids).delete()
    return Export.objects.filter(pk__in=ids).update(
        state=State.GONE, trouble=code, filters={}, holder=None, held_until=None
    )


def forget_people() -> None:
    """Take away every file of the open store that may hold somebody: one of them is erased.

    What is being made begins anew, without them; within the erasure's own transaction.
    """
    personal = [kind for kind, content in CONTENTS.items() if content.personal]
    # Locked first: a page that is being written is there afterwards, and goes.
    rows = list(
        Export.objects.select_for_update()
        .filter(kind__in=personal, state__in=[State.RUNNING, State.DONE])
        .order_by("pk")
    )
    # What somebody was searched by may name them.
    over = [row.pk for row in rows if row.state == State.DONE or NAMING & row.filters.keys()]
    remove(over, "erased")
    running = [row.pk for row in rows if row.pk not in over]
    ExportPiece.objects.filter(export__in=running).delete()
    Export.objects.filter(pk__in=running).update(total=None, done=0, mark=0)
