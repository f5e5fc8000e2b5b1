"""The paths that messages lead to, as `addresses.py` makes them, and the one of providers."""

from django.urls import path

from campaigns.tracking.provider_events import ProviderEventsView
from campaigns.tracking.views import ClickView, OpenView, PreferencesView, UnsubscribeView

urlpatterns = [
    path("t/o/<path:token>", OpenView.as_view(), name="open"),
    path("t/c/<path:token>", ClickView.as_view(), name="click"),
    path("u/<path:token>", UnsubscribeView.as_view(), name="unsubscribe"),
    path("p/<path:token>", PreferencesView.as_view(), name="preferences"),
    path("provider-events/<slug:esp>/tracking/", ProviderEventsView.as_view(), name="events"),
]
