"""Routes of the store's connection."""

from webhooks.api.syncs import SyncViewSet
from xeno.lib.api.routing import endpoint

ROW = "(?P<pk>[^/]+)"

urlpatterns = [
    endpoint("sync", SyncViewSet.as_view({"get": "list", "post": "create"}), "sync-list"),
    endpoint(f"sync/{ROW}", SyncViewSet.as_view({"get": "retrieve"}), "sync-detail"),
    endpoint(f"sync/{ROW}/cancel", SyncViewSet.as_view({"post": "cancel_sync"}), "sync-cancel"),
]
