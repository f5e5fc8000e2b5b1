"""Claimed messages of one campaign in their final words."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from liquid.exceptions import LiquidError

from campaigns.content.links import is_foreign, is_web, save_links
from campaigns.content.liquid import TemplateNotValid
from campaigns.content.preparing import Prepared, Tracking, Words, prepare
from campaigns.content.reading import OPEN_TRACKING, name_of, read_fields, shared_fields
from campaigns.content.ways import TRACKED, Ways
from campaigns.mail.headers import HeaderNotValid, to_mailbox
from campaigns.models import Campaign, Sender, Template
from campaigns.sending.claiming import Claimed
from campaigns.sending.ready import Ready, Unready
from campaigns.settings import settings_of
from campaigns.tracking.permitted import allows_opens
from campaigns.tracking.proofs import metadata_of
from tenants.models import Tenant

PARTS = ("subject", "preheader", "html", "text")


@dataclass(frozen=True, slots=True)
class Draft:
    """A claimed message whose links are not yet known by number."""

    message: Claimed
    prepared: Prepared
    words: Words
    unsubscribe_url: str
    counts_opens: bool


class CampaignWriter:
    """Renders for each person of a claim: what is the same for all is prepared once, the fields
    are read in at most three statements, and new links are saved in one."""

    def __init__(self, *, tenant: Tenant, campaign: Campaign, ways: Ways = TRACKED) -> None:
        self.tenant, self.campaign, self.ways = tenant, campaign, ways
        self.rules = settings_of(tenant)
        self.shared = shared_fields(tenant, name_of(campaign), self.rules)
        self.prepared: dict[str, Prepared] = {}
        self.links: dict[str, int] = {}

    def prepare(self, claimed: Sequence[Claimed]) -> list[Ready | Unready]:
        """Each message, in the order of the claim."""
        return list(self.write(claimed))

    def write(self, claimed: Sequence[Claimed]) -> Iterator[Ready | Unready]:
        """The same one by one: after the first, the database is asked nothing any more."""
        sender = self.campaign.sender
        if sender is None:
            yield from (Unready(message.id, "no_sender") for message in claimed)
            return
        for each in self.draft_all(claimed):
            yield self.finish(each, sender) if isinstance(each, Draft) else each

    def draft_all(self, claimed: Sequence[Claimed]) -> Iterable[Draft | Unready]:
        """Everybody's words, but for the links; those that Liquid makes have their numbers."""
        try:
            variants = {each.variant: self.of_variant(each.variant) for each in claimed}
        except TemplateNotValid:
            return [Unready(message.id, "content") for message in claimed]
        wanted = frozenset[str]().union(*(each.wanted for each in variants.values()))
        ids = [message.customer_id for message in claimed]
        people = read_fields(self.tenant, ids, wanted=wanted)
        drafts = (
            self.draft(message, variants[message.variant], people.get(message.customer_id))
            for message in claimed
        )
        if not any(each.made for each in variants.values()):
            return drafts
        drafted = list(drafts)
        self.save_new(draft for draft in drafted if isinstance(draft, Draft))
        return drafted

    def of_variant(self, key: str) -> Prepared:
        """The words of a variant, prepared at its first message."""
        if key not in self.prepared:
            content = content_of(self.campaign, key)
            tracking = Tracking(clicks=self.rules.track_clicks, opens=self.rules.track_opens)
            made = prepare(
                content, nonce=nonce_of(self.campaign), tracking=tracking, shared=self.shared
            )
            self.links = save_links(tenant=self.tenant, campaign=self.campaign, urls=made.urls)
            self.prepared[key] = made
        return self.prepared[key]

    def draft(
        self, message: Claimed, prepared: Prepared, person: dict[str, Any] | None
    ) -> Draft | Unready:
        """One message, or why it cannot be put into words."""
        if person is None:
            return Unready(message.id, "no_customer")
        unsubscribe_url = self.ways.unsubscribe_url(message.id)
        counts_opens = allows_opens(person[OPEN_TRACKING])
        fields = {
            **self.shared,
            **person,
            "unsubscribe_url": unsubscribe_url,
            "preferences_url": self.ways.preferences_url(message.id),
        }
        try:
            words = prepared.draft(fields)
        except LiquidError:
            return Unready(message.id, "content")
        return Draft(message, prepared, words, unsubscribe_url, counts_opens)

    def save_new(self, drafts: Any) -> None:
        """Keep the links that Liquid made, so that they have a number."""
        found = {url: None for each in drafts for url in each.prepared.urls_in(each.words)}
        if found.keys() - self.links.keys():
            self.links = save_links(tenant=self.tenant, campaign=self.campaign, urls=list(found))

    def finish(self, draft: Draft, sender: Sender) -> Ready | Unready:
        """One message with its links and headers."""
        message = draft.message
        words = draft.prepared.fill(draft.words, Filling(self, draft))
        try:
            recipient = to_mailbox(message.address)
        except HeaderNotValid:
            return Unready(message.id, "address")
        return Ready(
            id=message.id,
            sender=sender.email,
            sender_name=sender.name,
            reply_to=sender.reply_to,
            recipient=recipient,
            subject=words.subject,
            html=words.html,
            text=words.text,
            message_id=message_id(self.campaign, message, sender.email),
            headers=unsubscribe_headers(draft.unsubscribe_url),
            metadata=metadata_of(message.id),
        )


class Filling:
    """What stands for each mark of one message; an address is made once, for HTML and text."""

    def __init__(self, writer: CampaignWriter, draft: Draft) -> None:
        self.writer, self.draft = writer, draft
        self.made: dict[str, str] = {}

    def __call__(self, kind: str, inner: str) -> str:
        if kind == "L":
            url = self.draft.prepared.urls[int(inner)]
            return self.click(url)
        if kind == "O":
            draft = self.draft
            return self.writer.ways.open_url(draft.message.id) if draft.counts_opens else ""
        if kind == "D" and is_web(inner):
            return self.click(inner)
        return direct(inner)

    def click(self, url: str) -> str:
        """The address that counts the click; the link's own when it has no number."""
        if url not in self.made:
            number = self.writer.links.get(url)
            ways, message = self.writer.ways, self.draft.message
            self.made[url] = url if number is None else ways.click_url(message.id, number)
        return self.made[url]


def direct(address: str) -> str:
    """An address that Liquid made, unless no mail leads there."""
    return "#" if is_foreign(address) else address


def content_of(content: Campaign | Template, variant: str) -> Mapping[str, str]:
    """The four parts, with what differs in this variant."""
    variants = content.variants if isinstance(content, Campaign) else []
    told: dict[str, str] = next((each for each in variants if each.get("key") == variant), {})
    return {name: told.get(name) or getattr(content, name) for name in PARTS}


def nonce_of(campaign: Campaign) -> str:
    """What no merge value can hold; the same for all workers, so that templates are read once."""
    return salted_hmac("campaigns.content.marks", str(campaign.salt)).hexdigest()[:16]


def unsubscribe_headers(address: str) -> dict[str, str]:
    """One click in the mailbox unsubscribes (RFC 8058); the provider's DKIM must cover both."""
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(campaign: Campaign, message: Claimed, sender: str) -> str:
    """The same at every attempt, so that a second copy is known as the first.

    Who got one cannot guess another's: some providers make it their own id, and tell events by it.
    """
    domain = to_mailbox(sender).rpartition("@")[2]
    proof = hmac.digest(campaign.salt.bytes, str(message.id).encode(), "sha256").hex()
    return f"<{message.id}.{campaign.pk}.{proof[:12]}@{domain}>"
