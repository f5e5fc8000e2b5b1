"""The API as a page."""

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.response import Response


class DocsView(SpectacularSwaggerView):
    """Swagger's page of the schema."""

    def handle_exception(self, exc: Exception) -> Response:
        """Refuse on a page, which asks who reads it: of a token that is not valid, nobody."""
        self.request.user = AnonymousUser()
        return super().handle_exception(exc)
