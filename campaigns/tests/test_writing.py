"""A claim's messages in their words: fields, links, pixel, headers, and in how many statements."""

from datetime import UTC, datetime
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.content.fields import EXAMPLE, FIELDS
from campaigns.content.reading import OPEN_TRACKING, read_fields, shared_fields
from campaigns.content.writing import CampaignWriter
from campaigns.models import Link, SendingSettings
from campaigns.sending.claiming import Claimed
from campaigns.sending.ready import Ready, Unready
from campaigns.tests.conftest import make_customer
from campaigns.tests.ways import PlainWays
from campaigns.tracking.proofs import read_metadata
from customers.models import Customer, CustomerTag
from orders.models import LineItem, Order

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2026, 1, 2, 9, 30, tzinfo=UTC)


def claimed(*customers: Customer, variant: str = "A") -> list[Claimed]:
    return [Claimed(c.pk * 10, c.pk, c.email or "", variant, 1) for c in customers]


def write(campaign, *customers, **given) -> list[Ready | Unready]:
    writer = CampaignWriter(tenant=campaign.tenant, campaign=campaign, ways=PlainWays(), **given)
    return writer.prepare(claimed(*customers))


def write_one(campaign, customer, **parts) -> Ready:
    for name, value in parts.items():
        setattr(campaign, name, value)
    (ready,) = write(campaign, customer)
    assert isinstance(ready, Ready), ready
    return ready


def test_a_person_is_called_by_their_name(campaign, kim):
    Customer.objects.filter(pk=kim.pk).update(first_name="Kim", city="US-NY-NewYorkCity")

    ready = write_one(campaign, kim, subject="For {{ customer.name }}", html="{{ customer.city }}")

    assert (ready.subject, ready.text) == ("For Kim", "New York City")


def give_order(customer, number, **given):
    order = Order.objects.create(
        shopify_id=number, name=f"#{number}", customer=customer, amount="5", reported_amount="5",
        current_amount="5", currency="JPY", triggered_at=LONG_AGO,
        processed_at=LONG_AGO.replace(day=number), created_at=LONG_AGO, updated_at=LONG_AGO,
        **given,
    )  # fmt: skip
    LineItem.objects.create(
        shopify_id=1, order=order, customer=customer, ordered_at=LONG_AGO, title=f"Hat {number}",
        quantity=2, current_quantity=2, price="5",
    )  # fmt: skip


def test_the_last_order_is_the_newest_that_counts(campaign, kim):
    for number, state in ((1, "paid"), (2, "paid"), (3, "voided")):
        give_order(kim, number, financial_status=state)

    ready = write_one(
        campaign,
        kim,
        html="{{ last_order.name }} {{ last_order.amount }} {{ last_order.date | date: '%d %B' }}"
        "{% for item in last_order.items %} {{ item.quantity }} {{ item.title }}{% endfor %}",
    )

    assert ready.text == "#2 5 02 January 2 Hat 2"


def test_tags_are_those_that_are_there(campaign, kim):
    for tag, present in (("VIP", True), ("gone", False), ("early", True)):
        CustomerTag.objects.create(
            customer=kim, tag=tag, tag_key=tag.lower(), present=present, changed_at=LONG_AGO
        )

    assert write_one(campaign, kim, html="{{ customer.tags | join: ', ' }}").text == "early, VIP"


def test_a_claim_of_100_is_read_in_three_statements(campaign):
    people = [make_customer(number, f"p{number}@example.com") for number in range(100)]
    campaign.html = "{{ customer.tags.size }} {{ last_order.name | default: 'none' }}"
    writer = CampaignWriter(tenant=campaign.tenant, campaign=campaign, ways=PlainWays())
    writer.prepare(claimed(people[0]))

    with CaptureQueriesContext(
        connection,
    ) as told:
        written = writer.prepare(claimed(*people))

    assert len(written) == 100
    assert len([each for each in told if "SELECT" in each["sql"]]) == 3


