"""Stores (tenants), who is what in them, and who is invited."""

from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from tenants.models.people import User
from tenants.roles import Right, Role
from xeno.lib.encryption import EncryptedTextField

SHOP_DOMAIN = r"[a-z0-9][a-z0-9-]*\.myshopify\.com"


def check_timezone(name: str) -> None:
    """Refuse a name that is not an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone such as Europe/London.", code="timezone")


class Tenant(models.Model):
    """A Shopify store. Everything that the CRM keeps of it carries its id."""

    shop_domain = models.TextField(
        unique=True, validators=[RegexValidator(rf"\A{SHOP_DOMAIN}\Z", "Use shop.myshopify.com.")]
    )
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3, validators=[RegexValidator(r"\A[A-Z]{3}\Z")])
    timezone = models.CharField(max_length=64, default="UTC", validators=[check_timezone])
    access_token = EncryptedTextField(blank=True, default="", editable=False)
    refresh_token = EncryptedTextField(blank=True, default="", editable=False)
    # Null: a token that does not expire.
    token_expires_at = models.DateTimeField(null=True, editable=False)
    refresh_expires_at = models.DateTimeField(null=True, editable=False)
    # Counts the tokens: whoever refreshes one writes only over the one they read.
    token_version = models.IntegerField(default=0, db_default=0, editable=False)
    token_held_until = models.DateTimeField(null=True, editable=False)
    # Why Shopify cannot be asked, as a code, and since when.
    trouble = models.TextField(blank=True, default="", db_default="", editable=False)
    trouble_at = models.DateTimeField(null=True, editable=False)
    scopes = models.TextField(blank=True, default="")
    plan = models.CharField(max_length=64, blank=True, default="")
    installed_at = models.DateTimeField(null=True, blank=True)
    uninstalled_at = models.DateTimeField(null=True, blank=True)
    # Null while orders older than what we hold may exist: Shopify's own totals win until then.
    history_complete_since = models.DateTimeField(null=True, blank=True)
    require_two_factor = models.BooleanField(
        "two-factor sign-in required",
        default=False,
        db_default=False,
        help_text="Of everybody in the team",
    )
    # When its team had seen enough of the list of first steps.
    steps_dismissed_at = models.DateTimeField(null=True, editable=False)
    # Versions by which a late shop/update or app/scopes_update is told from a new one.
    details_at = models.DateTimeField(null=True, editable=False)
    scopes_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "store"
        default_permissions = ()
        permissions = list(Right.choices)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shop_domain__regex=rf"^{SHOP_DOMAIN}$"),
                name="tenant_shop_domain_is_a_myshopify_domain",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this store's days begin and end."""
        return ZoneInfo(self.timezone)

    @property
    def history_complete(self) -> bool:
        """Whether every order of the store is held here, so that computed totals are true."""
        return self.history_complete_since is not None


class Membership(models.Model):
    """What a user is in a store. Always read by user; rights hang on the Tenant row."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "member"
        verbose_name_plural = "team"
        constraints = [
            models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_per_store"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant}"


class RightException(models.Model):
    """One right that a member holds beside their role's, or does not hold although it is theirs.

    What the owner said is kept here; what is checked are guardian's rows, made from it.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="exceptions")
    right = models.CharField(max_length=32, choices=Right.choices)
    granted = models.BooleanField(help_text="Granted beside the role's, or taken from them")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "right"], name="one_exception_per_member_and_right"
            ),
            models.CheckConstraint(
                condition=models.Q(right__in=Right.values), name="exception_is_about_a_known_right"
            ),
        ]

    def __str__(self) -> str:
        return f"{'+' if self.granted else '-'}{self.right}"


class Invitation(models.Model):
    """Somebody is asked by e-mail to join a store; the link in the mail is signed and names
    the nonce, so that accepting, withdrawing or sending it anew ends the link."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices)
    nonce = models.UUIDField(default=uuid4, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None),
                name="one_open_invitation_per_store_and_address",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="invitation_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(email=models.functions.Lower("email")),
                name="invitation_email_is_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.tenant_id}"


class TenantUserPermission(UserObjectPermissionBase):
    """A right that one person holds in one store beside the role's."""

    content_object = models.ForeignKey(Tenant, on_delete=models.CASCADE)


class TenantGroupPermission(GroupObjectPermissionBase):
    """A right that a role holds in one store; the group is that store's role."""

    content_object = models.ForeignKey(Tenant, on_delete=models.CASCADE)
