"""What the links of a message lead to, for whoever follows them: no sign-in, no cookie, no script.

The token is all that somebody needs and all that they prove. Whatever is wrong with it, and
whoever it is of, the answer is one and the same page.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from campaigns.models import Link, Message
from campaigns.tracking import preference_form, reacting, unsubscribing
from campaigns.tracking.links import find_token
from campaigns.tracking.tokens import Token
from campaigns.tracking.wording import masked
from tenants.models import Tenant
from tenants.scoping.visit import get_visit
from xeno.lib.api.requests import client_agent

# One transparent point.
PICTURE = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
HEADERS = {
    "Cache-Control": "no-store, private, max-age=0",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
# What a preview or a test mail was made with: it is of no message, and notes nothing.
NO_MESSAGE = 0
SAFE = ("get", "head")


# What authorizes a request is in its address, and no cookie of a browser adds anything to it.
@method_decorator(csrf_exempt, name="dispatch")
class LinkView(View):
    """The base: finds the message, or answers that there is none."""

    tenant: Tenant
    token: Token
    message: Message | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (request.method or "").lower() in self.http_method_names and not self.find(request):
            response: HttpResponseBase = page("gone", status=404)
        else:
            response = super().dispatch(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    def find(self, request: HttpRequest) -> bool:
        """Whether the address is one that this store made, of a message that is still there."""
        tenant, token = get_visit(request).tenant, find_token(request.path)
        if tenant is None or token is None:
            return False
        self.tenant, self.token = tenant, token
        self.message = Message.objects.filter(pk=token.message_id).first()
        return self.message is not None or token.message_id == NO_MESSAGE

    def unsubscribe(self) -> HttpResponse:
        """Do it and say so; of a preview or a test nobody is unsubscribed, and that is said."""
        if self.message is None:
            return self.page("trial")
        unsubscribing.unsubscribe(tenant=self.tenant, message_id=self.message.pk)
        return self.page("unsubscribed")

    def page(self, name: str, **told: Any) -> HttpResponse:
        """A page in the store's name."""
        address = self.message.address if self.message else None
        told |= {"trial": self.message is None, "store": self.tenant.name}
        return page(name, address=masked(address), **told)


class OpenView(LinkView):
    """The picture, which tells of an open."""

    http_method_names = SAFE

    def get(self, request: HttpRequest) -> HttpResponse:
        """The same picture for everybody."""
        if self.message is not None:
            reacting.note_open(
                tenant=self.tenant, message_id=self.message.pk, request=seen_of(request)
            )
        return HttpResponse(PICTURE, content_type="image/gif")


class ClickView(LinkView):
    """Leads on to a link of the message's campaign, and nowhere else."""

    http_method_names = SAFE

    def find(self, request: HttpRequest) -> bool:
        if not super().find(request):
            return False
        which = {"campaign": self.message.campaign_id} if self.message else {}
        link = Link.objects.filter(pk=self.token.link_id, **which).first()
        if link is None or not link.url.startswith(("http://", "https://")):
            return False
        self.link: Link = link
        return True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Noted first: whoever leaves does not come back to tell."""
        if self.message is not None:
            reacting.note_click(
                tenant=self.tenant,
                message_id=self.message.pk,
                link_id=self.link.pk,
                request=seen_of(request),
            )
        response = HttpResponse(status=302)
        response.headers["Location"] = to_ascii(self.link.url)
        return response


class UnsubscribeView(LinkView):
    """Asks on GET; acts on the POST of a mailbox's own button (RFC 8058) and of the page's."""

    http_method_names = (*SAFE, "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Scanners follow links: nothing is done."""
        return self.page("unsubscribe")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Act, when it says what it wants."""
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        if not one_click and request.POST.get("answer") != "unsubscribe":
            return self.page("unsubscribe")
        return self.unsubscribe()


class PreferencesView(LinkView):
    """What one wants to hear of, and how often."""

    http_method_names = (*SAFE, "post")

    def find(self, request: HttpRequest) -> bool:
        if not super().find(request):
            return False
        return self.message is None or self.message.customer_id is not None

    def get(self, request: HttpRequest, saved: bool = False) -> HttpResponse:
        """The form, as things stand."""
        form = preference_form.read_form(self.message.customer_id if self.message else None)
        return self.page("preferences", form=form, saved=saved)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it, or unsubscribe from everything."""
        if request.POST.get("answer") == "unsubscribe":
            return self.unsubscribe()
        if self.message is None or self.message.customer_id is None:
            return self.page("trial")
        preference_form.save_form(
            tenant=self.tenant, customer_id=self.message.customer_id, answers=request.POST
        )
        return self.get(request, saved=True)


def page(name: str, *, status: int = 200, **told: Any) -> HttpResponse:
    """One of the plain pages; without the request, so with nothing of who is signed in."""
    return HttpResponse(render_to_string(f"campaigns/links/{name}.html", told), status=status)


def seen_of(request: HttpRequest) -> reacting.Request:
    """What can be seen of who came."""
    return reacting.Request(method=request.method or "", agent=client_agent(request))


def to_ascii(url: str) -> str:
    """The address as a header can hold it."""
    return iri_to_uri(url) or ""
