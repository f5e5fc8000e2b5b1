"""The door for providers' events: anymail checks who knocks and reads what they say.

Its signals and its routes for inbound mail are not used: events are sorted by store and given to
workers, who alone open a store's scope. Without a secret in `ANYMAIL` the door is shut.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC
from hashlib import sha256
from typing import Any

import structlog
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailWebhookValidationFailure,
)
from anymail.signals import EventType, RejectReason
from anymail.webhooks import (
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from kombu.exceptions import OperationalError

from campaigns.models import Touch
from campaigns.tasks import take_in_events, take_in_unplaced
from campaigns.tracking.events import Event
from campaigns.tracking.proofs import Forged, read_metadata
from xeno.lib.api.errors import error_response

log = structlog.get_logger(__name__)

# Not Amazon SES: it wants a 401 before it says who it is, and boto3 to confirm its subscription.
READERS: dict[str, Any] = {
    "brevo": brevo.BrevoTrackingWebhookView,
    "mailersend": mailersend.MailerSendTrackingWebhookView,
    "mailgun": mailgun.MailgunTrackingWebhookView,
    "mailjet": mailjet.MailjetTrackingWebhookView,
    "mailtrap": mailtrap.MailtrapTrackingWebhookView,
    "postal": postal.PostalTrackingWebhookView,
    "postmark": postmark.PostmarkTrackingWebhookView,
    "resend": resend.ResendTrackingWebhookView,
    "sendgrid": sendgrid.SendGridTrackingWebhookView,
    "sparkpost": sparkpost.SparkPostTrackingWebhookView,
    "unisender_go": unisender_go.UnisenderGoTrackingWebhookView,
}
# Where a provider's own word says that a bounce is not for good; anymail's does not tell.
SOFT: dict[str, tuple[tuple[str, ...], frozenset[Any]]] = {
    "brevo": (("event",), frozenset({"soft_bounce", "blocked", "error"})),
    "mailersend": (("type",), frozenset({"activity.soft_bounced"})),
    "mailjet": (("hard_bounce",), frozenset({False})),
    "mailtrap": (("event",), frozenset({"soft bounce"})),
    "postmark": (("Type",), frozenset({"SoftBounce"})),
    "resend": (("data", "bounce", "type"), frozenset({"Transient", "Undetermined"})),
    "sendgrid": (("type",), frozenset({"blocked"})),
    "sparkpost": (
        ("bounce_class",),
        frozenset({"1", "20", "21", "22", "23", "24", "40", "60", "70", "100"}),
    ),
}
# What was bounced or refused for another reason than the address itself is tried again.
ADDRESS = (RejectReason.BOUNCED, RejectReason.INVALID)
KINDS = {
    EventType.DELIVERED: Touch.Kind.DELIVERED,
    EventType.COMPLAINED: Touch.Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Touch.Kind.UNSUBSCRIBED,
}
BOUNCES = (EventType.BOUNCED, EventType.REJECTED)


@method_decorator(csrf_exempt, name="dispatch")
class ProviderEventsView(View):
    """One provider's events of all stores."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, esp: str) -> HttpResponse:
        """Queue them; 503, so that the provider comes again, when there is nobody to queue with."""
        reader = READERS.get(esp)
        if reader is None or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            return error_response(404, "not_found", "Not found.")
        try:
            view = reader()
            view.run_validators(request)
            events = read_events(esp, view.parse_events(request))
        except AnymailConfigurationError:  # this provider's key is not in `ANYMAIL`
            return error_response(404, "not_found", "Not found.")
        except AnymailWebhookValidationFailure:
            return error_response(403, "permission_denied", "You may not do this.")
        except (AnymailError, ValueError, KeyError, TypeError, AttributeError):
            # Read by somebody else's code: whatever it stumbles over is in the body.
            return error_response(400, "parse_error", "The events cannot be read.")
        try:
            queue(events)
        except OperationalError:
            return error_response(
                503, "unavailable", "Try again in a moment.", {"Retry-After": "5"}
            )
        return HttpResponse()


def queue(events: Iterable[tuple[int | None, Event]]) -> None:
    """Give each store's events to a worker, and those of no known store to one that looks."""
    by_store: dict[int | None, list[Event]] = defaultdict(list)
    for store_id, event in events:
        by_store[store_id].append(event)
    for store_id, theirs in by_store.items():
        if store_id is None:
            take_in_unplaced.apply_async((theirs,), retry=False)
        else:
            take_in_events.apply_async((store_id, theirs), retry=False)


def read_events(esp: str, events: Iterable[Any]) -> list[tuple[int | None, Event]]:
    """Those that we keep, each with its store; None where no metadata of ours came back.

    One whose proof we did not make is left out, and noted.
    """
    found = []
    for each in events:
        kind = kind_of(esp, each)
        if kind is None:
            continue
        try:
            proof = read_metadata(each.metadata or {})
        except Forged:
            log.warning("provider_event_forged", provider=esp)
            continue
        event = Event(
            provider=esp,
            event_id=id_of(each),
            kind=kind.value,
            at=each.timestamp.astimezone(UTC).isoformat() if each.timestamp else None,
            message=proof.message_id if proof else None,
            provider_id=str(each.message_id or "")[:200],
        )
        found.append((proof.tenant_id if proof else None, event))
    return found


def kind_of(esp: str, event: Any) -> Touch.Kind | None:
    """What it is to us; None: nothing. Opens and clicks are told by our own links."""
    if event.event_type in BOUNCES:
        hard = event.reject_reason in ADDRESS and not is_soft(esp, event.esp_event)
        return Touch.Kind.BOUNCED if hard else Touch.Kind.SOFT_BOUNCED
    return KINDS.get(event.event_type)


def is_soft(esp: str, raw: Any) -> bool:
    """Whether the provider's own word is that it may work later."""
    path, soft = SOFT.get(esp, ((), frozenset()))
    for key in path:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return bool(path) and isinstance(raw, str | bool) and raw in soft


def id_of(event: Any) -> str:
    """The provider's id of the event, or what makes it this one and no other."""
    told = [event.event_id, event.event_type, event.message_id, event.recipient]
    if not event.event_id:
        told.append(event.timestamp.isoformat() if event.timestamp else None)
    return sha256(json.dumps(told, default=str).encode()).hexdigest()
