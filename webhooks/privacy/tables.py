"""Which tables hold something of a customer, found by their keys; what is done with each.

A new table with a key to a customer is found by itself: its key is emptied, or its rows go. What
else in a row is the person's must be said here, and a test asks about every column by its name.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from customers.models import Customer
from tenants.models import AuditEntry
from webhooks.privacy.models import PrivacyRequest

# Rows that go with the person although they could stay without: nothing is counted from them.
DELETED = {"orders.Checkout"}
# What else of a row that stays is the person's, with what stands there instead.
BLANKED: dict[str, dict[str, Any]] = {
    "campaigns.Message": {"address": None},
    "orders.Order": {"email": None, "landing_site": None, "discount_codes": None},
    "orders.Refund": {"note": ""},
}
# Columns whose names sound like a person's, of which no row is about a customer.
OF_NOBODY = {
    "campaigns.Campaign.name", "campaigns.Link.url", "campaigns.Link.url_hash",
    "campaigns.Sender.name", "campaigns.Sender.email", "campaigns.Template.name",
    "campaigns.SendingSettings.postal_address", "campaigns.Topic.name",  # the store's own
    "campaigns.Suppression.address", "campaigns.Suppression.note",  # by address: erasing.py
    "customers.Customer.email",  # the row itself goes, as those with a required key to it
    "customers.Customer.email_search", "customers.Customer.email_domain",
    "customers.Customer.phone",
    "customers.Customer.addresses_at", "customers.Customer.addresses_triggered_at",
    "customers.Customer.first_name", "customers.Customer.last_name", "customers.Customer.note",
    "customers.Customer.first_name_search", "customers.Customer.last_name_search",
    "customers.Customer.email_consent", "customers.Customer.email_consent_level",
    "customers.Customer.email_consent_at", "customers.Customer.email_open_tracking",
    "orders.Checkout.email", "orders.Checkout.recovery_url",
    "orders.Order.name", "orders.Order.name_search",  # the order's number
    "orders.LineItem.title", "orders.Product.title", "orders.Product.title_search",
    "segments.DataChange.noted_at", "segments.DataChange.everybody", "segments.Segment.name",
    "tenants.ApiKey.name", "tenants.AuditEntry.address",  # of the team
    "webhooks.Delivery.body", "webhooks.Delivery.body_hash",  # searched: bodies.py
    "webhooks.Import.file_name",  # what somebody of the team called it
    "webhooks.PrivacyRequest.emails", "webhooks.PrivacyRequest.phones",  # until it is done
    "webhooks.PrivacyRequest.bundle", "webhooks.PrivacyRequest.bundle_expires_at",
}  # fmt: skip


def owned_models() -> list[type[Model]]:
    """Every model whose rows belong to one store."""
    return [model for model in apps.get_models() if getattr(model, "tenant_owned", False)]


def keys_to(target: type[Model]) -> list[ForeignKey[Any, Any]]:
    """The keys of tenant-owned models that point at this one."""
    fields = (field for model in owned_models() for field in model._meta.concrete_fields)
    return [
        field for field in fields if isinstance(field, ForeignKey) and field.related_model is target
    ]


def paths_to_customer() -> dict[type[Model], list[str]]:
    """Each model with rows of a customer, and the lookups that lead from it to them.

    `{Order: ["customer"], LineItem: ["customer", "order__customer"], …}`, the customer first.
    """
    found: dict[type[Model], list[str]] = {Customer: ["pk"]}
    waiting: list[tuple[type[Model], str]] = [(Customer, "")]
    while waiting:
        target, way = waiting.pop(0)
        for key in keys_to(target):
            path = f"{key.name}__{way}" if way else key.name
            # A second way to a table is kept; around a ring nobody comes back.
            if path.count("__") < len(owned_models()) and key.model not in (target, Customer):
                found.setdefault(key.model, []).append(path)
                waiting.append((key.model, path))
    return found


def children_first(models: Iterable[type[Model]]) -> list[type[Model]]:
    """The models in an order in which their rows can be deleted."""
    waiting, done = list(models), list[type[Model]]()
    while waiting:
        pointed_at = {field.related_model for model in waiting for field in keys_of(model)}
        free = [model for model in waiting if model not in pointed_at]
        done += free
        waiting = [model for model in waiting if model in pointed_at]
        if not free:
            raise RuntimeError(f"{waiting} point at each other.")
    return done


def keys_of(model: type[Model]) -> list[Field[Any, Any]]:
    """The model's keys to others that are tenant-owned."""
    return [
        field
        for field in model._meta.concrete_fields
        if getattr(field.related_model, "tenant_owned", False) and field.related_model is not model
    ]


def kept_to_the_end() -> set[type[Model]]:
    """What a store's erasure still needs or may not delete by itself, and what that points to."""
    kept: set[type[Model]] = {PrivacyRequest, AuditEntry}
    audited: set[Any] = {field.related_model for field in keys_of(AuditEntry)}
    return kept | audited
