"""What is wrong with a message's words before anybody gets them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from django.conf import settings
from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from campaigns.content.checks_of_html import MOST, check_html
from campaigns.content.fields import EXAMPLE, FIELDS, lacking
from campaigns.content.findings import Finding, error, warning
from campaigns.content.guards import Asked, asked_of
from campaigns.content.links import address_of, hrefs_of
from campaigns.content.liquid import TemplateNotValid, line_of, read_template, render
from campaigns.content.markup import line_at
from campaigns.content.masking import mask, unmask
from campaigns.content.nesting import check_nesting
from campaigns.content.plain import to_text
from campaigns.content.writing import PARTS, content_of
from campaigns.models import Campaign, Sender, SendingSettings, Template
from campaigns.settings import settings_of
from tenants.models import Tenant

LARGEST = 102 * 1024  # bytes; Gmail shows no more, and hides the way to unsubscribe below it
LONGEST_SUBJECT = 150
STAYS_HERE = ("mailbox", "console")  # providers by which no message leaves
NULLABLE = [field.name for field in FIELDS if field.nullable]


def check_content(content: Campaign | Template, *, tenant: Tenant) -> list[Finding]:
    """All findings, errors first; a campaign's variants and sender are looked at too.

    With no error every message can be written; nobody sends a campaign that has one.
    """
    rules = settings_of(tenant)
    found = list(check_sender(content.sender, rules)) if isinstance(content, Campaign) else []
    found += check_settings(rules)
    keys = variants_of(content)
    for key in keys:
        for finding in check_parts(content_of(content, key)):
            found.append(replace(finding, variant=key if len(keys) > 1 else ""))
    return sorted(dict.fromkeys(found), key=lambda each: each.severity != "error")


def errors_of(findings: list[Finding]) -> list[Finding]:
    """Those that keep it from being sent."""
    return [finding for finding in findings if finding.severity == "error"]


def variants_of(content: Campaign | Template) -> list[str]:
    """The keys of its variants, A first."""
    told = content.variants if isinstance(content, Campaign) else []
    return list(dict.fromkeys(["A", *(str(each.get("key", "")) for each in told)]))


def check_sender(sender: Sender | None, rules: SendingSettings) -> Iterator[Finding]:
    """Somebody must send it, from a domain that mailboxes believe."""
    if sender is None:
        yield error("no_sender", "Choose who sends it.", part="sender")
    elif sender.verified_at is None:
        leaves = (rules.provider or settings.CAMPAIGN_PROVIDER) not in STAYS_HERE
        yield (error if leaves else warning)(
            "sender_not_verified",
            "The DNS records of the sender's domain are not all there: mailboxes would refuse the"
            " message or call it spam. Check them under senders.",
            part="sender",
        )


def check_settings(rules: SendingSettings) -> Iterator[Finding]:
    """The law asks for an address (CAN-SPAM)."""
    if not rules.postal_address.strip():
        yield error(
            "no_postal_address",
            "The sending settings have no postal address, and the law asks for one in every mail.",
            part="settings",
        )


def check_parts(parts: Mapping[str, str]) -> Iterator[Finding]:
    """The words of one variant."""
    if not parts["subject"].strip():
        yield error("no_subject", "Write a subject.", part="subject")
    if not parts["html"].strip():
        yield error("no_content", "Write the message.")
    templates: dict[str, BoundTemplate] = {}
    amiss: list[Finding] = []
    for name in PARTS:
        made = read_part(name, parts[name])
        if isinstance(made, Finding):
            amiss.append(made)
        else:
            templates[name] = made
            amiss += islice(check_fields(name, parts[name], made), MOST)
    yield from amiss
    if len(templates) == len(PARTS):
        yield from check_html(parts["html"])
    if not amiss:  # else it cannot be written
        yield from check_rendered(parts, templates)


def read_part(name: str, text: str) -> BoundTemplate | Finding:
    """The template, or what is wrong with its Liquid."""
    try:
        return read_template(text, html=name == "html")
    except TemplateNotValid as mistake:
        return error("template_not_valid", str(mistake), part=name, line=mistake.line)


def check_fields(part: str, text: str, template: BoundTemplate) -> Iterator[Finding]:
    """Every field must be one that there is, and have something instead where it may be missing."""
    try:
        asked = asked_of(template)
    except TemplateNotValid as mistake:
        yield error("template_not_valid", str(mistake), part=part)
        return
    for each in asked:
        line = line_at(text, each.place)
        if not each.known:
            words = f"There is no field “{each.name}”."
            yield error("unknown_field", words, part=part, line=line)
        elif each.missing:
            yield error("unguarded_field", missingof_guard(each), part=part, line=line)


def missingof_guard(asked: Asked) -> str:
    """How to say what stands instead."""
    if asked.missing != asked.name or asked.name == "last_order":
        return (
            f"Not everybody has “{asked.missing}”: show “{asked.name}” within"
            f" {{% if {asked.missing} %}} … {{% endif %}}."
        )
    return (
        f"Not everybody has “{asked.name}”: say what stands instead, as in"
        f' {{{{ {asked.name} | default: "…" }}}}.'
    )


# Somebody who has everything, somebody who has the least, and somebody whose lists are empty.
PEOPLE = (
    EXAMPLE,
    lacking(EXAMPLE, NULLABLE),
    EXAMPLE
    | {
        "customer": EXAMPLE["customer"] | {"tags": []},
        "last_order": EXAMPLE["last_order"] | {"items": []},
    },
)


def check_rendered(
    parts: Mapping[str, str], templates: Mapping[str, BoundTemplate]
) -> Iterator[Finding]:
    """The words as PEOPLE would read them."""
    for fields in PEOPLE:
        words: dict[str, str] = {}
        for name, made in templates.items():
            try:
                words[name] = render(made, fields)
            except LiquidError as mistake:
                line = line_of(mistake, parts[name])
                told = f"For some people it cannot be written: {mistake}."
                yield error("template_not_valid", told, part=name, line=line)
                return
        yield from check_words(words)
        yield from check_text(parts, words)
        yield from check_legal(words)
        if "{%" in parts["html"]:  # else its own tags were looked at, which have lines
            yield from islice(check_nesting(words["html"], with_lines=False), MOST)


def check_words(words: Mapping[str, str]) -> Iterator[Finding]:
    """What mailboxes do with such a message."""
    if len(words["html"].encode()) > LARGEST:
        yield warning("too_large", "The HTML is over 102 KB: Gmail shows only its beginning.")
    subject = words["subject"]
    if not subject.strip():
        yield error("no_subject", "The subject is empty for some people.", part="subject")
    if len(subject) > LONGEST_SUBJECT:
        yield warning("long_subject", "Mailboxes show no more of it than a line.", part="subject")
    letters = [each for each in subject if each.isalpha()]
    shouts = len(letters) > 7 and subject == subject.upper() != subject.lower()
    if shouts or subject.count("!") > 1 or "$$" in subject:
        yield warning("looks_like_spam", "Capitals and “!!” look like spam.", part="subject")


def check_text(parts: Mapping[str, str], words: Mapping[str, str]) -> Iterator[Finding]:
    """People who see no pictures, or no HTML, must find something to read."""
    text = words["text"]
    if not parts["text"]:
        masked, pieces = mask(parts["html"])
        made = read_part("text", unmask(to_text(masked), pieces))
        if isinstance(made, Finding):
            yield made
            return
        text = to_text(words["html"])
    elif EXAMPLE["unsubscribe_url"] not in text:
        yield warning(
            "text_without_unsubscribe",
            "The text by hand has no {{ unsubscribe_url }}.",
            part="text",
        )
    if sum(map(str.isalpha, text)) < 20:
        yield warning("no_text", "There is hardly any text: pictures alone look like spam.")


def check_legal(words: Mapping[str, str]) -> Iterator[Finding]:
    """Everybody must find out of it, and who wrote."""
    links = {address_of(href.value) for href in hrefs_of(words["html"])}
    if EXAMPLE["unsubscribe_url"] not in links:
        yield error(
            "no_unsubscribe",
            'There is no link to unsubscribe: <a href="{{ unsubscribe_url }}">Unsubscribe</a>.',
        )
    if EXAMPLE["store"]["postal_address"] not in words["html"]:
        yield error(
            "no_postal_address", "The message does not show {{ store.postal_address }}, as it must."
        )


def check_readable(parts: Mapping[str, Any]) -> None:
    """Raise TemplateNotValid, with its field and line, for Liquid that cannot be read."""
    for name in PARTS:
        if parts.get(name):
            try:
                read_template(parts[name], html=name == "html")
            except TemplateNotValid as mistake:
                mistake.field = name
                raise
