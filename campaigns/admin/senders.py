"""Who sends, with what the DNS says of their domain, and what campaigns are about."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action

from campaigns import domains, rules
from campaigns.models import Sender, Topic
from tenants.admin.confirming import ActingAdmin
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import NOTHING, label, moment

# What each record is for, and what to set where there is none.
RECORDS = {
    "spf": ("SPF", "{domain}", "v=spf1 include:<your provider's name> ~all"),
    "dkim": ("DKIM", "{selector}._domainkey.{domain}", "the key that your provider shows"),
    "dmarc": ("DMARC", "_dmarc.{domain}", "v=DMARC1; p=none"),
}
EDITING = {"view": Right.VIEW_CAMPAIGNS} | dict.fromkeys(
    ("add", "change", "delete"), Right.EDIT_CAMPAIGNS
)


@admin.register(Sender)
class SenderAdmin(ActingAdmin[Sender]):
    """A From; what recipients see of it is kept while its campaigns are on their way."""

    rights = EDITING
    redraws = True
    fields = ("name", "email", "reply_to", "dkim_selector", "per_minute", "records_told", "checked")
    readonly_fields = ("records_told", "checked")
    lines = dict.fromkeys(("name", "email", "reply_to", "dkim_selector"), 1)
    list_display = ("name", "email", "verified", "checked")
    ordering = ("-pk",)
    actions_detail = ("check_again",)
    empty_text = "Nobody sends yet. Add the address that your campaigns come from."
    labels = {
        "reply_to": "Replies go to",
        "dkim_selector": "DKIM selector",
        "per_minute": "Messages a minute",
    }
    help_texts = {
        "name": "As recipients see it.",
        "reply_to": "Empty: to the address above.",
        "dkim_selector": "Your provider names it beside the record that it asks you to publish.",
        "per_minute": "At most; empty for no limit of its own.",
    }

    def save_model(self, request: HttpRequest, obj: Sender, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in form.changed_data}
        given: dict[str, Any] = {"actor": get_actor(request), "tenant": get_store(request)}
        if change:
            rules.edit_sender(**given, sender_id=obj.pk, changes=told)
        else:
            obj.pk = rules.create_sender(**given, changes=told).pk

    def delete_model(self, request: HttpRequest, obj: Sender) -> None:
        rules.delete_sender(actor=get_actor(request), tenant=get_store(request), sender_id=obj.pk)

    def has_check_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may change senders."""
        return self.has_change_permission(request)

    @action(  # type: ignore[untyped-decorator]
        description="Check again", permissions=["check_again"], icon="dns", url_path="check-again"
    )
    def check_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then have a worker ask the DNS."""
        sender = self.get_object(request, object_id)
        if sender is None:
            raise Http404
        return self.confirm(
            request,
            title="Check the records again",
            says=f"The DNS is asked for what {sender.email.rpartition('@')[2]} says of itself."
            " The answer is on the sender's page in a moment.",
            act=lambda: domains.ask_again(tenant=get_store(request), sender_id=sender.pk),
            done="The records are being looked up: come back to the sender in a moment.",
        )

    @admin.display(description="Domain")
    def verified(self, sender: Sender) -> SafeString:
        """Whether mailboxes can believe it."""
        if sender.verified_at:
            return label("verified", "success")
        return label("records missing", "warning") if sender.records else label("not looked at yet")

    @admin.display(description="Looked at")
    def checked(self, sender: Sender) -> str:
        """When the DNS was last asked, and whether it is being asked now."""
        last = moment(sender.checked_at)
        if sender.asked_at is None:
            return last
        return f"checking now; last {last}" if sender.checked_at else "checking now"

    @admin.display(description="DNS records")
    def records_told(self, sender: Sender) -> SafeString | str:
        """Each record: there, or what to publish and where."""
        if not sender.pk:
            return NOTHING
        return format_html(
            '<ul class="xeno-stack">{}</ul>',
            format_html_join("", "<li>{} {}</li>", record_lines(sender)),
        )


def record_lines(sender: Sender) -> list[tuple[SafeString, SafeString]]:
    """A label and words for each of the three."""
    known: dict[str, Any] = sender.records if isinstance(sender.records, dict) else {}
    domain = sender.email.rpartition("@")[2]
    lines = []
    for key, (name, place, example) in RECORDS.items():
        found = known.get(key) or {}
        where = place.format(domain=domain, selector=sender.dkim_selector or "<selector>")
        if found.get("ok"):
            words = format_html('<code class="xeno-code">{}</code>', found.get("found", ""))
            lines.append((label(f"{name} ok", "success"), words))
            continue
        advice = found.get("advice") or "Not looked at yet."
        words = format_html(
            '{} TXT record at <code class="xeno-code">{}</code>: <code class="xeno-code">{}</code>',
            advice, where, example,
        )  # fmt: skip
        lines.append(
            (label(f"{name} missing" if found else name, "warning" if found else ""), words)
        )
    return lines


@admin.register(Topic)
class TopicAdmin(ActingAdmin[Topic]):
    """What people choose in the preference centre."""

    rights = EDITING
    redraws = True
    fields = ("name", "description")
    lines = {"name": 1, "description": 3}
    list_display = ("name", "description")
    ordering = ("-pk",)
    empty_text = "With topics, people can leave some of your e-mails and keep others."
    help_texts = {"name": "As people read it.", "description": "What they get when they keep it."}

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in form.changed_data}
        given: dict[str, Any] = {"actor": get_actor(request), "tenant": get_store(request)}
        if change:
            rules.edit_topic(**given, topic_id=obj.pk, changes=told)
        else:
            obj.pk = rules.create_topic(**given, changes=told).pk

    def delete_model(self, request: HttpRequest, obj: Topic) -> None:
        rules.delete_topic(actor=get_actor(request), tenant=get_store(request), topic_id=obj.pk)
