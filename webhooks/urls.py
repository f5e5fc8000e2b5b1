"""Routes of the store's connection, and of files."""

from webhooks.api.exports import ExportViewSet
from webhooks.api.imports import ImportErrorViewSet, ImportViewSet
from webhooks.api.syncs import SyncViewSet
from xeno.lib.api.routing import endpoint

ROW = "(?P<pk>[^/]+)"

urlpatterns = [
    endpoint("sync", SyncViewSet.as_view({"get": "list", "post": "create"}), "sync-list"),
    endpoint(f"sync/{ROW}", SyncViewSet.as_view({"get": "retrieve"}), "sync-detail"),
    endpoint(f"sync/{ROW}/cancel", SyncViewSet.as_view({"post": "cancel_sync"}), "sync-cancel"),
    endpoint("exports", ExportViewSet.as_view({"get": "list", "post": "create"}), "export-list"),
    endpoint(f"exports/{ROW}", ExportViewSet.as_view({"get": "retrieve"}), "export-detail"),
    endpoint("imports", ImportViewSet.as_view({"get": "list", "post": "create"}), "import-list"),
    endpoint(f"imports/{ROW}", ImportViewSet.as_view({"get": "retrieve"}), "import-detail"),
    endpoint(
        f"imports/{ROW}/preview",
        ImportViewSet.as_view({"post": "preview_import"}),
        "import-preview",
    ),
    endpoint(
        f"imports/{ROW}/start", ImportViewSet.as_view({"post": "start_import"}), "import-start"
    ),
    endpoint(
        f"imports/{ROW}/errors",
        ImportErrorViewSet.as_view({"get": "list_import_errors"}),
        "import-errors",
    ),
    endpoint(
        f"exports/{ROW}/file", ExportViewSet.as_view({"get": "download_export"}), "export-file"
    ),
]
