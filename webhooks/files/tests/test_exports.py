"""Exports by the API: made by a worker, for whoever ordered them alone, and only for a while."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db.models.functions import Now

from conftest import api_of, make_member
from customers.models import Customer
from orders.models import Order
from tenants.models import AuditEntry
from tenants.roles import Role
from tests.rows import make_row
from webhooks.files import exporting
from webhooks.files.models import Export, ExportPiece, State
from webhooks.files.tests.conftest import TRICKS
from xeno.lib.sheets import restored


@pytest.fixture
def order(ana_api, make):
    """Ana orders an export, and a worker makes it; gives its id."""

    def order(made=True, **body):
        response = ana_api.post("/exports", {"kind": "customers", **body})
        assert response.status_code == 201, response.content
        if made:
            make()
        return response.json()["id"]

    return order


def fetch(client, row_id):
    response = client.get(f"/exports/{row_id}/file")
    return response.status_code, b"".join(response)


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_f111_no_cell_of_a_csv_is_run_and_every_one_can_be_restored(ana_api, people, order):
    status, content = fetch(ana_api, order())

    names = [row["first_name"] for row in read_csv(content)]
    assert status == 200
    assert [restored(name) for name in names] == list(TRICKS)
    assert all(name.startswith("'") for name in names)
    assert restored(read_csv(content)[0]["tags"]) == "=VIP"


def test_f111_a_sheet_holds_texts_as_texts_and_numbers_as_numbers(ana_api, people, order):
    status, content = fetch(ana_api, order(format="xlsx"))

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    headers, *rows = list(sheet.iter_rows())
    at = {cell.value: place for place, cell in enumerate(headers)}
    assert status == 200
    assert {row[at["first_name"]].data_type for row in rows} == {"s"}
    assert [row[at["first_name"]].value for row in rows][:4] == list(TRICKS[:4])
    assert rows[0][at["total_spent"]].value == 0
    assert rows[0][at["shopify_id"]].value == "100"


def test_f112_nobody_else_sees_or_fetches_an_export(ana_api, anas_store, cy_api, people, order):
    row_id = order()
    colleague = api_of(make_member(anas_store, "dee@example.com", Role.ADMIN))

    for client in (colleague, cy_api):
        assert client.get(f"/exports/{row_id}").status_code == 404
        assert fetch(client, row_id)[0] == 404
        assert client.get("/exports").json()["results"] == []
    assert fetch(ana_api, row_id)[0] == 200


def test_f112_an_export_expires_and_its_file_is_removed(ana_api, people, order):
    row_id = order(filters={"search": "p10"})
    Export.objects.update(expires_at=Now() - timedelta(seconds=1))
    before = fetch(ana_api, row_id)[0]

    exporting.remove_old()

    assert (before, fetch(ana_api, row_id)[0]) == (404, 404)
    assert not ExportPiece.objects.exists()
    told = ana_api.get(f"/exports/{row_id}").json()
    assert (told["state"], told["trouble"], told["filters"]) == ("gone", "expired", {})


def test_f084_an_export_holds_nothing_of_another_store(ana_api, people, order, cys_store):
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(cys_store.pk):
        make_row(Customer, shopify_id=7, email="canary@example.com", first_name="Canary")

    for kind in ("customers", "orders"):
        assert b"anary" not in fetch(ana_api, order(kind=kind))[1]


def test_an_export_is_narrowed_as_the_list_is(ana_api, people, order):
    _, content = fetch(ana_api, order(filters={"email": "p103@example.com"}))

    assert [row["email"] for row in read_csv(content)] == ["p103@example.com"]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"filters": {"nonsense": "x"}}, "filters"),
        ({"filters": {"country": "gb"}}, "filters"),
        ({"kind": "messages"}, "campaign"),
        ({"campaign": "1"}, "campaign"),
        ({"segment": "1"}, "segment"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(ana_api, in_anas_store, body, attr):
    response = ana_api.post("/exports", {"kind": "customers", **body})

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == attr
    assert not Export.objects.exists()


def test_an_analyst_may_look_and_not_take_away(ben_api, people):
    response = ben_api.post("/exports", {"kind": "customers"})

    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "right_missing"


def test_a_file_is_not_offered_before_it_is_whole(ana_api, people, order, make, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 5)
    row_id = order(made=False)
    export = Export.objects.get()
    exporting.step(export.tenant, export.pk)

    half = ana_api.get(f"/exports/{row_id}").json()
    refused = fetch(ana_api, row_id)
    make()

    assert (half["state"], half["rows"], half["percent"]) == ("running", 5, 41)
    assert refused[0] == 409
    assert len(read_csv(fetch(ana_api, row_id)[1])) == len(TRICKS)


def test_who_was_in_a_file_and_who_took_it_is_written_down(ana_api, people, order):
    fetch(ana_api, order())

    entry = AuditEntry.objects.get(action="customer.exported")
    assert sorted(entry.seen) == sorted(person.pk for person in people)
    assert AuditEntry.objects.filter(action="export.downloaded").count() == 1


def test_an_order_has_its_amounts_as_numbers(ana_api, people, order):
    make_row(Order, customer=people[0], amount="12.5", currency="GBP", discount_codes=["A", "B"])

    (row,) = read_csv(fetch(ana_api, order(kind="orders"))[1])

    assert (row["amount"], row["discount_codes"]) == ("12.50", "A, B")
    assert row["customer"] == str(people[0].pk)


def test_one_that_fails_again_and_again_says_so_and_leaves_nothing(
    ana_api, people, order, make, monkeypatch
):
    def fail(*args):
        raise ValueError("x")

    monkeypatch.setattr(exporting, "read_page", fail)
    row_id = order()

    told = ana_api.get(f"/exports/{row_id}").json()
    assert (told["state"], told["trouble"]) == (State.FAILED, "failed")
    assert not ExportPiece.objects.exists()
