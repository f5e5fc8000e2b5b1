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
IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Yours, such as a UUID: sent again within 24 hours, it gets the first answer.",
)
IF_MATCH = OpenApiParameter(
    name="If-Match",
    location=OpenApiParameter.HEADER,
    description="The ETag of what you saw: 412 if it was changed meanwhile.",
)
ETAG = OpenApiParameter(
    name="ETag",
    location=OpenApiParameter.HEADER,
    description="Names this state of the row, for If-Match.",
    response=[200, 201],
)
OF_METHOD = {
    "POST": [IDEMPOTENCY_KEY],
    "PUT": [IF_MATCH],
    "PATCH": [IF_MATCH],
    "DELETE": [IF_MATCH],
}
SHOWS_ONE_ROW = ("retrieve", "create", "update", "partial_update")
STORE_ERRORS = {
    "403": "`right_missing`: the message names the right; or `two_factor_required`.",
    "404": "No such row or, `store_not_found`, no such store of yours.",
    "409": "`no_store`: you have no store yet.",
}


class TenantSchema(ApiSchema):
    """The schema of all views; views of one store take `X-Store` and what the base reads."""

    def get_override_parameters(self) -> list[Any]:
        own: list[Any] = super().get_override_parameters()
        if not getattr(self.view, "rights", None):
            return own
        tag = [ETAG] if getattr(self.view, "action", "") in SHOWS_ONE_ROW else []
        return [*own, X_STORE, *OF_METHOD.get(self.method, []), *tag]

    def get_errors(self) -> dict[str, str]:
        of_store = STORE_ERRORS if getattr(self.view, "rights", None) else {}
        return {**super().get_errors(), **of_store, **getattr(self.view, "errors", {})}


class BearerOrSession(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Both ways to say who one is."""

    target_class = "tenants.auth.RequestUserAuthentication"
    name = ["bearer", "session"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{"bearer": []}, {"session": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token, or an API key.",
            },
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]
