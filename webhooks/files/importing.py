"""Imports of customers: a file is read into pieces, checked by a person, and written by a worker.

A piece, what became of it and the mark are one transaction: a killed worker's successor goes on
behind the last piece, and the end is the same.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, Any, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from customers.importing import PersonData, find_known, save_people
from segments import changes
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from webhooks.files.mapping import Judged, Refusal, check_mapping, guess, judge
from webhooks.files.models import Import, ImportPiece, Stage
from webhooks.files.reading import Line, Sheet, read_sheet
from webhooks.privacy.late import Kind, find_redacted
from webhooks.statistics import analyze, count_applied
from xeno.lib.errors import Mistake
from xeno.lib.upsert import arrays, run, unnest

PIECE = 1_000  # rows
PIECE_CHARACTERS = 1_000_000
PREVIEWED = 20
MOST_REFUSALS = 100_000  # that are listed one by one; all are counted
DRAFT_DAYS = 2  # then a file that nobody has started goes
# What of people an import writes, in the words of the segments' sources.
KINDS = ("customer", "addresses", "email_consent", "tags")


class ImportStarted(Mistake):
    """It is being imported, or was."""

    code = "import_started"
    status = 409
    message = "This import has been started already."


class WouldBe(NamedTuple):
    """What would become of one row of the file."""

    line: int
    cells: Sequence[str]
    outcome: str  # new, known, refused
    column: str = ""
    code: str = ""


@transaction.atomic
def upload(*, actor: Actor, tenant: Tenant, file: IO[bytes], name: str) -> Import:
    """Read the whole file, and keep it in pieces until it is imported.

    Raises FileNotReadable, FileTooLarge; then nothing is kept.
    """
    sheet = read_sheet(file)
    row: Import = Import.objects.create(
        file_name=name.replace("\0", "")[-200:] or "customers.csv",
        encoding=sheet.encoding,
        headers=sheet.headers,
        mapping=guess(sheet.headers),
        user=actor.user,
        key=actor.key,
    )
    row.total = 0
    for number, lines in enumerate(pieces_of(sheet), 1):
        ImportPiece.objects.create(upload=row, number=number, content=pack(lines))
        row.total += len(lines)
    Import.objects.filter(pk=row.pk).update(total=row.total)
    save_audit(actor=actor, action="import.uploaded", target=row)
    row.refresh_from_db()
    return row


def pieces_of(sheet: Sheet) -> Iterator[list[Line]]:
    """The rows in lists that are neither long nor large."""
    lines, size = list[Line](), 0
    for line in sheet.rows:
        lines.append(line)
        size += sum(map(len, line.cells))
        if len(lines) >= PIECE or size >= PIECE_CHARACTERS:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def pack(lines: Sequence[Line]) -> bytes:
    """The rows as a piece holds them."""
    return zlib.compress(msgspec.json.encode(lines), 1)


def read_piece(content: bytes) -> list[Line]:
    """The rows of a piece."""
    return msgspec.json.decode(zlib.decompress(content), type=list[Line])


def preview(*, tenant: Tenant, row: Import, mapping: Sequence[str]) -> list[WouldBe]:
    """What would become of the first rows, one by one; nothing is written."""
    piece = ImportPiece.objects.filter(upload=row).order_by("number").first()
    lines = read_piece(piece.content)[:PREVIEWED] if piece is not None else []
    judged = check_people(tenant, judge(lines, mapping))
    here = judged_known(tenant, judged)
    known = {key for key, (place, _) in numbered(judged).items() if place in here}
    refused = {each.line: each for each in judged.refusals}
    shown = list[WouldBe]()
    for line in lines:
        if refusal := refused.get(line.number):
            shown.append(WouldBe(line.number, line.cells, "refused", refusal.column, refusal.code))
            continue
        (key,) = judge([line], mapping).people
        shown.append(WouldBe(line.number, line.cells, "known" if key in known else "new"))
    return shown


@transaction.atomic
def start(*, actor: Actor, tenant: Tenant, row: Import, mapping: Sequence[str]) -> Import:
    """Have it imported with these meanings; raises MappingNotValid, ImportStarted."""
    check_mapping(row.headers, mapping)
    draft = Import.objects.filter(pk=row.pk, state=Stage.DRAFT)
    if not draft.update(state=Stage.RUNNING, mapping=list(mapping)):
        raise ImportStarted
    save_audit(actor=actor, action="import.started", target=row, fields=filter(None, mapping))
    tell_worker(tenant)
    row.refresh_from_db()
    return row


def tell_worker(tenant: Tenant) -> None:
    """Queue a turn after the commit; without Redis the sweep finds the row."""
    from webhooks.files.tasks import run_imports

    transaction.on_commit(lambda: run_imports.delay(tenant.pk), robust=True)


# --- The worker's part --------------------------------------------------------------------------


@transaction.atomic
def step(tenant: Tenant, pk: int) -> bool:
    """Write the next piece; False when nothing more is to be done."""
    row: Import | None = Import.objects.select_for_update().filter(pk=pk).first()
    if row is None or row.state != Stage.RUNNING:
        return False
    left = ImportPiece.objects.filter(upload=row, number__gt=row.mark).order_by("number")
    piece = left.first()
    if piece is None:
        finish(row)
        return False
    lines = read_piece(piece.content)
    judged = check_people(tenant, judge(lines, row.mapping))
    people = [person for _, person in judged.people.values()]
    saved = save_people(tenant=tenant, people=people)
    changes.note_touched(tenant=tenant, customer_ids=saved.made, kinds=[changes.EVERYTHING])
    changes.note_touched(tenant=tenant, customer_ids=saved.changed, kinds=KINDS)
    list_refusals(tenant, row, judged.refusals)
    Import.objects.filter(pk=row.pk).update(
        mark=piece.number,
        done=F("done") + len(lines),
        made=F("made") + len(saved.made),
        changed=F("changed") + len(saved.changed),
        unsubscribed=F("unsubscribed") + saved.unsubscribed,
        refused=F("refused") + len(judged.refusals),
        attempts=0,
        trouble="",
    )
    if count_applied(tenant=tenant, applied=len(lines)):
        analyze()
    return True


def check_people(tenant: Tenant, judged: Judged) -> Judged:
    """Refuse who was erased, and who is only a number that nobody has here."""
    by_number = {
        person.shopify_id: key for key, (_, person) in judged.people.items() if person.shopify_id
    }
    if not by_number:
        return judged
    erased = {by_number[number] for number in find_redacted(Kind.CUSTOMER, by_number)}
    known = judged_known(tenant, judged)
    for key, (place, person) in numbered(judged).items():
        nobody = not person.email and place not in known
        if key in erased or nobody:
            line, _ = judged.people.pop(key)
            code = "erased" if key in erased else "unknown_id"
            judged.refusals.append(Refusal(line, "shopify_id", code))
    return judged


def numbered(judged: Judged) -> dict[str, tuple[int, PersonData]]:
    """The people by what they are known by, each with their place."""
    places = enumerate(judged.people.items())
    return {key: (place, person) for place, (key, (_, person)) in places}


def judged_known(tenant: Tenant, judged: Judged) -> set[int]:
    """The places of those who are here already."""
    people = [person for _, person in judged.people.values()]
    return set(find_known(tenant=tenant, people=people)) if people else set()


REFUSAL = {"line": "bigint", '"column"': "text", "code": "text"}


def list_refusals(tenant: Tenant, row: Import, refusals: Sequence[Refusal]) -> None:
    """Write down which lines were not taken, while there is room."""
    listed = sorted(refusals)[: max(0, MOST_REFUSALS - row.refused)]
    if listed:
        run(
            f"INSERT INTO webhooks_importrefusal (tenant_id, upload_id, {', '.join(REFUSAL)})"
            f" SELECT %s, %s, new.* FROM {unnest(REFUSAL)} ON CONFLICT DO NOTHING",
            [tenant.pk, row.pk, *arrays(REFUSAL, listed)],
        )


def finish(row: Import) -> None:
    """It is over: the file goes, the counts and the refusals stay."""
    Import.objects.filter(pk=row.pk).update(state=Stage.DONE, finished_at=Now(), trouble="")
    ImportPiece.objects.filter(upload=row).delete()
    save_audit(actor=Actor(user=row.user, key=row.key), action="import.finished", target=row)


def fail(pk: int, code: str) -> None:
    """What is written stays; the rest of the file goes."""
    with transaction.atomic():
        Import.objects.filter(pk=pk, state=Stage.RUNNING).update(
            state=Stage.FAILED, trouble=code, finished_at=Now()
        )
        ImportPiece.objects.filter(upload=pk).delete()


# --- What goes ----------------------------------------------------------------------------------


@transaction.atomic
def remove_old() -> None:
    """Take away files that nobody has started."""
    old = Import.objects.filter(
        state=Stage.DRAFT, created_at__lt=Now() - timedelta(days=DRAFT_DAYS)
    )
    ids = list(old.values_list("pk", flat=True))
    if ids:
        ImportPiece.objects.filter(upload__in=ids).delete()
        Import.objects.filter(pk__in=ids).update(state=Stage.GONE, trouble="expired")


def forget(words: Any) -> None:
    """Take whoever is known by one of these words out of files that wait to be imported.

    Within the erasure's own transaction; a piece that is being written is waited for.
    """
    waiting = Import.objects.select_for_update().filter(state__in=[Stage.DRAFT, Stage.RUNNING])
    wanted = [word.lower() for word in words if word]
    for row in waiting.order_by("pk"):
        for piece in ImportPiece.objects.filter(upload=row).order_by("number").iterator(20):
            lines = read_piece(piece.content)
            kept = [line for line in lines if not names(line, wanted)]
            if len(kept) < len(lines):
                ImportPiece.objects.filter(pk=piece.pk).update(content=pack(kept))


def names(line: Line, words: Sequence[str]) -> bool:
    """Whether a row of a file holds one of the words."""
    text = "\n".join(line.cells).lower()
    return any(word in text for word in words)
