"""How the admin shows a customer's consents, and the history of the words on them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.models import Channel, Consent, ConsentChange, Customer
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Panel, moment, state_label

CONSENT_KINDS = {
    Consent.SUBSCRIBED: "success",
    Consent.PENDING: "warning",
    Consent.UNSUBSCRIBED: "danger",
    Consent.INVALID: "danger",
    Consent.REDACTED: "danger",
}
CONSENT_ROWS = 20


def consent_word(customer: Customer, channel: Channel) -> SafeString | str:
    """A consent with its level and day."""
    state = getattr(customer, f"{channel}_consent")
    level = getattr(customer, f"{channel}_consent_level")
    at = getattr(customer, f"{channel}_consent_at")
    if not state:
        return NOTHING
    return format_html(
        '{} <span class="xeno-aside">{}{}</span>',
        state_label(state, CONSENT_KINDS),
        moment(at) if at else "",
        f" · {level.replace('_', ' ')}" if level else "",
    )


def consent_history(customer: Customer) -> Panel:
    """The latest words on the customer's consents, newest first."""
    changes = ConsentChange.objects.filter(customer=customer).order_by("-changed_at", "-pk")
    words = list(changes[:CONSENT_ROWS])
    more = f"The latest {CONSENT_ROWS}." if len(words) == CONSENT_ROWS else ""
    return Panel(
        title="Consent history",
        headers=("When", "For", "Consent", "Level", "Told by", "How they agreed"),
        rows=[
            (
                moment(word.changed_at),
                word.get_channel_display(),
                state_label(word.state, CONSENT_KINDS),
                (word.level or NOTHING).replace("_", " "),
                word.source,
                word.reason or NOTHING,
            )
            for word in words
        ],
        right=Right.VIEW_CUSTOMERS,
        note=more if words else "Nobody has said anything yet on whether they may be written to.",
    )
