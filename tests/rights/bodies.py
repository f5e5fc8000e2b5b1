"""What is sent with the requests of the table, so that somebody who may gets the answer."""

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_otp.oath import hotp

from campaigns.models import Audience, Campaign, Message, SendingSettings
from conftest import PASSWORD
from customers.models import Customer
from segments.models import Segment, SegmentJob
from tenants import two_factor
from tenants.invitation_links import make_token
from tenants.links import CONFIRMATION, RESET
from tenants.models import Invitation, Membership, Tenant, TwoFactor, User
from tenants.sign_in import start_sign_in
from tests.rights.cast import Cast
from webhooks.models import Edit, Import, Sync
from xeno.lib.postgres.scope import tenant_scope

STRONG = "a lamp beside the river"
SECRET = base64.b32encode(b"x" * 20).decode()

WEEK = timedelta(days=7)

Body = dict[str, Any]


def fresh_refresh(cast: Cast, user: User) -> Body:
    """A refresh token that was not used yet."""
    return {"refresh": start_sign_in(user=user).refresh}


def code_of_new_app(cast: Cast, user: User) -> Body:
    """A code of an authenticator that waits to be confirmed."""
    TwoFactor.objects.update_or_create(user=user, defaults={"secret": SECRET})
    return {"otp": f"{hotp(base64.b32decode(SECRET), int(time.time()) // 30):06}"}


def recovery_code(cast: Cast, user: User) -> Body:
    """A code of somebody who has the second factor on, and their password."""
    on = {"secret": SECRET, "confirmed_at": timezone.now()}
    TwoFactor.objects.update_or_create(user=user, defaults=on)
    return {"otp": two_factor.save_recovery_codes(user)[0], "password": PASSWORD}


def unconfirmed(cast: Cast, user: User) -> Body:
    """The link for an address that was not confirmed."""
    user.email_confirmed_at = None
    user.save()
    return {"token": CONFIRMATION.pack(user)}


def invited(cast: Cast, user: User) -> Body:
    """The link of an invitation of a third store to this person."""
    inviter = Membership.objects.get(tenant=cast.third_store).user
    given = {"role": "author", "invited_by": inviter, "expires_at": timezone.now() + WEEK}
    invitation, _ = Invitation.objects.update_or_create(
        tenant=cast.third_store, email=user.email, defaults=given
    )
    return {"token": make_token(invitation)}


def to_import(cast: Cast, user: User) -> Body:
    """The file that is asked for waits to be checked."""
    with tenant_scope(cast.store.pk):
        Import.objects.update(state="draft", headers=["email"])
    return {"mapping": ["email"]}


def to_start(cast: Cast, user: User) -> Body:
    """The store is connected, and no sync of it runs."""
    Tenant.objects.filter(pk=cast.store.pk).update(installed_at=timezone.now())
    with tenant_scope(cast.store.pk):
        Sync.objects.update(state=Sync.State.DONE)
    return {}


def to_cancel(cast: Cast, user: User) -> Body:
    """Of the store's syncs the one that is asked for runs."""
    with tenant_scope(cast.store.pk):
        Sync.objects.update(state=Sync.State.DONE)
        Sync.objects.filter(pk=cast.asked.ids[Sync]).update(state=Sync.State.RUNNING)
    return {}


def to_fetch_segments(cast: Cast, user: User) -> Body:
    """The store is connected, and its segments are not being fetched."""
    Tenant.objects.filter(pk=cast.store.pk).update(installed_at=timezone.now())
    with tenant_scope(cast.store.pk):
        SegmentJob.objects.update(state=SegmentJob.State.DONE)
    return {}


def to_move_people(cast: Cast, user: User) -> Body:
    """The segment that is asked for is one of those whose members are put in by hand."""
    with tenant_scope(cast.store.pk):
        Segment.objects.filter(pk=cast.asked.ids[Segment]).update(kind="static", query="")
    return {"customers": [str(cast.asked.ids[Customer])]}


def to_tag(cast: Cast, user: User) -> Body:
    """No edit is on its way: the canary's is of no form that an edit has."""
    with tenant_scope(cast.store.pk):
        Edit.objects.all().delete()
    return {"add": ["vip"]}


LETTER = (
    "<p>Hello to all of you, and see what is new.</p><p>{{ store.postal_address }}"
    ' <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
)


def to_go_out(cast: Cast, user: User) -> Body:
    """The draft that is asked for lacks nothing."""
    with tenant_scope(cast.store.pk):
        Audience.objects.update(excluded=False)
        SendingSettings.objects.update(postal_address="1 Harbour Street, York", provider="")
        Campaign.objects.filter(pk=cast.asked.ids[Campaign]).update(
            state="draft", subject="Spring", html=LETTER, variants=[], written_by=None
        )
    return {"at": (timezone.now() + WEEK).isoformat()}


def on_its_way(cast: Cast, user: User) -> Body:
    """The campaign that is asked for is scheduled."""
    with tenant_scope(cast.store.pk):
        Campaign.objects.filter(pk=cast.asked.ids[Campaign]).update(
            state="scheduled", scheduled_for=timezone.now() + WEEK
        )
    return {}


