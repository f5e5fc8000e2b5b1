"""Paths of the pages about an account."""

from django.urls import path, re_path

from xeno.dashboard.account import home, invitations, links, second_factor

app_name = "account"
TOKEN = r"(?P<token>[A-Za-z0-9_:.=-]{1,500})"  # noqa: S105  # the shape of one

urlpatterns = [
    path("", home.home, name="home"),
    path("name", home.change_name, name="name"),
    path("timezone", home.change_timezone, name="timezone"),
    path("password", home.change_password, name="password"),
    path("confirmation", home.send_confirmation, name="send_confirmation"),
    path("sign-ins/end", home.end_sign_ins, name="end_sign_ins"),
    path("sign-ins/<uuid:sign_in_id>/end", home.end_sign_in, name="end_sign_in"),
    path("two-factor", second_factor.page, name="two_factor"),
    path("two-factor/start", second_factor.start, name="start_two_factor"),
    path("two-factor/confirm", second_factor.confirm, name="confirm_two_factor"),
    path("two-factor/codes", second_factor.renew_codes, name="renew_codes"),
    path("two-factor/off", second_factor.turn_off, name="turn_off_two_factor"),
    path("reset", links.ask_reset, name="ask_reset"),
    re_path(rf"^reset/{TOKEN}$", links.reset, name="reset"),
    re_path(rf"^confirm/{TOKEN}$", links.confirm, name="confirm"),
    re_path(rf"^invitation/{TOKEN}$", invitations.invitation, name="invitation"),
]
