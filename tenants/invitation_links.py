"""The text in an invitation's link: signed, and good for one invitation as it was last sent."""

from uuid import UUID

from django.core import signing
from django.db.models.functions import Now

from tenants.models import Invitation
from tenants.scoping.choice import SECRETS
from xeno.lib.errors import Mistake

SALT = "tenants.invitation"


class InvitationNotValid(Mistake):
    """One answer for a link that is forged, used, withdrawn, expired or was sent anew."""

    code = "invitation_not_valid"
    message = "This invitation is not valid any more. Ask for a new one."


def make_token(invitation: Invitation) -> str:
    """What the mailed link carries; sending the invitation anew ends it."""
    return signing.dumps([invitation.pk, invitation.nonce.hex], salt=SALT)


def read_token(text: str) -> Invitation:
    """The open invitation, with its store, that the text names; raises InvitationNotValid."""
    try:
        invitation_id, nonce = signing.loads(text, salt=SALT)
    except signing.BadSignature as error:
        raise InvitationNotValid from error
    live = Invitation.objects.filter(
        pk=invitation_id, nonce=UUID(nonce), accepted_at=None, expires_at__gt=Now()
    )
    with_store = live.select_related("tenant", "invited_by")
    found = with_store.defer(*(f"tenant__{secret}" for secret in SECRETS)).first()
    if found is None:
        raise InvitationNotValid
    return found
