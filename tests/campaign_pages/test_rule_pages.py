"""Suppressions, templates, senders and topics: each write is the action's, each preview closed."""

import pytest

from campaigns.models import Sender, Suppression, Template, Topic
from tenants.models import AuditEntry
from tests.segment_pages.conftest import browser_of
from xeno.lib.postgres.scope import tenant_scope

AT = "/admin/campaigns/"


def texts(answer):
    return answer.content.decode()


def test_an_address_is_added_found_by_its_beginning_and_let_go(anas, anas_store):
    for address in ("Kim@Shop.test", "lee@shop.test"):
        anas.post(f"{AT}suppression/add/", {"address": address, "note": "asked"})

    shown = texts(anas.get(f"{AT}suppression/?q=KIM"))
    assert "kim@shop.test" in shown
    assert "lee@shop.test" not in shown
    with tenant_scope(anas_store.pk):
        row = Suppression.objects.get(address="kim@shop.test")
        assert row.reason == "by_hand"
    anas.get(f"{AT}suppression/{row.pk}/delete/")
    anas.post(f"{AT}suppression/{row.pk}/delete/", {"post": "yes"})

    with tenant_scope(anas_store.pk):
        assert not Suppression.objects.filter(pk=row.pk).exists()
        assert AuditEntry.objects.latest("pk").action == "suppression.removed"


def test_addresses_are_imported_from_what_a_list_looks_like(anas, anas_store):
    text = 'name,e-mail\n"Kim","kim@shop.test"\nLee;lee@shop.test\npigeon\n<max@shop.test>\n'

    told = texts(anas.post(f"{AT}suppression/import/", {"text": text}, follow=True))

    with tenant_scope(anas_store.pk):
        found = set(Suppression.objects.values_list("address", "reason"))
    assert found == {(f"{n}@shop.test", "imported") for n in ("kim", "lee", "max")}
    assert "3 addresses suppressed" in told
    assert "pigeon" in told


def test_a_template_of_the_library_is_taken_and_changed(anas, anas_store):
    anas.post(f"{AT}template/library/", {"key": "welcome"})
    with tenant_scope(anas_store.pk):
        made = Template.objects.get()
    path = f"{AT}template/{made.pk}/"
    body = {"name": "Mine", "subject": "S", "preheader": "", "html": "<p>Hi</p>", "text": ""}

    anas.post(f"{path}change/", body)

    with tenant_scope(anas_store.pk):
        assert Template.objects.get().name == "Mine"
        assert AuditEntry.objects.latest("pk").action == "template.changed"
    assert 'sandbox=""' in texts(anas.get(f"{path}change/"))


def test_f110_a_template_is_shown_in_a_closed_frame_as_it_is_typed(anas, anas_store):
    with tenant_scope(anas_store.pk):
        made = Template.objects.create(name="Mine", html="<script>1</script>Saved")
    path = f"{AT}template/{made.pk}/preview/"

    saved, typed = anas.get(path), anas.post(path, {"html": "<p>Typed</p>"})

    assert "Saved" in texts(saved)
    assert "Typed" in texts(typed)
    for answer in (saved, typed, anas.get(f"{AT}template/sample/?key=welcome")):
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = texts(anas.get(f"{AT}template/{made.pk}/change/"))
    assert "<script>1</script>" not in page


def test_a_template_that_cannot_be_read_says_why(anas, anas_store):
    body = {"name": "Bad", "subject": "S", "preheader": "", "html": "{% if %}", "text": ""}

    again = anas.post(f"{AT}template/add/", body)

    assert again.status_code == 200
    assert list(again.context["adminform"].form.errors) == ["html"]
    assert again.context["adminform"].form["name"].value() == "Bad"
    assert 'value="Bad"' in texts(again)
    with tenant_scope(anas_store.pk):
        assert not Template.objects.exists()


def test_a_sender_is_made_and_told_what_to_publish(anas, anas_store):
    body = {"name": "Ana", "email": "ana@shop.test", "reply_to": "", "dkim_selector": "pm"}
    anas.post(f"{AT}sender/add/", body)

    with tenant_scope(anas_store.pk):
        sender = Sender.objects.get()
        found = {"ok": True, "found": "v=spf1 ~all", "advice": ""}
        lacking = {"ok": False, "found": "", "advice": "Publish the DKIM record."}
        Sender.objects.update(records={"spf": found, "dkim": lacking})
    shown = texts(anas.get(f"{AT}sender/{sender.pk}/change/"))

    assert "SPF ok" in shown
    assert "DKIM missing" in shown
    assert "pm._domainkey.shop.test" in shown


def test_a_topic_is_made_and_changed_by_its_actions(anas, anas_store):
    anas.post(f"{AT}topic/add/", {"name": "News", "description": ""})
    with tenant_scope(anas_store.pk):
        topic = Topic.objects.get()

    anas.post(f"{AT}topic/{topic.pk}/change/", {"name": "Offers", "description": ""})

    with tenant_scope(anas_store.pk):
        assert Topic.objects.get().name == "Offers"
        assert AuditEntry.objects.latest("pk").action == "topic.changed"


NAMED = {
    "topic": (Topic, "name", {"description": ""}),
    "sender": (Sender, "email", {"name": "Ana", "reply_to": "", "dkim_selector": ""}),
    "template": (Template, "name", dict.fromkeys(("subject", "preheader", "html", "text"), "")),
}


@pytest.mark.parametrize("page", ["add", "change"])
@pytest.mark.parametrize("noun", NAMED)
def test_a_name_that_is_taken_is_told_beside_it_and_what_was_typed_stays(
    anas, anas_store, noun, page
):
    model, field, rest = NAMED[noun]
    first, second = "first@shop.test", "second@shop.test"
    with tenant_scope(anas_store.pk):
        model.objects.create(**{field: first})
        other = model.objects.create(**{field: second})
    path = f"{AT}{noun}/add/" if page == "add" else f"{AT}{noun}/{other.pk}/change/"

    again = anas.post(path, rest | {field: first})

    form = again.context["adminform"].form
    assert again.status_code == 200
    assert list(form.errors) == [field]
    assert f"Another {noun} of this store has this" in str(form.errors[field])
    assert form[field].value() == first
    with tenant_scope(anas_store.pk):
        assert set(model.objects.values_list(field, flat=True)) == {first, second}


@pytest.mark.parametrize("page", ["suppression/add/", "suppression/import/", "template/add/",
                                  "sender/add/", "topic/add/"])  # fmt: skip
def test_who_only_looks_makes_nothing(anas_store, page):
    assert browser_of(anas_store, "analyst").get(f"{AT}{page}").status_code == 403
