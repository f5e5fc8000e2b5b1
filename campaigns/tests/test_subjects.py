"""A subject as lists show it: words, whatever Liquid it is made of."""

import pytest

from campaigns.content.fields import FIELDS
from campaigns.content.subjects import shown_subject
from campaigns.models import Campaign, Template
from tenants.models import Tenant

STORE = Tenant(name="Harbour Linen", shop_domain="harbour.myshopify.com", currency="GBP")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Spring is here", "Spring is here"),
        ("New at {{ store.name }}", "New at Harbour Linen"),
        ("{{ customer.first_name | default: 'Hello' }}, look", "[First name], look"),
        (
            "{% if customer.first_name %}{{ customer.first_name }}: {% else %}Hi: {% endif %}new",
            "[First name]: new",
        ),
        ("{{ last_order.items[0].title }} again?", "Linen shirt again?"),
        ("{{ customer.last_order_at | date: '%Y' }}", "2026"),
        ("Two\n lines", "Two lines"),
        ("", "No subject yet"),
        ("  ", "No subject yet"),
        ("{{ store.name", "{{ store.name"),
        ("{{ store.nowhere }}", "{{ store.nowhere }}"),
        ("{% comment %}{% endcomment %}", "{% comment %}{% endcomment %}"),
    ],
)
def test_a_subject_is_shown_as_people_read_it(written, shown):
    campaign = Campaign(name="Spring", subject=written)

    assert shown_subject(campaign, tenant=STORE) == shown


@pytest.mark.parametrize("field", [field.name for field in FIELDS])
def test_every_field_can_be_shown(field):
    template = Template(name="Mine", subject=f"{{{{ {field} }}}}")

    assert "{{" not in shown_subject(template, tenant=STORE)
