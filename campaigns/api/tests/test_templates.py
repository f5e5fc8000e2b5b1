"""Templates over the API, of one's own and of the library's; and test sends."""

from campaigns.models import Campaign, Template
from campaigns.tests.conftest import make_sendable


def test_a_template_is_made_changed_and_deleted(ana_api, in_anas_store):
    made = ana_api.post("/templates", {"name": "News", "subject": "Hi"}, format="json").json()
    path = f"/templates/{made['id']}"

    changed = ana_api.patch(path, {"subject": "Hello"}, format="json").json()

    assert (changed["name"], changed["subject"], changed["library"]) == ("News", "Hello", None)
    assert ana_api.delete(path).status_code == 204
    assert not Template.objects.exists()


def test_one_of_the_library_is_one_request_away(ana_api, in_anas_store):
    [first, *_] = ana_api.get("/templates/library").json()

    made = ana_api.post("/templates", {"library": first["key"]}, format="json").json()

    assert (made["name"], made["library"]) == (first["name"], first["key"])
    assert made["html"]


def test_liquid_that_cannot_be_read_is_refused(ana_api, in_anas_store):
    response = ana_api.post("/templates", {"name": "News", "html": "{% if %}"}, format="json")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "template_not_valid"


def test_a_test_goes_to_the_team_alone(ana_api, campaign, ana):
    make_sendable(campaign)
    path = f"/campaigns/{campaign.pk}/test"

    sent = ana_api.post(path, {"addresses": [ana.email]}, format="json")
    refused = ana_api.post(path, {"addresses": ["kim@example.com"]}, format="json")

    assert (sent.status_code, sent.json()) == (202, {"addresses": [ana.email]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "test_not_allowed")
    assert Campaign.objects.get().state == "draft"


def test_a_campaign_begins_from_a_template(ana_api, in_anas_store):
    template = Template.objects.create(name="News", subject="Hi", html="<p>Hello</p>")

    body = {"name": "Spring", "template": str(template.pk), "subject": "Spring"}
    made = ana_api.post("/campaigns", body, format="json").json()
    wrong = ana_api.post("/campaigns", body | {"template": "999999"}, format="json")

    assert (made["subject"], made["html"]) == ("Spring", "<p>Hello</p>")
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "template")
