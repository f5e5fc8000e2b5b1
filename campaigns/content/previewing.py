"""A campaign as somebody would get it, with nothing counted.

The HTML is what somebody of the store's team wrote: a page shows it only within
`<iframe sandbox="" srcdoc="…">`, from a response whose policy is `PREVIEW_POLICY`, never in
its own document.
"""

from dataclasses import replace
from typing import Any

from liquid.exceptions import LiquidError

from campaigns.content.fields import EXAMPLE
from campaigns.content.liquid import TemplateNotValid
from campaigns.content.preparing import Tracking, Words, prepare
from campaigns.content.reading import name_of, read_fields, shared_fields
from campaigns.content.ways import NO_MESSAGE, TRACKED
from campaigns.content.writing import content_of, direct
from campaigns.models import Campaign, Template
from campaigns.settings import settings_of
from customers.models import Customer
from tenants.models import Tenant

# No script runs and no form leaves; pictures come from where the mail has them.
PREVIEW_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; font-src https:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
)


def preview(
    content: Campaign | Template,
    *,
    tenant: Tenant,
    customer: Customer | None = None,
    variant: str = "A",
) -> Words:
    """The words for this customer, or for an example; links lead straight where they lead.

    Raises TemplateNotValid when it cannot be written for them.
    """
    prepared = prepare(
        content_of(content, variant), nonce="", tracking=Tracking(clicks=False, opens=False)
    )
    fields = fields_of(content, tenant, customer)
    try:
        drafted = prepared.draft(fields)
        preheader = prepared.preheader.write(fields)
    except LiquidError as error:
        raise TemplateNotValid(str(error)) from error
    words = prepared.fill(drafted, lambda _, inner: direct(inner))
    return replace(words, preheader=preheader)


def fields_of(
    content: Campaign | Template, tenant: Tenant, customer: Customer | None
) -> dict[str, Any]:
    """What the template may say: of the customer, or the examples of the documented list."""
    shared = shared_fields(tenant, name_of(content), settings_of(tenant))
    person = {name: EXAMPLE[name] for name in ("customer", "last_order")}
    if customer is not None:
        person = read_fields(tenant, [customer.pk])[customer.pk]
    return {
        **shared,
        **person,
        "unsubscribe_url": TRACKED.unsubscribe_url(NO_MESSAGE),
        "preferences_url": TRACKED.preferences_url(NO_MESSAGE),
    }