@pytest.mark.parametrize("path", ["sale", "{{ customer.language }}"])
def test_after_the_first_message_of_a_claim_the_database_is_asked_nothing(campaign, path):
    people = [make_customer(number, f"p{number}@example.com") for number in range(5)]
    Customer.objects.update(language="de")
    campaign.html = f'<a href="https://shop.example/{path}">Hello</a>'
    messages = CampaignWriter(tenant=campaign.tenant, campaign=campaign).write(claimed(*people))
    first = next(messages)

    with CaptureQueriesContext(connection) as told:
        others = list(messages)

    assert [each.recipient for each in [first, *others]] == [person.email for person in people]
    assert len(told) == 0


def test_clicks_lead_through_us_and_other_links_do_not(campaign, kim):
    ready = write_one(
        campaign,
        kim,
        html='<a href="https://shop.example/?a=1&amp;b=2">Shop</a>'
        "<a href='https://shop.example/?a=1&amp;b=2'>again</a>"
        '<a href="mailto:ana@shop.example">us</a><a href="tel:123">call</a><a href="#top">up</a>'
        '<a href="{{ unsubscribe_url }}">no more</a>',
    )

    link = Link.objects.get()
    assert link.url == "https://shop.example/?a=1&b=2"
    address = f"https://crm.example/c/{kim.pk * 10}/{link.pk}"
    assert ready.html.count(f'="{address}"') + ready.html.count(f"='{address}'") == 2
    assert 'href="mailto:ana@shop.example"' in ready.html
    assert f'href="https://crm.example/u/{kim.pk * 10}"' in ready.html
    assert f"Shop ({address})" in ready.text


@pytest.mark.parametrize("name", ["Ana & <b>", "{{ customer.email }}", "{% raw %}", "a\\1"])
def test_what_is_the_same_for_all_is_written_once_and_stays_a_text(campaign, kim, name):
    campaign.tenant.name = name

    ready = write_one(
        campaign, kim, subject="From {{ store.name }}", html="<p>{{ store.name }}</p>"
    )

    assert (ready.subject, ready.text) == (f"From {name}", name)
    assert f"<p>{escape(name)}</p>" in ready.html


def test_a_name_that_the_template_takes_is_its_own(campaign, kim):
    html = "{% assign store = customer %}{{ store.name | default: 'nobody' }}{{ store.email }}"

    assert write_one(campaign, kim, html=html).text == "nobodykim@example.com"


def test_a_link_to_the_shop_is_counted_as_one(campaign, kim):
    write_one(campaign, kim, html='<a href="{{ store.url }}/sale">a</a>')

    assert Link.objects.get().url == "https://ana.myshopify.com/sale"


def test_a_link_that_liquid_makes_is_counted_unless_it_names_the_person(campaign, kim):
    Customer.objects.filter(pk=kim.pk).update(language="de", first_name="Kim")
    ready = write_one(
        campaign,
        kim,
        html='<a href="{{ store.url }}/{{ customer.language }}?x=1&amp;y">a</a>'
        '<a href="https://x.example/{{ customer.email | url_encode }}">b</a>',
    )

    assert [link.url for link in Link.objects.all()] == ["https://ana.myshopify.com/de?x=1&y"]
    assert 'href="https://x.example/kim%40example.com"' in ready.html
    assert "/c/" in ready.text


def test_links_are_numbered_once_whoever_writes(campaign, kim, lee):
    campaign.html = '<a href="https://a.example">a</a><a href="https://b.example">b</a>'

    write(campaign, kim)
    write(campaign, lee)

    found = Link.objects.order_by("position").values_list("url", flat=True)
    assert list(found) == ["https://a.example", "https://b.example"]


def test_a_store_that_counts_no_clicks_leads_people_directly(campaign, kim):
    SendingSettings.objects.create(track_clicks=False, track_opens=False)

    ready = write_one(campaign, kim, html='<a href="https://a.example">a</a></body>')

    assert ready.html == '<a href="https://a.example">a</a></body>'
    assert not Link.objects.exists()