def paused(cast: Cast, user: User) -> Body:
    """The campaign that is asked for is paused before it began."""
    on_its_way(cast, user)
    with tenant_scope(cast.store.pk):
        Campaign.objects.filter(pk=cast.asked.ids[Campaign]).update(
            state="paused", pause_reason="by_hand"
        )
    return {}


def uncertain(cast: Cast, user: User) -> Body:
    """Nobody knows what became of the message that is asked for."""
    with tenant_scope(cast.store.pk):
        Message.objects.filter(pk=cast.asked.ids[Message]).update(
            campaign=cast.asked.ids[Campaign], state="uncertain", handed_at=timezone.now()
        )
    return {"outcome": "arrived"}


def to_try(cast: Cast, user: User) -> Body:
    """A test to the owner."""
    return to_go_out(cast, user) | {"addresses": ["owner@example.com"]}


BODIES: dict[str, Callable[[Cast, User], Body]] = {
    "POST /auth/signup": lambda _, user: {"email": "new@example.com", "password": STRONG},
    "POST /auth/login": lambda _, user: {"email": user.email, "password": PASSWORD},
    "POST /auth/refresh": fresh_refresh,
    "POST /auth/logout": fresh_refresh,
    "POST /auth/password/reset": lambda _, user: {"email": user.email},
    "POST /auth/password/reset/confirm": lambda _, user: {
        "token": RESET.pack(user), "password": STRONG,
    },
    "POST /auth/password/change": lambda _, user: {
        "old_password": PASSWORD, "new_password": STRONG,
    },
    "POST /auth/email/confirm": unconfirmed,
    "POST /auth/two-factor": lambda _, user: {"password": PASSWORD},
    "POST /auth/two-factor/confirm": code_of_new_app,
    "POST /auth/two-factor/recovery-codes": recovery_code,
    "POST /auth/two-factor/turn-off": recovery_code,
    "POST /api-keys": lambda _, user: {"name": "ERP", "rights": ["view_orders"]},
    "PATCH /customers/{customer}": lambda _, user: {"note": "Rang us about the jug"},
    "POST /segments": lambda _, user: {"name": "VIP", "query": "number_of_orders > 5"},
    "POST /segments/parse": lambda _, user: {"query": "number_of_orders > 5"},
    "POST /segments/preview": lambda _, user: {"query": "number_of_orders > 5"},
    "POST /segments/import": lambda _, user: {"text": "[VIP]\n    number_of_orders > 5"},
    "POST /segments/import-from-shopify": to_fetch_segments,
    "PATCH /segments/{segment}": lambda _, user: {"name": "Another name"},
    "POST /segments/{segment}/members": to_move_people,
    "POST /segments/{segment}/members/remove": to_move_people,
    "POST /segments/{segment}/tag": to_tag,
    "POST /campaigns": lambda _, user: {"name": "Spring", "subject": "Spring is here"},
    "PATCH /campaigns/{campaign}": lambda _, user: {"name": "Another name"},
    "POST /campaigns/{campaign}/approve": to_go_out,
    "POST /campaigns/{campaign}/schedule": to_go_out,
    "POST /campaigns/{campaign}/send": to_go_out,
    "POST /campaigns/{campaign}/pause": on_its_way,
    "POST /campaigns/{campaign}/resume": paused,
    "POST /campaigns/{campaign}/cancel": on_its_way,
    "POST /campaigns/{campaign}/messages/{message}/settle": uncertain,
    "POST /campaigns/{campaign}/test": to_try,
    "POST /templates": lambda _, user: {"name": "News"},
    "PATCH /templates/{template}": lambda _, user: {"name": "Another name"},
    "POST /suppressions": lambda _, user: {"address": "kim@example.com"},
    "POST /suppressions/import": lambda _, user: {"addresses": ["kim@example.com"]},
    "POST /senders": lambda _, user: {"name": "Ana", "email": "new@shop.example"},
    "PATCH /senders/{sender}": lambda _, user: {"name": "Another name"},
    "POST /topics": lambda _, user: {"name": "News"},
    "PATCH /topics/{topic}": lambda _, user: {"name": "Another name"},
    "PATCH /sending-settings": lambda _, user: {"cap_hours": 24},
    "POST /sync": to_start,
    "POST /sync/{sync}/cancel": to_cancel,
    "POST /imports/{import}/preview": to_import,
    "POST /imports/{import}/start": to_import,
    "POST /exports": lambda cast, user: {
        "kind": "report", "campaign": str(cast.asked.ids[Campaign]),
    },
    "PATCH /store": lambda _, user: {"name": "Another name"},
    "PATCH /team/{membership}": lambda _, user: {"role": "analyst"},
    "POST /team/transfer-ownership": lambda cast, user: {
        "member": str(cast.asked.ids[Membership]),
    },
    "POST /team/invitations": lambda _, user: {"email": "new@example.com", "role": "analyst"},
    "POST /team/invitations/accept": invited,
}  # fmt: skip


def body_of(row: Any, cast: Cast, name: str) -> Body | None:
    """The body for a row of the table; those who have no account send the newcomer's."""
    if row.method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        return None
    user = User.objects.get(pk=cast.users.get(name, cast.users["newcomer"]).pk)
    return BODIES.get(str(row), lambda *_: {})(cast, user)
