"""Users, where they are signed in, and their second factor."""

from hashlib import sha256
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Now

from xeno.lib.encryption import EncryptedTextField


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
    # Null until a link that was mailed to the address came back.
    email_confirmed_at = models.DateTimeField(null=True, editable=False)
    # In which the admin shows them times; empty: each store's own.
    timezone = models.CharField(max_length=64, blank=True, default="", db_default="")
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
    def password_tag(self) -> str:
        """What a sign-in keeps of the password that it stands for: a hash of its hash."""
        return sha256(self.password.encode()).hexdigest()

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password; an old way of hashing it is replaced by today's.

        Unlike a change of the password that ends no sign-in: they stand for the same word.
        """

        def hash_anew(raw: str) -> None:
            before = self.password_tag
            self.set_password(raw)
            self.save(update_fields=["password"])
            self.sign_ins.filter(password_tag=before).update(password_tag=self.password_tag)

        return check_password(raw_password, self.password, hash_anew)

    @property
    def is_staff(self) -> bool:
        """Everybody may enter the admin; what they find there is what their stores allow."""
        return self.is_active


class SignIn(models.Model):
    """One place where a user is signed in: a browser of the admin, or a family of refresh
    tokens, of which one is good.

    The token is not kept, only a hash of its id. While the row lives its access tokens do too;
    a refresh token that comes twice deletes it, because two hold what one should. It stands for
    one password: with any other, however it was changed, it is worth nothing.
    """

    class Kind(models.TextChoices):
        """What is signed in."""

        API = "api", "App"
        BROWSER = "browser", "Browser"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.API)
    token_hash = models.CharField(max_length=64)
    password_tag = models.CharField(max_length=64, default="", help_text="SHA-256 of its own hash")
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True, default="")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["api", "browser"]), name="sign_in_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.created_at}"


class TwoFactor(models.Model):
    """A user's authenticator app. It counts once a code of it was typed (confirmed_at)."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="two_factor"
    )
    secret = EncryptedTextField(editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    # The time step of the last code that was taken: a code is good once.
    last_step = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return "two-factor sign-in"


class RecoveryCode(models.Model):
    """What opens once when the authenticator is lost; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"], name="one_recovery_code_per_user_and_hash"
            )
        ]

    def __str__(self) -> str:
        return "recovery code"


class SignInFailure(models.Model):
    """A sign-in that failed, by the account's keyed hash and the address it came from."""

    account_hash = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    failed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["account_hash", "failed_at"], name="sign_in_failure_account"),
            models.Index(fields=["address", "failed_at"], name="sign_in_failure_address"),
        ]

    def __str__(self) -> str:
        return f"failure at {self.failed_at}"
