"""The two addresses of an install: where the merchant sets out, and where Shopify sends them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants.audit import get_actor
from tenants.scoping.middleware import STORE_SESSION_KEY
from tenants.shopify import installing
from tenants.shopify.errors import InstallRefused
from tenants.shopify.oauth import check_signed
from xeno.lib.errors import Mistake


@require_GET
@never_cache
@login_required
def install(request: HttpRequest) -> HttpResponse:
    """Send the merchant to their own shop to approve; the App Store's link comes signed."""
    params = request.GET.dict()
    try:
        if "hmac" in params:
            check_signed(params)
        url = installing.set_out(session=request.session, shop=params.get("shop", "").strip())
    except Mistake as mistake:
        return refused(request, mistake)
    return HttpResponseRedirect(url)


@require_GET
@never_cache
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Complete the install, and open the store in this browser."""
    try:
        if any(len(values) != 1 for values in dict(request.GET.lists()).values()):
            raise InstallRefused
        tenant = installing.come_back(
            session=request.session, params=request.GET.dict(), actor=get_actor(request)
        )
    except Mistake as mistake:
        return refused(request, mistake)
    request.session[STORE_SESSION_KEY] = tenant.pk
    messages.success(request, f"{tenant.name} is connected. Its history is on its way.")
    return HttpResponseRedirect(reverse("admin:index"))


def refused(request: HttpRequest, mistake: Mistake) -> HttpResponse:
    """Back to the admin, with the reason; nothing was kept."""
    messages.error(request, str(mistake))
    response = HttpResponseRedirect(reverse("admin:index"))
    response["X-Refusal"] = mistake.code
    return response
