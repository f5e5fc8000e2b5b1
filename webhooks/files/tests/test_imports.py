"""Imports of customers: read, checked, written piece by piece; never a consent."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import Consent, ConsentChange, Customer, CustomerTag
from tests.rows import make_row
from webhooks.files import importing, reading, working
from webhooks.files.models import Import, ImportPiece, ImportRefusal, Stage
from webhooks.models import Edit


@pytest.fixture
def send(ana_api, in_anas_store):
    """Ana brings a file; gives the answer."""

    def send(content, name="customers.csv"):
        content = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile(name, content)
        return ana_api.post("/imports", {"file": file}, format="multipart")

    return send


@pytest.fixture
def bring(ana_api, in_anas_store, send):
    """Ana brings a file, starts it as guessed, and a worker ends it; gives what became of it."""

    def bring(content, mapping=None, name="customers.csv"):
        told = send(content, name).json()
        path = f"/imports/{told['id']}"
        body = {"mapping": mapping or told["mapping"]}
        started = ana_api.post(f"{path}/start", body)
        assert started.status_code == 200, started.content
        working.run_imports(tenant=in_anas_store)
        return ana_api.get(path).json()

    return bring


def book(*rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_people_of_a_file_become_customers_whom_shopify_does_not_know(bring, ana_api):
    told = bring('Email,First name,Tags\nKim@example.com,Kim,"VIP, new"\nlee@example.com,Lee,\n')

    rows = ana_api.get("/customers?email=kim@example.com").json()["results"]
    assert (told["state"], told["made"], told["refused"]) == ("done", 2, 0)
    assert (rows[0]["shopify_id"], rows[0]["first_name"]) == (None, "Kim")
    assert rows[0]["tags"] == ["VIP", "new"]
    assert not ImportPiece.objects.exists()
    assert not Edit.objects.exists()


def test_the_same_file_twice_is_the_same_as_once(bring):
    text = "email,first_name,tags\nkim@example.com,Kim,VIP\n"
    bring(text)
    before = list(Customer.objects.values_list("pk", "first_name"))

    told = bring(text)

    assert list(Customer.objects.values_list("pk", "first_name")) == before
    assert (told["made"], told["changed"]) == (0, 0)


def test_shopifys_word_stands_and_a_file_fills_what_it_did_not_tell(bring):
    kim = make_row(Customer, shopify_id=5, email="kim@example.com", first_name="Kim")

    bring("email,first_name,last_name\nKIM@example.com,Wrong,Hart\n")

    kim.refresh_from_db()
    assert (kim.shopify_id, kim.first_name, kim.last_name) == (5, "Kim", "Hart")
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("word", ["subscribed", "yes", "true"])
def test_no_file_gives_a_consent(bring, word):
    bring(f"email,email_consent,unsubscribed\nkim@example.com,{word},no\n")

    assert Customer.objects.get().email_consent is None
    assert not ConsentChange.objects.exists()


@pytest.mark.parametrize(
    ("header", "word"),
    [("unsubscribed", "yes"), ("Email consent", "unsubscribed"), ("opt-out", "2026-01-02"),
     ("Accepts marketing", "no")],
)  # fmt: skip
def test_whoever_has_unsubscribed_is_unsubscribed_here_and_in_shopify(bring, header, word):
    kim = make_row(Customer, shopify_id=5, email="kim@example.com", email_consent="subscribed")

    told = bring(f"email,{header}\nkim@example.com,{word}\nlee@example.com,{word}\n")

    kim.refresh_from_db()
    assert kim.email_consent == Consent.UNSUBSCRIBED
    assert Customer.objects.get(email="lee@example.com").email_consent == Consent.UNSUBSCRIBED
    assert told["unsubscribed"] == 2
    assert list(Edit.objects.values_list("customer_id", "field")) == [(kim.pk, "email_consent")]


def test_each_row_that_is_not_taken_says_why(bring, ana_api):
    told = bring(
        "email,shopify_id,country,tags\n"
        "nonsense,,,\n,,GB,x\n,99,,\nkim@example.com,,Great Britain,\nlee@example.com,,gb,\n"
    )

    errors = ana_api.get(f"/imports/{told['id']}/errors").json()["results"]
    assert [(each["line"], each["column"], each["code"]) for each in errors] == [
        (2, "email", "address_not_valid"),
        (3, None, "no_address"),
        (4, "shopify_id", "unknown_id"),
        (5, "country", "country_not_valid"),
    ]
    assert (told["made"], told["refused"], told["total"]) == (1, 4, 5)
    assert Customer.objects.get().country == "GB"


def test_a_preview_says_what_would_be_and_writes_nothing(send, ana_api):
    make_row(Customer, shopify_id=5, email="kim@example.com")
    told = send("email\nkim@example.com\nlee@example.com\nnonsense\n").json()

    shown = ana_api.post(f"/imports/{told['id']}/preview", {"mapping": ["email"]}).json()["rows"]

    assert [row["outcome"] for row in shown] == ["known", "new", "refused"]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("mapping", [["first_name"], ["email", "email"], [], ["nonsense"]])
def test_a_mapping_that_names_nobody_is_refused(send, ana_api, mapping):
    told = send("email\nkim@example.com\n").json()

    response = ana_api.post(f"/imports/{told['id']}/start", {"mapping": mapping})

    assert response.status_code == 400
    assert Import.objects.get().state == Stage.DRAFT


def test_an_import_begins_once(send, ana_api):
    told = send("email\nkim@example.com\n").json()
    first, second = (
        ana_api.post(f"/imports/{told['id']}/start", {"mapping": ["email"]}) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (200, 409)


def test_an_analyst_brings_nothing(ben_api, in_anas_store):
    file = SimpleUploadedFile("x.csv", b"email\nkim@example.com\n")

    assert ben_api.post("/imports", {"file": file}, format="multipart").status_code == 403
    assert not Import.objects.exists()


def test_what_was_written_before_a_trouble_is_not_written_again(send, in_anas_store, monkeypatch):
    monkeypatch.setattr(importing, "PIECE", 2)
    told = send("email\n" + "".join(f"p{n}@example.com\n" for n in range(6))).json()
    row = Import.objects.get(pk=told["id"])
    Import.objects.update(state=Stage.RUNNING, mapping=["email"])
    importing.step(in_anas_store, row.pk)
    first = set(Customer.objects.values_list("pk", flat=True))

    while importing.step(in_anas_store, row.pk):
        pass

    row.refresh_from_db()
    assert len(first) == 2
    assert first < set(Customer.objects.values_list("pk", flat=True))
    assert (row.made, row.done, row.state) == (6, 6, "done")


def test_f111_what_was_exported_is_restored_by_an_import(ana_api, people, make, bring):
    row_id = ana_api.post("/exports", {"kind": "customers"}).json()["id"]
    make()
    content = b"".join(ana_api.get(f"/exports/{row_id}/file"))
    names = list(Customer.objects.order_by("pk").values_list("email", "first_name"))
    CustomerTag.objects.all().delete()
    Customer.objects.all().delete()

    # Who was deleted is unknown by Shopify's number; the address says who they are.
    headers = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    mapping = [each if each in ("email", "first_name", "tags") else "" for each in headers]
    bring(content, mapping)

    restored = Customer.objects.order_by("email").values_list("email", "first_name")
    assert list(restored) == [(email, name.strip()) for email, name in sorted(names)]
    assert CustomerTag.objects.get().tag == "=VIP"


# --- Row 113 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoded",
    [
        "email,last_name\nkim@example.com,Müller\n".encode(each)
        for each in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
    ],
    ids=["utf-8", "with a mark", "utf-16", "windows"],
)
def test_f113_a_file_is_read_as_it_is_written(bring, encoded):
    bring(encoded)

    assert Customer.objects.get().last_name == "Müller"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"email\n\x00\x00",
        "email\nkim@example.com\n".encode("utf-32"),
        "email\nkim@example.com\n".encode("utf-16-le"),
        b"email\n\x81\x8d\xff",
        b"PK\x03\x04nonsense",
        b'email\n"' + b"x" * 200_000,
    ],
    ids=["empty", "zeros", "utf-32", "unmarked", "no text", "no zip", "unclosed"],
)
def test_f113_what_is_no_list_is_refused_in_words(send, content):
    response = send(content)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] in ("file_not_readable", "empty")
    assert not Import.objects.exists()


@pytest.mark.parametrize("text", ["a;b;c\n1;2;3\n", "a\tb\tc\n1\t2\t3\n", "a|b|c\n1|2|3\n"])
def test_f113_a_list_may_be_parted_by_other_marks(send, text):
    assert send(text).json()["headers"] == ["a", "b", "c"]


def test_a_sheet_of_excel_is_taken_too(bring):
    told = bring(book(["Email", "First Name", "Note"], ["kim@example.com", "=1+1", 12.0]))

    kim = Customer.objects.get()
    assert told["encoding"] == "xlsx"
    assert (kim.first_name, kim.note) in [("=1+1", "12"), (None, "12")]


def spoiled(name, content):
    """A workbook in which one part is another."""
    before, after = zipfile.ZipFile(io.BytesIO(book(["email"], ["kim@example.com"]))), io.BytesIO()
    with zipfile.ZipFile(after, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for part in set(before.namelist()) - {name}:
            archive.writestr(part, before.read(part))
    return after.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_f113_a_workbook_reads_no_file_of_ours(send, part):
    entity = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    response = send(spoiled(part, entity), "x.xlsx")

    assert response.status_code == 400
    assert b"root:" not in response.content


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/bomb.xml"])
def test_f113_a_zip_bomb_is_not_unpacked(send, part, monkeypatch):
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1_000_000)

    response = send(spoiled(part, b" " * 1_000_001), "x.xlsx")

    assert response.status_code == 413
    assert response.json()["errors"][0]["code"] == "file_too_large"


def test_f113_more_rows_than_an_import_takes_are_refused(send, settings):
    settings.IMPORT_MAX_ROWS = 3

    assert send("email\n" + "a@example.com\n" * 3).status_code == 201
    assert send("email\n" + "a@example.com\n" * 4).status_code == 413
    assert Import.objects.count() == 1


def test_f113_nothing_of_a_refused_row_is_kept(bring):
    bring("email\nsecret-word\n")

    assert ImportRefusal.objects.count() == 1
    assert "secret-word" not in json.dumps(list(ImportRefusal.objects.values()), default=str)
