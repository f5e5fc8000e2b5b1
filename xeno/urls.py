"""Every path of the install. Webhooks are answered before, by their own middleware."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from xeno.health import healthz, readyz
from xeno.lib.api.docs import DocsView
from xeno.lib.api.routing import endpoint

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("account/", include("xeno.dashboard.account.urls")),
    path("", include("tenants.urls")),
    path("", include("tenants.shopify.urls")),
    path("", include("customers.urls")),
    path("", include("orders.urls")),
    path("", include("segments.urls")),
    path("", include("campaigns.urls")),
    path("", include("campaigns.tracking.urls")),
    path("", include("webhooks.urls")),
    endpoint("schema", SpectacularAPIView.as_view(), "schema"),
    endpoint("docs", DocsView.as_view(url_name="schema"), "docs"),
    endpoint("healthz", healthz, "healthz"),
    endpoint("readyz", readyz, "readyz"),
]

handler400 = "xeno.lib.api.errors.bad_request"
handler403 = "xeno.lib.api.errors.permission_denied"
handler404 = "xeno.lib.api.errors.not_found"
handler500 = "xeno.lib.api.errors.server_error"
