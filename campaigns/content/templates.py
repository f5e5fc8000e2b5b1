"""Writes of templates: content to begin campaigns from.

All run within the scope of `tenant`, in the caller's transaction or one of their own. A template
may be unfinished; only Liquid that cannot be read is refused.
"""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from campaigns.content.checking import check_readable
from campaigns.content.library import LIBRARY
from campaigns.content.writing import PARTS
from campaigns.models import Template
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake

LONGEST_NAME = 255
MOST_SAME_NAMES = 100


class TemplateNameTaken(Mistake):
    """Another template of the store is called so."""

    code = "template_name_taken"
    status = 409
    message = "Another template has this name."


class TemplateNameNotValid(Mistake):
    """An empty, too long or unprintable name."""

    code = "template_name_not_valid"
    message = f"A name has 1 to {LONGEST_NAME} printable characters."


class LibraryTemplateUnknown(Mistake):
    """The library has no such template."""

    code = "library_template_unknown"
    message = f"The library has {', '.join(LIBRARY)}."


@dataclass(frozen=True, slots=True)
class TemplateData:
    """What a new template is."""

    name: str
    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    library: str = ""


@transaction.atomic
def create_template(*, actor: Actor, tenant: Tenant, data: TemplateData) -> Template:
    """Make a template; raises TemplateNameNotValid, TemplateNameTaken, TemplateNotValid."""
    parts = {part: getattr(data, part) for part in PARTS}
    check_readable(parts)
    made = Template(name=check_name(data.name), library=data.library, **parts)
    write(made.save)
    made.refresh_from_db()
    save_audit(actor=actor, action="template.created", target=made)
    return made


@transaction.atomic
def create_from_library(
    *, actor: Actor, tenant: Tenant, key: str, name: str | None = None
) -> Template:
    """Copy a template of the library; without a name it gets the library's, or "… (2)".

    Raises LibraryTemplateUnknown, TemplateNameNotValid, TemplateNameTaken.
    """
    if key not in LIBRARY:
        raise LibraryTemplateUnknown(field="library")
    found = LIBRARY[key]
    data = TemplateData(
        name=free_name(found.name) if name is None else name,
        subject=found.subject,
        preheader=found.preheader,
        html=found.html,
        library=key,
    )
    return create_template(actor=actor, tenant=tenant, data=data)


@transaction.atomic
def edit_template(
    *, actor: Actor, tenant: Tenant, template_id: int, **wanted: str | None
) -> list[str]:
    """Change the name and parts that are given; the names of what is not as before.

    Raises what `create_template` does; Template.DoesNotExist. Campaigns keep their own words.
    """
    unknown = wanted.keys() - {"name", *PARTS}
    if unknown:
        raise TypeError(f"Nobody sets {', '.join(sorted(unknown))} of a template.")
    held: Template = Template.objects.select_for_update(no_key=True).get(pk=template_id)
    given = {field: value for field, value in wanted.items() if value is not None}
    if "name" in given:
        given["name"] = check_name(given["name"])
    changes = {field: value for field, value in given.items() if value != getattr(held, field)}
    if not changes:
        return []
    check_readable(changes)
    mine = Template.objects.filter(pk=template_id)
    write(lambda: mine.update(**changes, updated_at=Now()))
    save_audit(actor=actor, action="template.changed", target=held, fields=changes)
    return sorted(changes)


@transaction.atomic
def delete_template(*, actor: Actor, tenant: Tenant, template_id: int) -> None:
    """Delete a template; campaigns begun from it keep their words. Template.DoesNotExist."""
    held: Template = Template.objects.select_for_update().get(pk=template_id)
    save_audit(actor=actor, action="template.deleted", target=held)
    held.delete()


def write(statement: Any) -> None:
    """Run the write; raises TemplateNameTaken."""
    try:
        with transaction.atomic():
            statement()
    except IntegrityError as error:
        if "one_template_per_name" in str(error):
            raise TemplateNameTaken(field="name") from None
        raise


def check_name(name: str) -> str:
    """The name without spaces around it; raises TemplateNameNotValid."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= LONGEST_NAME or not trimmed.isprintable():
        raise TemplateNameNotValid(field="name")
    return trimmed


def free_name(name: str) -> str:
    """The name, or the first of "name (2)", "name (3)" … that no template has."""
    names = [name, *(f"{name} ({number})" for number in range(2, MOST_SAME_NAMES))]
    taken = set(Template.objects.filter(name__in=names).values_list("name", flat=True))
    return next((each for each in names if each not in taken), name)
