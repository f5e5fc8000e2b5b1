"""Routes of segments; words come before ids."""

from segments.api.language import LanguageViewSet
from segments.api.members import MembersViewSet, SegmentInsightViewSet
from segments.viewsets import SegmentJobViewSet, SegmentViewSet
from xeno.lib.api.routing import endpoint

ROW = "(?P<pk>[^/]+)"

urlpatterns = [
    endpoint(
        "segments/attributes",
        LanguageViewSet.as_view({"get": "list_segment_attributes"}),
        "segment-attributes",
    ),
    endpoint(
        "segments/templates",
        LanguageViewSet.as_view({"get": "list_segment_templates"}),
        "segment-templates",
    ),
    endpoint("segments/parse", LanguageViewSet.as_view({"post": "parse_query"}), "segment-parse"),
    endpoint(
        "segments/preview", LanguageViewSet.as_view({"post": "preview_query"}), "segment-preview"
    ),
    endpoint(
        "segments/export", SegmentViewSet.as_view({"get": "export_segments"}), "segment-export"
    ),
    endpoint(
        "segments/import", SegmentViewSet.as_view({"post": "import_segments"}), "segment-import"
    ),
    endpoint(
        "segments/import-from-shopify",
        SegmentViewSet.as_view({"post": "import_from_shopify"}),
        "segment-import-from-shopify",
    ),
    endpoint("segments/jobs", SegmentJobViewSet.as_view({"get": "list"}), "segment-job-list"),
    endpoint(
        f"segments/jobs/{ROW}", SegmentJobViewSet.as_view({"get": "retrieve"}), "segment-job-detail"
    ),
    endpoint("segments", SegmentViewSet.as_view({"get": "list", "post": "create"}), "segment-list"),
    endpoint(
        f"segments/{ROW}",
        SegmentViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "segment-detail",
    ),
    endpoint(
        f"segments/{ROW}/customers",
        MembersViewSet.as_view({"get": "list_segment_customers"}),
        "segment-customers",
    ),
    endpoint(
        f"segments/{ROW}/diff", MembersViewSet.as_view({"get": "compare_segment"}), "segment-diff"
    ),
    endpoint(
        f"segments/{ROW}/members",
        MembersViewSet.as_view({"post": "add_segment_members"}),
        "segment-members",
    ),
    endpoint(
        f"segments/{ROW}/members/remove",
        MembersViewSet.as_view({"post": "remove_segment_members"}),
        "segment-members-remove",
    ),
    endpoint(
        f"segments/{ROW}/members/(?P<customer>[^/]+)",
        MembersViewSet.as_view({"delete": "remove_segment_member"}),
        "segment-member",
    ),
    endpoint(
        f"segments/{ROW}/growth",
        SegmentInsightViewSet.as_view({"get": "show_segment_growth"}),
        "segment-growth",
    ),
    endpoint(
        f"segments/{ROW}/explain",
        SegmentInsightViewSet.as_view({"get": "explain_membership"}),
        "segment-explain",
    ),
    endpoint(f"segments/{ROW}/tag", SegmentViewSet.as_view({"post": "tag_segment"}), "segment-tag"),
]
