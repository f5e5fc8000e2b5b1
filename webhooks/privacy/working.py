"""Working privacy requests off; whatever fails is tried again, and says why."""

from collections.abc import Callable

import structlog

from tenants.models import Tenant
from webhooks.privacy.bundling import answer_data_request
from webhooks.privacy.erasing import redact_customer
from webhooks.privacy.leaving import redact_store
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.requests import put_off, take
from xeno.lib.errors import Mistake
from xeno.lib.logs import trouble

log = structlog.get_logger(__name__)

WORK: dict[str, Callable[..., None]] = {
    PrivacyRequest.Kind.DATA: answer_data_request,
    PrivacyRequest.Kind.REDACT: redact_customer,
    PrivacyRequest.Kind.SHOP: redact_store,
}


def work_off(*, tenant: Tenant) -> None:
    """Do what can be done now of the open store's requests, one after the other."""
    while request := take():
        try:
            WORK[request.kind](tenant=tenant, request=request)
        except Mistake as mistake:
            put_off(request, mistake.code)
        except Exception as error:
            log.error(
                "privacy_request_failed", tenant_id=tenant.pk, request=request.pk, **trouble(error)
            )
            put_off(request, "failed")
