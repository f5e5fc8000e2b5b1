"""Suppressions over the API."""

from campaigns.models import Suppression
from tenants.models import AuditEntry


def test_an_address_is_suppressed_listed_and_let_go(ana_api, in_anas_store):
    made = ana_api.post("/suppressions", {"address": "Kim@Example.com"}, format="json").json()

    [told] = ana_api.get("/suppressions?reason=by_hand").json()["results"]
    assert (told["address"], told["reason"]) == ("kim@example.com", "by_hand")
    assert AuditEntry.objects.latest("pk").action == "suppression.listed"
    assert ana_api.delete(f"/suppressions/{made['id']}").status_code == 204
    assert not Suppression.objects.exists()


def test_a_list_is_imported_without_what_is_no_address(ana_api, in_anas_store):
    body = {"addresses": ["kim@example.com", "nope", "", "lee@example.com"]}

    told = ana_api.post("/suppressions/import", body, format="json").json()

    assert told == {"added": 2, "refused": [1, 2]}
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"imported"}


def test_what_is_no_address_is_refused(ana_api, in_anas_store):
    response = ana_api.post("/suppressions", {"address": "nope"}, format="json")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "address_not_valid"
