"""Who: users, stores (tenants), and which user is what in which store."""

from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from tenants.roles import Right, Role
from tenants.scoping.owned import TenantOwned
from xeno.lib.encryption import EncryptedTextField

SHOP_DOMAIN = r"[a-z0-9][a-z0-9-]*\.myshopify\.com"


class UserManager(BaseUserManager["User"]):
    """Users by their e-mail address, which is kept in lower case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user that can log in with this address and password."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The install's operator, who may open any store."""
        return self.create_user(email, password, **{**fields, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in with an e-mail address; belongs to any number of stores."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=models.functions.Lower("email")),
                name="user_email_is_lower_case",
            )
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Everybody may enter the admin; what they find there is what their stores allow."""
        return self.is_active


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
    scopes = models.TextField(blank=True, default="")
    plan = models.CharField(max_length=64, blank=True, default="")
    installed_at = models.DateTimeField(null=True, blank=True)
    uninstalled_at = models.DateTimeField(null=True, blank=True)
    # Null while orders older than what we hold may exist: Shopify's own totals win until then.
    history_complete_since = models.DateTimeField(null=True, blank=True)
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


class TenantUserPermission(UserObjectPermissionBase):
    """A right that one person holds in one store beside the role's."""

    content_object = models.ForeignKey(Tenant, on_delete=models.CASCADE)


class TenantGroupPermission(GroupObjectPermissionBase):
    """A right that a role holds in one store; the group is that store's role."""

    content_object = models.ForeignKey(Tenant, on_delete=models.CASCADE)


class SignIn(models.Model):
    """One place where a user is signed in: a family of refresh tokens, of which one is good.

    The token is not kept, only a hash of its id. While the row lives its access tokens do too;
    a refresh token that comes twice deletes it, because two hold what one should.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at}"


class AuditEntry(TenantOwned):
    """Who did what in a store. Ids and names of fields, never values: nothing to erase in it.

    Append-only: the application's role may neither change nor delete a row.
    """

    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.TextField(help_text="Such as customer.changed")
    object_type = models.TextField(help_text="Such as customers.customer")
    object_id = models.TextField(default="")
    fields = models.JSONField(default=list, help_text="Names of the fields that changed")
    address = models.GenericIPAddressField(null=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_newest_first"),
            models.Index(
                fields=["tenant", "object_type", "object_id", "-id"], name="audit_of_object"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
