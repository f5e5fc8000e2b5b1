"""Everything that is held of a customer, as one JSON document for the merchant."""

from datetime import timedelta
from typing import Any

import msgspec
from django.db.models import Model, Q
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Customer
from tenants.models import Tenant
from webhooks.privacy.erasing import Subject, find_rows, find_subject
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.requests import finish
from webhooks.privacy.tables import paths_to_customer

KEPT = timedelta(days=30)


def answer_data_request(*, tenant: Tenant, request: PrivacyRequest) -> None:
    """Put the bundle together and keep it for the merchant, for a while."""
    bundle = make_bundle(tenant=tenant, subject=find_subject(request))
    PrivacyRequest.objects.filter(pk=request.pk).update(
        bundle=encode_bundle(bundle),
        bundle_expires_at=Now() + KEPT,
    )
    finish(tenant=tenant, request=request)


def make_bundle(*, tenant: Tenant, subject: Subject) -> dict[str, Any]:
    """The rows of every table with a key that leads to the customer, by the table's name."""
    people = list(
        Customer.objects.filter(shopify_id__in=subject.customers).values_list("pk", flat=True)
    )
    return {
        "store": tenant.shop_domain,
        "made_at": timezone.now(),
        "customer_ids": sorted(subject.customers),
        "tables": {
            model._meta.label_lower: read_rows(model, people, subject)
            for model in paths_to_customer()
        },
    }


def encode_bundle(bundle: dict[str, Any]) -> bytes:
    """As JSON that people can read too."""
    return msgspec.json.format(msgspec.json.encode(bundle), indent=2)


def read_rows(model: type[Model], people: list[int], subject: Subject) -> list[dict[str, Any]]:
    """Rows as they are stored; without what we derive for searching, and our own keys."""
    ids = people if model is Customer else find_rows(model, people, subject)
    columns = [
        field.attname
        for field in model._meta.concrete_fields
        if not field.generated and field.name != "tenant"
    ]
    return list(model._default_manager.filter(Q(pk__in=ids)).order_by("pk").values(*columns))


def drop_old_bundles() -> int:
    """Take away the bundles of the open store whose time is over."""
    old = PrivacyRequest.objects.filter(bundle_expires_at__lt=Now(), bundle__isnull=False)
    return old.update(bundle=None)
