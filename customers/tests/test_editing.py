"""Staff change tags, note and consent: who may, what is refused, what is written down."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from conftest import PASSWORD, api_of, make_member
from customers import tagging
from customers.data import TagsData
from customers.editing import edit_customer
from customers.models import ConsentChange, Customer, CustomerTag
from customers.tests.builders import make_customer
from tenants.audit import Actor
from tenants.models import AuditEntry
from tenants.roles import Role
from xeno.lib.postgres.scope import tenant_scope

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def dee(anas_store):
    return make_customer(
        anas_store, first_name="Dee", email="dee@example.com", email_consent="not_subscribed",
        email_consent_at=DAY, note="Likes jugs", tags=("VIP", "old"),
    )  # fmt: skip


def patch(api, customer, body, **headers):
    return api.patch(f"/customers/{customer.pk}", body, format="json", headers=headers)


def refused(response):
    (error,) = response.json()["errors"]
    return response.status_code, error["code"]


def test_an_edit_is_shown_at_once_and_audited_by_the_names_of_its_fields(ana_api, ana, dee):
    response = patch(ana_api, dee, {"tags": ["vip", "New"], "note": "Rang us"})

    assert response.status_code == 200, response.content
    shown = response.json()
    assert (shown["tags"], shown["note"]) == (["New", "VIP"], "Rang us")
    assert response.headers["ETag"] == ana_api.get(f"/customers/{dee.pk}").headers["ETag"]
    with tenant_scope(dee.tenant_id):
        entry = AuditEntry.objects.get(action="customer.changed")
        assert (entry.actor, entry.object_id, entry.fields) == (ana, str(dee.pk), ["note", "tags"])
        assert Customer.objects.get().synced_at > dee.synced_at


def test_what_is_as_it_was_is_no_edit(ana_api, dee):
    same = {"tags": ["OLD", "vip"], "note": "Likes jugs", "email_consent": "unsubscribed"}
    patch(ana_api, dee, {"email_consent": "unsubscribed"})

    assert patch(ana_api, dee, same).status_code == 200
    with tenant_scope(dee.tenant_id):
        assert AuditEntry.objects.filter(action="customer.changed").count() == 1
        assert ConsentChange.objects.count() == 1


def test_an_edit_of_a_state_that_has_passed_is_refused(ana_api, dee):
    tag = ana_api.get(f"/customers/{dee.pk}").headers["ETag"]

    assert patch(ana_api, dee, {"note": "first"}, If_Match=tag).status_code == 200
    assert refused(patch(ana_api, dee, {"note": "second"}, If_Match=tag)) == (
        412, "changed_meanwhile",
    )  # fmt: skip
    assert ana_api.get(f"/customers/{dee.pk}").json()["note"] == "first"


def test_nobody_is_subscribed_without_a_word_on_how_they_agreed(ana_api, dee):
    for reason in ({}, {"consent_reason": "  "}):
        answer = patch(ana_api, dee, {"email_consent": "subscribed", **reason})
        assert refused(answer) == (400, "consent_reason_required")
    with tenant_scope(dee.tenant_id):
        assert Customer.objects.get().email_consent == "not_subscribed"

    agreed = {"email_consent": "subscribed", "consent_reason": "Asked at the till"}
    assert patch(ana_api, dee, agreed).json()["email_consent"] == "subscribed"
    with tenant_scope(dee.tenant_id):
        word = ConsentChange.objects.get()
        assert (word.source, word.reason, word.level) == (
            "staff", "Asked at the till", "single_opt_in",
        )  # fmt: skip


def test_anybody_is_unsubscribed_without_a_reason(ana_api, dee):
    answer = patch(ana_api, dee, {"email_consent": "unsubscribed"})

    assert answer.json()["email_consent"] == "unsubscribed"


@pytest.mark.parametrize("held", [{"email": ""}, {"email_consent": "redacted"}])
def test_whoever_must_not_be_written_to_cannot_be_subscribed(ana_api, anas_store, held):
    customer = make_customer(anas_store, **{"email": "a@example.com", **held})
    agreed = {"email_consent": "subscribed", "consent_reason": "Asked at the till"}

    assert refused(patch(ana_api, customer, agreed)) == (409, "cannot_subscribe")


@pytest.mark.parametrize(
    "body",
    [
        {"tags": ["a,b"]}, {"tags": [" "]}, {"tags": ["x" * 256]}, {"tags": "vip"},
        {"tags": [f"t{n}" for n in range(251)]}, {"note": "x" * 5001}, {"email_consent": "pending"},
        {"tags": ["line\nend"]},
    ],
)  # fmt: skip
def test_what_shopify_would_not_keep_is_refused(ana_api, dee, body):
    before = ana_api.get(f"/customers/{dee.pk}").content

    assert patch(ana_api, dee, body).status_code == 400
    assert ana_api.get(f"/customers/{dee.pk}").content == before


def test_nothing_else_of_a_customer_can_be_set(ana_api, dee):
    before = ana_api.get(f"/customers/{dee.pk}").json()

    assert patch(ana_api, dee, {"total_spent": "9", "id": "1", "email": "x@y.zz"}).json() == before


@pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT, 200), (Role.ANALYST, 403)])
def test_whoever_holds_the_right_may_edit(anas_store, dee, role, status):
    api = api_of(make_member(anas_store, "sue@example.com", role))

    assert patch(api, dee, {"note": "Rang us"}).status_code == status


def test_a_foreign_customer_is_not_there(cy_api, dee):
    assert refused(patch(cy_api, dee, {"note": "x"})) == (404, "not_found")


def test_an_edit_is_newer_than_every_word_that_is_known(in_anas_store, ana, dee):
    """Also than one of a clock that is ahead of ours."""
    ahead = timezone.now() + timedelta(hours=1)
    word = TagsData(dee.shopify_id, ("VIP", "theirs"), ahead, whole=True)
    tagging.save_tags(tenant=in_anas_store, words=[word], ids={dee.shopify_id: dee.pk})
    Customer.objects.update(email_consent_at=ahead)
    Customer.objects.filter(pk=dee.pk).update(email_consent="subscribed")

    edit_customer(
        actor=Actor(ana), tenant=in_anas_store, customer_id=dee.pk, add_tags=["mine"],
        remove_tags=["THEIRS"], email_consent="unsubscribed",
    )  # fmt: skip
    present = CustomerTag.objects.filter(present=True).values_list("tag", flat=True)
    assert set(present) == {"VIP", "mine"}
    assert Customer.objects.get().email_consent == "unsubscribed"


# --- The admin's page -----------------------------------------------------------------------


def browser_of(client, user):
    assert client.login(username=user.email, password=PASSWORD)
    return client


def page_of(customer):
    return f"/admin/customers/customer/{customer.pk}/change/"


def form_of(client, customer, **changes):
    """What the browser sends after the person changed these fields."""
    form = client.get(page_of(customer)).context["adminform"].form
    shown = {name: form[name].value() or "" for name in form.fields}
    hidden = {f"initial-{name}": shown[name] for name in ("tag_list", "note")}
    return {**shown, **hidden, **changes}


def test_a_person_edits_on_the_page(client, ana, dee):
    browser = browser_of(client, ana)
    changes = form_of(
        browser, dee, tag_list="VIP, late, ", note="two\r\nlines",
        consent_change="subscribed", consent_reason="Asked at the till",
    )  # fmt: skip

    assert browser.post(page_of(dee), changes).status_code == 302
    with tenant_scope(dee.tenant_id):
        customer = Customer.objects.get()
        assert (customer.note, customer.email_consent) == ("two\nlines", "subscribed")
        present = CustomerTag.objects.filter(present=True).values_list("tag", flat=True)
        assert set(present) == {"VIP", "late"}
        entries = AuditEntry.objects.filter(action="customer.changed")
        assert [entry.fields for entry in entries] == [["email_consent", "note", "tags"]]
    assert "Asked at the till" in browser.get(page_of(dee)).content.decode()


def test_the_hidden_state_of_the_page_is_in_its_html(client, ana, dee):
    html = browser_of(client, ana).get(page_of(dee)).content.decode()

    assert 'name="initial-tag_list"' in html
    assert 'name="initial-note"' in html


def test_what_came_while_the_page_was_open_stays(client, ana, dee):
    browser = browser_of(client, ana)
    sent = form_of(browser, dee, tag_list="VIP, old, mine")
    with tenant_scope(dee.tenant_id):
        word = TagsData(dee.shopify_id, ("theirs",), timezone.now())
        tagging.save_tags(tenant=dee.tenant, words=[word], ids={dee.shopify_id: dee.pk})
        Customer.objects.update(note="theirs")

    assert browser.post(page_of(dee), sent).status_code == 302
    with tenant_scope(dee.tenant_id):
        present = CustomerTag.objects.filter(present=True).values_list("tag", flat=True)
        assert set(present) == {"VIP", "old", "theirs", "mine"}
        assert Customer.objects.get().note == "theirs"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tag_list": "x" * 300}, "A tag has 1 to 255 characters"),
        ({"consent_change": "subscribed"}, "Say how and when the customer agreed"),
        ({"note": "mine", "initial-note": "what stood here before"}, "was changed meanwhile"),
    ],
)
def test_the_page_says_why_it_refuses(client, ana, dee, changes, said):
    browser = browser_of(client, ana)

    answer = browser.post(page_of(dee), form_of(browser, dee, **changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    with tenant_scope(dee.tenant_id):
        assert not AuditEntry.objects.filter(action="customer.changed").exists()


def test_who_may_only_look_gets_no_fields(client, ben, dee):
    browser = browser_of(client, ben)

    assert "<textarea" not in browser.get(page_of(dee)).content.decode()
    assert browser.post(page_of(dee), {"note": "x", "tag_list": ""}).status_code == 403
