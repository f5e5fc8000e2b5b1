"""The segments that a store keeps in Shopify."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenants.shopify.client import AdminApi


@dataclass(frozen=True, slots=True)
class RemoteSegment:
    """A segment as Shopify has it."""

    shopify_id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """Some of them, and the cursor of the next; '' when these were the last."""

    segments: Sequence[RemoteSegment]
    next_cursor: str


def read_segments(api: AdminApi, *, after: str = "") -> SegmentPage:
    """The next 250 segments at most; raises a ShopifyError."""
    told = api.ask("segments", after=after or None).data["segments"]
    segments = [
        RemoteSegment(int(node["id"].rpartition("/")[2]), node["name"], node["query"])
        for node in told["nodes"]
    ]
    page = told["pageInfo"]
    return SegmentPage(segments, page["endCursor"] if page["hasNextPage"] else "")
