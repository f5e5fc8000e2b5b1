"""Work that somebody ordered and that workers do by turns; the row itself is the queue."""

from django.db import models
from django.db.models.functions import Now

from tenants.models import ApiKey, User
from tenants.scoping.owned import OwnedForeignKey, TenantOwned


class OrderedWork(TenantOwned):
    """Who ordered it, how much of it is done, and the worker that is at it.

    `holder` is one turn of one worker; nobody else takes the work before `held_until`.
    """

    done = models.BigIntegerField(default=0, db_default=0)
    trouble = models.TextField(default="", db_default="", help_text="What is the matter, as a code")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    key = OwnedForeignKey(ApiKey, null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    holder = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True, help_text="Not to be taken before")

    class Meta(TenantOwned.Meta):
        abstract = True
