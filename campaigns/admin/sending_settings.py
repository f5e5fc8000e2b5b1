"""The page of the store's rules of sending: whoever sees campaigns reads it, its managers write."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns import rules
from campaigns.admin.sending_form import SendingForm
from campaigns.models import SendingSettings, SendingState
from campaigns.providers.choosing import name_for
from campaigns.settings import settings_of
from tenants.audit import get_actor
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import moment
from xeno.lib.errors import Mistake

# What went wrong on the way to the provider, and what to do about it.
TROUBLES = {
    "sign_in_refused": "The provider refuses the account: write it again.",
    "sender_refused": "The provider does not take the sender: verify its domain there.",
    "private_host": "The mail server is within a private network: name one that the public"
    " internet reaches.",
    "not_configured": "The account lacks something: write it again.",
    "credentials_not_valid": "The account cannot be read: write it again.",
    "provider_unknown": "This install does not know the provider: choose another.",
    "busy": "The provider takes nothing for now.",
    "no_answer": "The provider does not answer.",
    "unreachable": "The provider cannot be reached: look at the host and the port.",
}


def sending_settings(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The rules; a POST changes them, for who manages the store."""
    store = get_store(request)
    if not holds(request, Right.VIEW_CAMPAIGNS):
        raise PermissionDenied(f"This page needs the right “{Right.VIEW_CAMPAIGNS.label}”.")
    may_write = holds(request, Right.MANAGE_STORE)
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied(f"This needs the right “{Right.MANAGE_STORE.label}”.")
        form = saved(request, store)
        if form.is_valid():
            messages.success(request, "The settings are saved.")
            return HttpResponseRedirect(reverse("admin:sending_settings"))
    else:
        form = SendingForm(rules=settings_of(store), may_write=may_write)
    context = {
        **site.each_context(request),
        "title": "Sending settings",
        "form": form,
        "may_write": may_write,
        "needed": Right.MANAGE_STORE.label,
        "zone": store.timezone,
        **way_out(request, store),
    }
    return TemplateResponse(request, "campaigns/sending_settings.html", context)


@transaction.atomic
def saved(request: HttpRequest, store: Tenant) -> SendingForm:
    """The form as it was sent; valid when the rules are as it says."""
    list(SendingSettings.objects.select_for_update().values_list("pk"))
    form = SendingForm(request.POST, rules=settings_of(store), may_write=True)
    if form.is_valid():
        try:
            rules.edit_settings(actor=get_actor(request), tenant=store, changes=form.changes())
        except Mistake as mistake:
            if mistake.status >= 500:
                raise
            form.refuse(mistake)
    return form


def way_out(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """How the way out is doing, and where what was "sent" can be read."""
    by_mailbox = name_for(settings_of(store)) == "mailbox" and not settings.PRODUCTION
    told = {"mailbox": by_mailbox and holds(request, Right.VIEW_CUSTOMERS)}
    state = SendingState.objects.filter(tenant=store, failures__gt=0).first()
    if state is None:
        return told
    waits = state.open_until is not None and state.open_until > timezone.now()
    return {
        **told,
        "trouble": TROUBLES.get(state.trouble, f"The provider cannot be used ({state.trouble})."),
        "waits_until": moment(state.open_until) if waits else "",
    }
