"""Routes that need no store."""

from tenants.api.sign_in import MeViewSet, SignInViewSet
from xeno.lib.api.routing import endpoint

urlpatterns = [
    endpoint("auth/signup", SignInViewSet.as_view({"post": "sign_up"}), "sign-up"),
    endpoint("auth/login", SignInViewSet.as_view({"post": "log_in"}), "log-in"),
    endpoint("auth/refresh", SignInViewSet.as_view({"post": "refresh"}), "refresh"),
    endpoint("auth/logout", SignInViewSet.as_view({"post": "log_out"}), "log-out"),
    endpoint("auth/me", MeViewSet.as_view({"get": "me"}), "me"),
]
