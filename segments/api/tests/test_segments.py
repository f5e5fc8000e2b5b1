"""Making, reading, changing and deleting segments over the API."""

import pytest

from segments.models import Segment
from segments.templates import TEMPLATES

VIP = {"name": "VIP", "query": "number_of_orders >= 3"}


def errors_of(response):
    return response.json()["errors"]


def test_a_segment_is_made_and_shows_how_fresh_its_members_are(ana_api, in_anas_store):
    response = ana_api.post("/segments", VIP, format="json")

    assert response.status_code == 201
    told = response.json()
    assert (told["name"], told["query"], told["kind"]) == ("VIP", VIP["query"], "dynamic")
    assert (told["members_count"], told["as_of"], told["pending"]) == (0, None, True)
    assert Segment.objects.get().pk == int(told["id"])


def test_a_list_counts_the_members_of_each_page_in_one_statement(ana_api, five, segment):
    segment()
    segment(name="Everybody", query="number_of_orders >= 1")

    told = ana_api.get("/segments?ordering=id").json()["results"]

    assert [(row["name"], row["members_count"]) for row in told] == [
        ("Regulars", 3), ("Everybody", 5),
    ]  # fmt: skip
    assert all(row["as_of"] and not row["pending"] for row in told)


def test_a_template_is_one_request_away(ana_api, in_anas_store):
    templates = ana_api.get("/segments/templates").json()

    made = ana_api.post("/segments", {"template": "win-back"}, format="json").json()
    own = ana_api.post("/segments", {"template": "vip", "name": "Best"}, format="json").json()

    assert len(templates) == len(TEMPLATES)
    assert (made["name"], made["template"]) == ("Win-back", "win-back")
    assert made["query"] == TEMPLATES["win-back"].query
    assert (own["name"], own["query"]) == ("Best", TEMPLATES["vip"].query)


def test_an_unknown_template_is_no_segment(ana_api, in_anas_store):
    response = ana_api.post("/segments", {"template": "nope"}, format="json")

    assert (response.status_code, errors_of(response)[0]["attr"]) == (400, "template")
    assert not Segment.objects.exists()


def test_every_mistake_of_a_query_has_its_place(ana_api, in_anas_store):
    query = "number_of_order > 5 AND\n  customer_tags = 'vip'"

    response = ana_api.post("/segments", {"name": "VIP", "query": query}, format="json")

    assert (response.status_code, response.json()["type"]) == (400, "validation_error")
    misspelt, wrong = errors_of(response)
    assert (misspelt["attr"], misspelt["line"], misspelt["column"]) == ("query", 1, 0)
    assert misspelt["suggestion"] == "number_of_orders"
    assert (wrong["line"], wrong["attr"]) == (2, "query")
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (" ", "Name can't be blank"),
        (f" {'x' * 256} ", "Name is too long (maximum is 255 characters)"),
    ],
)
def test_a_name_is_refused_in_shopifys_words_and_before_the_query(ana_api, segment, name, told):
    body = {"name": name, "query": "no query"}

    made = ana_api.post("/segments", body, format="json")
    edited = ana_api.patch(f"/segments/{segment().pk}", body, format="json")

    for refused in (made, edited):
        assert refused.status_code == 400
        assert [(each["attr"], each["detail"]) for each in errors_of(refused)] == [("name", told)]


def test_what_is_given_is_changed_and_nothing_else(ana_api, segment):
    pk = segment(description="Three and more").pk

    response = ana_api.patch(f"/segments/{pk}", {"name": "Best"}, format="json")

    assert response.status_code == 200
    row = Segment.objects.get()
    assert (row.name, row.description) == ("Best", "Three and more")


def test_an_edit_of_what_was_changed_meanwhile_is_412(ana_api, segment):
    path = f"/segments/{segment().pk}"
    tag = ana_api.get(path)["ETag"]
    ana_api.patch(path, {"name": "Best"}, format="json")

    response = ana_api.patch(path, {"name": "Late"}, format="json", headers={"If-Match": tag})

    assert response.status_code == 412
    assert Segment.objects.get().name == "Best"


def test_a_refresh_is_no_edit(ana_api, segment, five):
    path = f"/segments/{segment().pk}"
    before = ana_api.get(path)["ETag"]
    Segment.objects.get().states.update(members_count=1)

    assert ana_api.get(path)["ETag"] == before


def test_a_deleted_segment_is_gone_unless_another_names_it(ana_api, segment):
    pk = segment().pk
    other = segment(name="Other", query=f"segment('{pk}') MATCHES ()").pk

    refused = ana_api.delete(f"/segments/{pk}")
    assert (refused.status_code, errors_of(refused)[0]["code"]) == (409, "segment_in_use")

    assert ana_api.delete(f"/segments/{other}").status_code == 204
    assert ana_api.delete(f"/segments/{pk}").status_code == 204
    assert ana_api.get(f"/segments/{pk}").status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), [
    ("post", "/segments", VIP), ("patch", "/segments/{pk}", {"name": "Best"}),
    ("delete", "/segments/{pk}", None), ("post", "/segments/{pk}/tag", {"add": ["vip"]}),
    ("post", "/segments/import", {"text": "[VIP]\nnumber_of_orders > 1"}),
])  # fmt: skip
def test_an_analyst_reads_and_changes_nothing(ben_api, segment, method, path, body):
    pk = segment().pk
    response = getattr(ben_api, method)(path.format(pk=pk), body, format="json")

    assert (response.status_code, errors_of(response)[0]["code"]) == (403, "right_missing")
    assert ben_api.get(f"/segments/{pk}").status_code == 200
    assert Segment.objects.get().name == "Regulars"
