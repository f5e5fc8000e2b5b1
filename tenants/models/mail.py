"""Mail of the install itself, to people who sign in: the rows are the queue."""

from django.db import models
from django.db.models.functions import Now

from tenants.models.people import User
from tenants.models.stores import Invitation


class AccountMail(models.Model):
    """A mail to be sent by a worker. It holds no link: the worker makes it when it sends."""

    class Kind(models.TextChoices):
        """What the mail is about."""

        CONFIRM_ADDRESS = "confirm_address"
        RESET_PASSWORD = "reset_password"  # noqa: S105  # no password
        PASSWORD_CHANGED = "password_changed"  # noqa: S105
        TWO_FACTOR_CHANGED = "two_factor_changed"
        INVITATION = "invitation"

    kind = models.CharField(max_length=24, choices=Kind.choices)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    invitation = models.ForeignKey(
        Invitation, null=True, on_delete=models.CASCADE, related_name="mails"
    )
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now(), help_text="When it is tried, or tried again")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(kind="invitation", user=None, invitation__isnull=False)
                    | (~models.Q(kind="invitation") & models.Q(user__isnull=False, invitation=None))
                ),
                name="account_mail_has_one_addressee",
            )
        ]
        indexes = [
            # What waits is little beside what was sent.
            models.Index(
                fields=["next_at"], condition=models.Q(sent_at=None), name="account_mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
