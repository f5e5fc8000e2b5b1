"""The check before sending: what is an error, what a warning, and where it stands."""

import time

import pytest
from django.utils import timezone

from campaigns.content.checking import check_content, check_parts, errors_of
from campaigns.models import SendingSettings

FOOTER = '<p>{{ store.postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
LETTER = "<p>There is something new in our shop for you.</p>"
# Whether a part is looked at by itself or as a campaign, Liquid's findings are these.
OF_LIQUID = {
    "{{ customer.first_name": "template_not_valid",
    "{% include 'x' %}": "template_not_valid",
    "{% debug %}": "template_not_valid",
    "{{ customer.email | secret }}": "template_not_valid",
    "{{ (1..100000000) | join: '' }}": "template_not_valid",
    "{{ nobody }}": "unknown_field",
    "{{ customer.nothing }}": "unknown_field",
    "{{ event.__init__.__globals__ }}": "unknown_field",
    "{{ customer.email.__class__ }}": "unknown_field",
    "{{ customer[campaign.name] }}": "unknown_field",
    "{{ customer.first_name }}": "unguarded_field",
    "{{ customer.first_name | upcase }}": "unguarded_field",
    "{% if customer.city %}a{% else %}{{ customer.city }}{% endif %}": "unguarded_field",
    "{{ last_order.name }}": "unguarded_field",
    "{% if last_order.name == '#1' %}a{% endif %}": "unguarded_field",
    "{% for item in last_order.items %}{{ item.title }}{% endfor %}": "unguarded_field",
    "{% assign name = customer.first_name %}{{ name }}": "unguarded_field",
    "{% if customer.orders_count > 'many' %}x{% endif %}": "template_not_valid",
    "{{ customer.tags.first }}": "template_not_valid",  # of who has none
    "{% if last_order %}{{ last_order.items[0].title }}{% endif %}": "template_not_valid",
}
FINE = [
    "{{ 7 | times: 7 }} %(x)s {0.__class__}",
    "{{ customer.first_name | default: 'you' }}",
    "{% if customer.first_name %}{{ customer.first_name }}{% endif %}",
    "{% unless customer.city == blank %}{{ customer.city }}{% endunless %}",
    "{% if customer.city and customer.country == 'GB' %}{{ customer.city }}{% endif %}",
    "{% case customer.country %}{% when 'GB' %}{{ customer.country }}{% else %}abroad{% endcase %}",
    "{% if last_order %}{{ last_order.name }}{% for item in last_order.items %}{{ item.title }}"
    "{{ forloop.index }}{% endfor %}{% endif %}",
    "{% assign name = customer.first_name | default: 'you' %}{{ name }}",
    "{% if customer.total_spent > 100 %}{{ customer.total_spent }}{% endif %}",
    "{{ now | date: '%Y' }}{{ customer.tags | join: ', ' }}{{ customer.tags.size }}",
]
OF_HTML = {
    '<a href="shop.example">x</a>': ("broken_link", "error"),
    '<a href="/sale">x</a>': ("broken_link", "error"),
    '<a href="">x</a>': ("broken_link", "error"),
    '<a href="#">x</a>': ("broken_link", "error"),
    '<a href="https://">x</a>': ("broken_link", "error"),
    '<a href="https://shop..example">x</a>': ("broken_link", "error"),
    '<a href="javascript:alert(1)">x</a>': ("broken_link", "error"),
    '<a href="java&#10;script:alert(1)">x</a>': ("broken_link", "error"),
    '<a href="data:text/html,x">x</a>': ("broken_link", "error"),
    '<a href="{{ customer.email }}">x</a>': ("broken_link", "error"),
    '<a href="http{{ customer.email }}">x</a>': ("broken_link", "error"),
    "<a>x</a>": ("broken_link", "error"),
    "<style>p { color: {{ customer.email }} }</style>": ("field_in_wrong_place", "error"),
    "<script>{{ customer.email }}</script>": ("field_in_wrong_place", "error"),
    '<p style="color: {{ customer.email }}">x</p>': ("field_in_wrong_place", "error"),
    '<p onclick="{{ customer.email }}">x</p>': ("field_in_wrong_place", "error"),
    "<p title={{ customer.email }}>x</p>": ("field_in_wrong_place", "error"),
    "<p {{ customer.email }}>x</p>": ("field_in_wrong_place", "error"),
    '<img alt="" src="{{ customer.email }}">': ("field_in_wrong_place", "error"),
    '<img src="https://shop.example/x.png">': ("image_without_alt", "warning"),
    '<img src="x.png" alt="">': ("broken_image", "warning"),
    "<form></form>": ("not_in_mail", "warning"),
    "<div><p>x</div></span>": ("unclosed_tag", "warning"),
    "<div><b>x</div>": ("unclosed_tag", "warning"),
    "<table>": ("unclosed_tag", "warning"),
    "{% if customer.city %}<table>{% endif %}": ("unclosed_tag", "warning"),
    f"<p>{'x' * 110_000}</p>": ("too_large", "warning"),
}


