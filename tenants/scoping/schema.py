"""What the API's description says of stores and of signing in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter

from xeno.lib.api.schema import ApiSchema

X_STORE = OpenApiParameter(
    name="X-Store",
    location=OpenApiParameter.HEADER,
    description="The store, by its id or shop domain; needed by users who have several.",
)
STORE_ERRORS = {
    "403": "`right_missing`: the message names the right.",
    "404": "No such row or, `store_not_found`, no such store of yours.",
    "409": "`no_store`: you have no store yet.",
}


class TenantSchema(ApiSchema):
    """The schema of all views; views of one store take `X-Store`."""

    def get_override_parameters(self) -> list[Any]:
        of_store = [X_STORE] if getattr(self.view, "rights", None) else []
        return [*super().get_override_parameters(), *of_store]

    def get_errors(self) -> dict[str, str]:
        of_store = STORE_ERRORS if getattr(self.view, "rights", None) else {}
        return {**super().get_errors(), **of_store}


class BearerOrSession(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Both ways to say who one is."""

    target_class = "tenants.auth.RequestUserAuthentication"
    name = ["bearer", "session"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{"bearer": []}, {"session": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]