def test_opens_are_counted_at_the_end_of_the_body_where_they_may_be(campaign, kim, lee):
    campaign.html = "<body>Hello</body>"
    Customer.objects.filter(pk=lee.pk).update(email_open_tracking="OPTED_OUT")

    mine, others = write(campaign, kim, lee)

    assert f'<img src="https://crm.example/o/{mine.id}"' in mine.html
    assert mine.html.endswith("</body>")
    assert others.html == "<body>Hello</body>"


def test_the_preheader_is_hidden_at_the_beginning_of_the_body(campaign, kim):
    ready = write_one(
        campaign, kim, preheader="Less < more, {{ customer.email }}", html="<body><p>Hi</p></body>"
    )

    start, _, rest = ready.html.partition(">")
    assert start == "<body"
    assert rest.startswith('<div style="display:none')
    assert "Less &lt; more, kim@example.com" in rest
    assert ready.text == "Hi"


def test_one_click_unsubscribes(campaign, kim):
    ready = write_one(campaign, kim)

    assert ready.headers == {
        "List-Unsubscribe": f"<https://crm.example/u/{ready.id}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_f107_what_a_message_is_known_by_cannot_be_made_from_anothers(campaign, kim, lee):
    first, second = write(campaign, kim, lee)
    [again] = write(campaign, kim)

    token = read_metadata(first.metadata)
    assert (token.tenant_id, token.message_id) == (campaign.tenant_id, first.id)
    assert again.message_id == first.message_id
    assert secret_of(first) != secret_of(second)


def secret_of(message) -> str:
    """What of its Message-ID is no number that others know."""
    return message.message_id.partition("@")[0].split(".")[2]


def test_a_variant_says_what_differs(campaign, kim):
    campaign.variants = [{"key": "B", "subject": "Other words"}]
    writer = CampaignWriter(tenant=campaign.tenant, campaign=campaign, ways=PlainWays())

    first, second = writer.prepare([*claimed(kim), *claimed(kim, variant="B")])

    assert (first.subject, second.subject) == ("Spring is here", "Other words")
    assert first.text == second.text == "Hello"


@pytest.mark.parametrize("html", ["{{ nobody.knows }}", "{% if %}", "{{ last_order.name }}"])
def test_words_that_cannot_be_found_fail_and_are_not_sent(campaign, kim, html):
    campaign.html = html

    assert write(campaign, kim) == [Unready(kim.pk * 10, "content")]


def test_an_address_that_no_server_takes_fails_alone(campaign, kim):
    broken = make_customer(9, "no address@ex ample")

    good, bad = write(campaign, kim, broken)

    assert isinstance(good, Ready)
    assert bad == Unready(broken.pk * 10, "address")


def test_the_text_by_hand_wins(campaign, kim):
    assert write_one(campaign, kim, text="By hand & <b>").text == "By hand & <b>"


def test_the_documented_fields_are_those_that_there_are(campaign, kim):
    give_order(kim, 1)
    written = " ".join(
        f"{field.name}={{{{ {field.name} | default: 'nil' }}}}"
        for field in FIELDS
        if not isinstance(field.example, dict | list)
    )
    SendingSettings.objects.create(postal_address="1 Harbour\nStreet")
    named = write_one(campaign, kim, html="<p>x</p>", text=written).text

    person = read_fields(campaign.tenant, [kim.pk])[kim.pk]
    person.pop(OPEN_TRACKING)
    shared = shared_fields(campaign.tenant, "Spring", SendingSettings())
    assert {root: keys_of(value) for root, value in (shared | person).items()} == {
        root: keys_of(value) for root, value in EXAMPLE.items() if "url" not in root
    }
    assert "store.postal_address=1 Harbour Street" in named
    assert "last_order.name=#1" in named


def keys_of(value):
    return set(value) if isinstance(value, dict) else type(value)