def codes(html=LETTER, subject="News", text="", preheader="", footer=FOOTER) -> dict[str, str]:
    parts = {"subject": subject, "preheader": preheader, "html": html + footer, "text": text}
    return {finding.code: finding.severity for finding in check_parts(parts)}


@pytest.mark.parametrize(("liquid", "code"), OF_LIQUID.items())
@pytest.mark.parametrize("part", ["html", "subject", "preheader"])
def test_f102_what_liquid_may_not_say_is_an_error_in_every_part(liquid, code, part):
    given = {part: LETTER + liquid if part == "html" else liquid}

    assert codes(**given).get(code) == "error"


@pytest.mark.parametrize("liquid", FINE)
def test_what_is_guarded_or_literal_is_no_finding(liquid):
    assert codes(html=LETTER + liquid, subject=f"News {liquid}") == {}


@pytest.mark.parametrize(("html", "found"), OF_HTML.items(), ids=range(len(OF_HTML)))
def test_what_is_wrong_with_html(html, found):
    assert codes(html=LETTER + html).items() >= {found}


def test_links_that_are_whole_are_no_finding():
    good = (
        '<a href="https://shop.example/a?b={{ customer.email | url_encode }}#c">x</a>'
        '<a href="{{ store.url }}/sale">x</a><a href="mailto:a@b.example">x</a>'
        '<a href="#end">x</a>'
        '<a name="end"></a><a href="{{ preferences_url }}">x</a>'
        '<img src="{{ store.url }}/x" alt="">'
    )

    assert codes(html=LETTER + good) == {}


def test_the_line_is_told():
    parts = {
        "subject": "News",
        "preheader": "",
        "text": "",
        "html": f"\n\n{{{{ nobody }}}}{FOOTER}",
    }

    found = next(finding for finding in check_parts(parts) if finding.code == "unknown_field")

    assert (found.part, found.line) == ("html", 3)


@pytest.mark.parametrize(
    ("given", "code", "severity"),
    [
        ({"footer": ""}, "no_unsubscribe", "error"),
        ({"footer": ""}, "no_postal_address", "error"),
        ({"footer": "{% if false %}" + FOOTER + "{% endif %}"}, "no_unsubscribe", "error"),
        ({"footer": FOOTER.replace("href", "title")}, "no_unsubscribe", "error"),
        ({"subject": " "}, "no_subject", "error"),
        ({"subject": "{% if last_order %}Again{% endif %}"}, "no_subject", "error"),
        ({"subject": "BUY EVERYTHING NOW"}, "looks_like_spam", "warning"),
        ({"subject": "Buy now!!"}, "looks_like_spam", "warning"),
        ({"subject": "word " * 60}, "long_subject", "warning"),
        ({"text": "By hand, and no way to unsubscribe"}, "text_without_unsubscribe", "warning"),
        ({"html": '<img src="https://a.example/x" alt="x">', "footer": ""}, "no_text", "warning"),
        ({"html": "", "footer": ""}, "no_content", "error"),
    ],
)
def test_what_is_missing(given, code, severity):
    assert codes(**given).get(code) == severity


def test_a_campaign_is_checked_with_its_sender_settings_and_variants(campaign, settings):
    settings.CAMPAIGN_PROVIDER = "smtp"
    campaign.html = LETTER + FOOTER
    campaign.variants = [{"key": "B", "subject": "{{ nobody }}"}]

    found = errors_of(check_content(campaign, tenant=campaign.tenant))

    assert [(each.code, each.part, each.variant) for each in found] == [
        ("sender_not_verified", "sender", ""),
        ("no_postal_address", "settings", ""),
        ("unknown_field", "subject", "B"),
    ]


def test_a_campaign_that_may_be_sent_has_no_error(campaign, sender):
    SendingSettings.objects.create(postal_address="1 Harbour Street, York")
    sender.verified_at = timezone.now()
    campaign.html = LETTER + FOOTER

    assert check_content(campaign, tenant=campaign.tenant) == []


def test_nobody_can_send_without_a_sender(campaign):
    campaign.sender = None

    assert "no_sender" in {each.code for each in check_content(campaign, tenant=campaign.tenant)}


@pytest.mark.parametrize("piece", ["<div>", "<div></b>", "<a href='", "{{ x }}", "{% if x %}"])
def test_hostile_content_is_checked_in_time(piece):
    begun = time.process_time()

    codes(html=piece * (190_000 // len(piece)))

    assert time.process_time() - begun < 20
