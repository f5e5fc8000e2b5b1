"""Routes of accounts, stores and their teams."""

from typing import Any

from tenants.api.account import (
    MailedLinkViewSet,
    PasswordViewSet,
    SessionViewSet,
    TwoFactorViewSet,
)
from tenants.api.audit import AuditViewSet
from tenants.api.invitations import AcceptViewSet, InvitationViewSet
from tenants.api.keys import ApiKeyViewSet
from tenants.api.sign_in import MeViewSet, SignInViewSet
from tenants.api.store import StoreViewSet
from tenants.api.team import LeaveViewSet, TeamViewSet
from xeno.lib.api.routing import endpoint

LIST: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "delete": "destroy"}
EDIT: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}
ROW = "(?P<pk>[^/]+)"

# Route, view, method and action; the action is the route's name, and the operation's in /schema.
ACTIONS: list[tuple[str, Any, str, str]] = [
    ("auth/email/confirm", MailedLinkViewSet, "post", "confirm_email"),
    ("auth/email/confirm/resend", PasswordViewSet, "post", "resend_confirmation"),
    ("auth/login", SignInViewSet, "post", "log_in"),
    ("auth/logout", SignInViewSet, "post", "log_out"),
    ("auth/logout-everywhere", SessionViewSet, "post", "log_out_everywhere"),
    ("auth/me", MeViewSet, "get", "me"),
    ("auth/password/change", PasswordViewSet, "post", "change_password"),
    ("auth/password/reset", MailedLinkViewSet, "post", "reset_password"),
    ("auth/password/reset/confirm", MailedLinkViewSet, "post", "confirm_password_reset"),
    ("auth/refresh", SignInViewSet, "post", "refresh"),
    ("auth/sessions", SessionViewSet, "get", "list_sessions"),
    ("auth/sessions/(?P<session_id>[^/]+)", SessionViewSet, "delete", "end_session"),
    ("auth/signup", SignInViewSet, "post", "sign_up"),
    ("auth/two-factor/confirm", TwoFactorViewSet, "post", "confirm_two_factor"),
    ("auth/two-factor/recovery-codes", TwoFactorViewSet, "post", "renew_recovery_codes"),
    ("auth/two-factor/turn-off", TwoFactorViewSet, "post", "turn_off_two_factor"),
]
AUTH = [
    *(endpoint(route, view.as_view({method: action}), action.replace("_", "-"))
      for route, view, method, action in ACTIONS),
    endpoint("auth/two-factor", TwoFactorViewSet.as_view(
        {"get": "get_two_factor", "post": "start_two_factor"}), "two-factor"),
]  # fmt: skip

urlpatterns = [
    endpoint("api-keys", ApiKeyViewSet.as_view(LIST), "api-key-list"),
    endpoint(f"api-keys/{ROW}", ApiKeyViewSet.as_view(ONE), "api-key-detail"),
    endpoint("audit", AuditViewSet.as_view({"get": "list"}), "audit-list"),
    endpoint(f"audit/{ROW}", AuditViewSet.as_view({"get": "retrieve"}), "audit-detail"),
    *AUTH,
    endpoint("store", StoreViewSet.as_view(EDIT), "store"),
    endpoint("team", TeamViewSet.as_view({"get": "list"}), "member-list"),
    endpoint("team/invitations", InvitationViewSet.as_view(LIST), "invitation-list"),
    endpoint(
        "team/invitations/accept",
        AcceptViewSet.as_view({"post": "accept_invitation"}),
        "invitation-accept",
    ),
    endpoint(
        f"team/invitations/{ROW}",
        InvitationViewSet.as_view(ONE),
        "invitation-detail",
    ),
    endpoint(
        f"team/invitations/{ROW}/resend",
        InvitationViewSet.as_view({"post": "resend"}),
        "invitation-resend",
    ),
    endpoint("team/leave", LeaveViewSet.as_view({"post": "leave_store"}), "leave-store"),
    endpoint(
        "team/transfer-ownership",
        TeamViewSet.as_view({"post": "transfer_ownership"}),
        "transfer-ownership",
    ),
    # Last, because a member's id may be any text: whatever is above is no member's.
    endpoint(f"team/{ROW}", TeamViewSet.as_view({**ONE, **EDIT}), "member"),
]
