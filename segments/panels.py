"""The panel "Segments" on a customer's page: in which they are, since when, and why."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.models import Customer
from segments.models import Segment, SegmentMember
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Panel, label, link, moment

MOST_IN, MOST_OTHERS = 100, 25
LEFT_OUT = f"Of the others the {MOST_OTHERS} that were edited last."
NO_SEGMENT = "There is no segment in this store yet."


def segments_panel(tenant: Tenant, customer: Customer) -> Panel:
    """Those that the customer is in, then the newest of the others."""
    rows = SegmentMember.objects.filter(customer=customer, valid_to=None)
    since = dict(rows.values_list("segment_id", "valid_from")[:MOST_IN])
    inside = Segment.objects.filter(pk__in=since).order_by("name")
    without = Segment.objects.exclude(pk__in=rows.values("segment_id"))
    others = without.order_by("-updated_at", "-pk")
    left_out = others[MOST_OTHERS : MOST_OTHERS + 1].exists()
    shown = [
        (
            link(reverse("admin:segments_segment_change", args=[segment.pk]), segment),
            label("in it", "success") if segment.pk in since else label("not in it"),
            moment(since[segment.pk]) if segment.pk in since else NOTHING,
            why_opens(segment, customer),
        )
        for segment in (*inside, *others[:MOST_OTHERS])
    ]
    return Panel(
        title="Segments",
        headers=("Segment", "State", "Since", "Why"),
        rows=shown,
        right=Right.VIEW_SEGMENTS,
        note=LEFT_OUT if left_out else "" if shown else NO_SEGMENT,
    )


def why_opens(segment: Segment, customer: Customer) -> SafeString:
    """What opens with the explanation, which is asked for when it does."""
    url = reverse("admin:segments_segment_why", args=[segment.pk, customer.pk])
    return format_html(
        '<details class="xeno-opens" hx-get="{}?part=1" hx-trigger="toggle once"'
        ' hx-target="find div">'
        '<summary class="xeno-link">Why</summary>'
        '<div aria-live="polite"><a class="xeno-link" href="{}">Open the explanation</a></div>'
        "</details>",
        url,
        url,
    )
