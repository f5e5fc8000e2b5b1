"""Subjects for the team's eyes: one line of words, not of Liquid."""

from typing import Any

from liquid.exceptions import LiquidError

from campaigns.content.fields import EXAMPLE, FIELDS, tree_of
from campaigns.content.liquid import TemplateNotValid, read_template, render
from campaigns.content.reading import name_of, shared_fields
from campaigns.models import Campaign, SendingSettings, Template
from tenants.models import Tenant

NONE_YET = "No subject yet"
# What differs from person to person stands as its name; dates, numbers and lists as an example,
# for filters can do nothing with a name.
PLACEHOLDERS = tree_of(
    {
        field.name: f"[{field.says.partition(',')[0]}]"
        if isinstance(field.example, str) and not field.name.endswith(("_at", ".date"))
        else field.example
        for field in FIELDS
    }
)


def shown_subject(content: Campaign | Template, *, tenant: Tenant) -> str:
    """“[First name], new at Harbour Linen”; as it was written where it cannot be read."""
    if not content.subject.strip():
        return NONE_YET
    try:
        template = read_template(content.subject, html=False)
        words = render(template, PLACEHOLDERS | own_fields(content, tenant))
    except (LiquidError, TemplateNotValid):
        return content.subject
    return " ".join(words.split()) or content.subject


def own_fields(content: Campaign | Template, tenant: Tenant) -> dict[str, Any]:
    """What is alike for everybody; the address of the settings is of no subject."""
    shared = shared_fields(tenant, name_of(content), SendingSettings())
    shared["store"]["postal_address"] = EXAMPLE["store"]["postal_address"]
    return shared
