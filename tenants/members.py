"""Reading a store's team."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from tenants.models import Membership, SignIn, Tenant, TwoFactor
from tenants.scoping.choice import SECRETS


def members_of(tenant: Tenant) -> QuerySet[Membership]:
    """The store's members with user and store."""
    # Memberships are shared between stores (no policy fences them): this is the fence.
    members = Membership.objects.filter(tenant=tenant).select_related("user", "tenant")
    return members.defer(*(f"tenant__{secret}" for secret in SECRETS))


def described_members(tenant: Tenant) -> QuerySet[Membership]:
    """The same with their single rights, `two_factor` and `last_sign_in_at`."""
    newest = SignIn.objects.filter(user=OuterRef("user")).order_by("-created_at")
    second_factor = TwoFactor.objects.filter(user=OuterRef("user"), confirmed_at__isnull=False)
    return members_of(tenant).prefetch_related("exceptions").annotate(
        two_factor=Exists(second_factor),
        last_sign_in_at=Greatest("user__last_login", Subquery(newest.values("created_at")[:1])),
    )  # fmt: skip


def exceptions_of(membership: Membership) -> dict[str, bool]:
    """The rights that this member holds beside their role's (True), or lacks of it (False)."""
    return {told.right: told.granted for told in membership.exceptions.all()}
