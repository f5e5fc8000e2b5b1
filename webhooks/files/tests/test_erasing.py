"""Row 114: what files hold of somebody goes with them."""

import pytest

from customers.importing import PersonData, save_people
from customers.models import Customer
from tests.rows import make_row
from webhooks.files import exporting, importing, working
from webhooks.files.models import Export, ExportPiece, Import, ImportPiece, Stage, State
from webhooks.files.reading import Line
from webhooks.privacy.erasing import Subject, erase_rows

LEE = Line(3, ["lee@example.com"])


def erase(tenant, number):
    people = frozenset({number})
    none = frozenset()
    erase_rows(
        tenant=tenant,
        subject=Subject(people, none, none, frozenset({"kim@example.com"}), none),
    )


@pytest.fixture
def kim(in_anas_store):
    make_row(Customer, shopify_id=6, email="lee@example.com")
    return make_row(Customer, shopify_id=5, email="kim@example.com")


def ordered(**given):
    fixed = {"kind": "customers", "format": "csv", "segment": None, "campaign": None, "key": None}
    return make_row(Export, state="running", **fixed, **given)


def test_f114_a_file_with_them_is_removed(kim, in_anas_store):
    export = ordered()
    working.make_exports(tenant=in_anas_store)

    erase(in_anas_store, 5)

    export.refresh_from_db()
    assert (export.state, export.trouble) == (State.GONE, "erased")
    assert not ExportPiece.objects.exists()


def test_f114_one_that_is_being_made_begins_anew_without_them(kim, in_anas_store, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 1)
    export = ordered()
    exporting.step(in_anas_store, export.pk)

    erase(in_anas_store, 5)
    working.make_exports(tenant=in_anas_store)

    export.refresh_from_db()
    content = b"".join(exporting.pieces(export))
    assert export.state == State.DONE
    assert b"lee@example.com" in content
    assert b"kim@example.com" not in content


def test_f114_their_row_in_a_file_that_waits_is_taken_out(kim, in_anas_store):
    row = make_row(Import, headers=["email"], mapping=["email"], state=Stage.DRAFT, key=None)
    content = importing.pack([Line(2, ["KIM@example.com"]), LEE])
    make_row(ImportPiece, upload=row, number=1, content=content)

    erase(in_anas_store, 5)

    assert importing.read_piece(ImportPiece.objects.get().content) == [LEE]


def test_f114_somebody_whom_an_import_brought_is_erased_like_any_other(in_anas_store):
    save_people(tenant=in_anas_store, people=[PersonData(email="kim@example.com", tags=("a",))])

    erase(in_anas_store, Customer.objects.get().shopify_id)

    assert not Customer.objects.exists()
