"""Templates: made, changed, deleted, and copied from the library."""

import pytest

from campaigns.content import templates
from campaigns.content.library import LIBRARY
from campaigns.content.liquid import TemplateNotValid
from campaigns.content.templates import (
    LibraryTemplateUnknown,
    TemplateData,
    TemplateNameNotValid,
    TemplateNameTaken,
)
from campaigns.models import Template
from tenants.audit import Actor
from tenants.models import AuditEntry


@pytest.fixture
def made(in_anas_store, ana) -> Template:
    return create(in_anas_store, ana, name="Spring", subject="Spring", html="<p>Hello</p>")


def create(tenant, user, **given) -> Template:
    data = TemplateData(**given)
    return templates.create_template(actor=Actor(user), tenant=tenant, data=data)


def edit(template, user, **given) -> list[str]:
    return templates.edit_template(
        actor=Actor(user), tenant=template.tenant, template_id=template.pk, **given
    )


def test_a_template_is_made_and_that_is_noted(made, ana):
    entry = AuditEntry.objects.latest("pk")

    assert (made.name, made.html) == ("Spring", "<p>Hello</p>")
    assert (entry.action, entry.object_id, entry.actor) == ("template.created", str(made.pk), ana)


def test_what_changed_is_written_and_named(made, ana):
    assert edit(made, ana, name="Spring", subject="Summer", html="<p>Hi</p>") == ["html", "subject"]

    made.refresh_from_db()
    assert (made.subject, made.html) == ("Summer", "<p>Hi</p>")
    assert AuditEntry.objects.latest("pk").fields == ["html", "subject"]


def test_what_is_as_it_was_is_not_noted(made, ana):
    before = AuditEntry.objects.count()

    assert edit(made, ana, subject="Spring") == []
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
def test_f102_liquid_that_cannot_be_read_is_refused_with_its_place(made, ana, part):
    with pytest.raises(TemplateNotValid) as refusal:
        edit(made, ana, **{part: "fine\n{% include 'secret' %}"})

    assert (refusal.value.field, refusal.value.line) == (part, 2)
    made.refresh_from_db()
    assert "include" not in getattr(made, part)


def test_two_templates_have_two_names(made, in_anas_store, ana):
    with pytest.raises(TemplateNameTaken):
        create(in_anas_store, ana, name="Spring")
    other = create(in_anas_store, ana, name="Other")
    with pytest.raises(TemplateNameTaken):
        edit(other, ana, name=" Spring ")


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\nb"])
def test_a_name_can_be_read(in_anas_store, ana, name):
    with pytest.raises(TemplateNameNotValid):
        create(in_anas_store, ana, name=name)


def test_a_template_is_deleted_and_that_is_noted(made, ana):
    pk = made.pk
    templates.delete_template(actor=Actor(ana), tenant=made.tenant, template_id=pk)

    assert not Template.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.object_id) == ("template.deleted", str(pk))


@pytest.mark.parametrize("key", LIBRARY)
def test_the_library_is_copied_as_often_as_one_likes(in_anas_store, ana, key):
    told = {"actor": Actor(ana), "tenant": in_anas_store, "key": key}
    first, second = (templates.create_from_library(**told) for _ in range(2))

    assert (first.name, second.name) == (LIBRARY[key].name, f"{LIBRARY[key].name} (2)")
    assert (first.library, first.html) == (key, LIBRARY[key].html)


def test_what_the_library_lacks_is_refused(in_anas_store, ana):
    with pytest.raises(LibraryTemplateUnknown):
        templates.create_from_library(actor=Actor(ana), tenant=in_anas_store, key="../secret")
