"""The store's segments as one text, which `import_text` reads back."""

from collections.abc import Iterator

from segments.exchange.texts import Entry, write_segments
from segments.models import Segment
from tenants.models import Tenant


def export_text(*, tenant: Tenant) -> str:
    """Every dynamic segment by name; members put in by hand are people, and no part of it."""
    static = Segment.objects.static().order_by("name").values_list("name", flat=True)
    comments = [
        f"Segments of {' '.join(tenant.name.split())} ({tenant.shop_domain}).",
        "A name in brackets, then its query. Lines that begin with # are comments.",
        *(f"Put together by hand, so not in this file: {name}" for name in static),
    ]
    return "".join(write_segments(entries(), comments=comments))


def entries() -> Iterator[Entry]:
    """The open store's dynamic segments."""
    rows = Segment.objects.dynamic().order_by("name").values_list("name", "query", "description")
    for name, query, description in rows:
        yield Entry(name, query, description)
