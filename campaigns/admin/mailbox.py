"""The local mailbox: what was "sent" where nothing leaves the machine. Not there in production."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from campaigns.admin.framing import framed
from campaigns.admin.personal import PeopleAdmin
from campaigns.models import LocalMail
from tenants.roles import Right
from tenants.scoping.display import NOTHING, display, link, moment
from tenants.scoping.next_steps import NextStep

SHOWN = (
    "From", "To", "Reply-To", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip


@admin.register(LocalMail)
class LocalMailAdmin(PeopleAdmin[LocalMail]):
    """Read as its recipient would, by whoever may see both campaigns and customers."""

    rights = {"view": Right.VIEW_CAMPAIGNS}
    personal = "local_mail"
    fields = ("subject",)  # Django's own form is never shown: the message is
    many = "mails"
    list_display = ("titled", "to", "of_campaign", "received")
    list_select_related = ("campaign",)
    linked_by = ("campaign",)
    ordering = ("-pk",)
    search_fields = ()
    empty_text = "Nothing was sent yet. What leaves by the local mailbox is shown here."
    next_step = NextStep(
        "See the campaigns", "admin:campaigns_campaign_changelist", Right.VIEW_CAMPAIGNS
    )

    def may(self, request: HttpRequest, verb: str) -> bool:
        return not settings.PRODUCTION and super().may(request, verb)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LocalMail]:
        found: QuerySet[LocalMail] = super().get_queryset(request)
        listed = request.resolver_match and "object_id" not in request.resolver_match.kwargs
        return found.defer("raw") if listed else found

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.html)
        own = path("<path:object_id>/html/", view, name="campaigns_localmail_html")
        return [own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The message as a mailbox shows it."""
        if request.method == "POST":
            raise PermissionDenied  # nothing of it can be changed
        mail = self.wanted(request, object_id)
        if mail is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        self.note_reading(request, "viewed", [mail])
        read = read_mail(mail)
        context = {
            **self.admin_site.each_context(request),
            "title": mail.subject or "Without a subject",
            "model_admin": self,
            "mail": mail,
            "received": moment(mail.received_at),
            "campaign": mail.campaign,
            "headers": [(name, str(read[name])) for name in SHOWN if read[name]],
            "every_header": [(name, str(value)) for name, value in read.items()],
            "text": part_of(read, "plain"),
            "has_html": bool(part_of(read, "html")),
        }
        return TemplateResponse(request, "campaigns/local_mail.html", context)

    def html(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The HTML part alone, for the frame."""
        mail = self.wanted(request, object_id)
        if mail is None:
            raise Http404
        return framed(part_of(read_mail(mail), "html"))

    @display(description="Subject", header=True)  # type: ignore[untyped-decorator]
    def titled(self, mail: LocalMail) -> tuple[str, str]:
        """The subject and who sent it."""
        return mail.subject or "Without a subject", mail.sender

    @admin.display(description="To")
    def to(self, mail: LocalMail) -> str:
        """Who would have got it."""
        return str(mail.recipient)

    @admin.display(description="Campaign")
    def of_campaign(self, mail: LocalMail) -> SafeString | str:
        """Which it is of; nothing of a test."""
        if mail.campaign is None:
            return NOTHING
        page = reverse("admin:campaigns_campaign_change", args=[mail.campaign.pk])
        return link(page, mail.campaign)

    @admin.display(description="When")
    def received(self, mail: LocalMail) -> str:
        """When it was "sent"."""
        return moment(mail.received_at)


def read_mail(mail: LocalMail) -> EmailMessage:
    """The message as a mailbox reads it."""
    return message_from_bytes(bytes(mail.raw), policy=policy.default)


def part_of(mail: EmailMessage, kind: str) -> str:
    """The text or the HTML part; empty where there is none."""
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
