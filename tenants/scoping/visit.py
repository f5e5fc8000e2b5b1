"""What is known of a request before its view runs: who comes, and for which store."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tenants.models import ApiKey, Tenant, User
from xeno.lib.errors import Mistake


@dataclass(frozen=True)
class Visit:
    """A request's user, or API key, and store.

    What was wrong is kept, and raised only by views that ask: so `/auth/login` answers somebody
    whose token has expired, and `/auth/me` somebody who has no store yet.
    """

    user: User | None = None
    tenant: Tenant | None = None
    by_token: bool = False
    refusal: Mistake | None = None
    no_store: Mistake | None = None
    key: ApiKey | None = None
    sign_in_id: UUID | None = None
    by_link: bool = False  # a stranger, with a link that the store sent them


def get_visit(request: Any) -> Visit:
    """The visit that TenantMiddleware noted on Django's request, or on DRF's around it."""
    visit: Visit = request.visit
    return visit


def get_tenant(request: Any) -> Tenant:
    """The store that the request is for; raises the reason when there is none."""
    visit = get_visit(request)
    if visit.tenant is None:
        raise visit.no_store or RuntimeError("An anonymous request was asked for its store.")
    return visit.tenant
