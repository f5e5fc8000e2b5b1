"""The addresses that are written into the app's settings at Shopify."""

from tenants.shopify.views import callback, install
from xeno.lib.api.routing import endpoint

urlpatterns = [
    endpoint("shopify/install", install, "shopify-install"),
    endpoint("shopify/callback", callback, "shopify-callback"),
]
