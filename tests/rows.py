"""Rows of any tenant-owned model, so that a walk over the models covers tomorrow's too."""

import zlib
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
_numbers = count(1)
# Where the first choice is one that a store has once, or needs another column.
INSTEAD: dict[str, dict[str, Any]] = {
    "webhooks.sync": {"state": "done"},
    "segments.segment": {"query": "number_of_orders > 1"},
    "segments.segmentstate": {"done": 0},
    "segments.segmentjob": {"state": "done"},
    "segments.datachange": {"customers": [], "kinds": [], "removed": {}},
    "orders.salesday": {"orders": 1, "new_orders": 0},
    "orders.buyersday": {"buyers": 1, "newcomers": 0, "newcomers_again": 0},
    "orders.returnday": {"previous": date(2023, 1, 1), "customers": 1, "second": 0},
    "orders.cohortcell": {"customers": 1, "orders": 1},
    "orders.rfmcell": {"recency": 5, "frequency": 5, "monetary": 5, "rfm_group": "CHAMPIONS"},
    "orders.rollupstate": {"counted_at": LONG_AGO},
    "orders.saleschange": {"touched": []},
    # As a customer without an order is scored, so that scoring changes nothing.
    "orders.customerscore": {"rfm_group": "PROSPECTS", "spend_tier": None},
    "orders.predictionfit": {
        "refusal": "too_few_customers",
        "parameters": None,
        "quality": None,
        "bands": None,
    },
    "campaigns.reach": {"customers": 1, "reachable": 1},
    "webhooks.importpiece": {"content": zlib.compress(b'[[2,["kim@example.com"]]]')},
    "campaigns.campaign": {"variants": []},
    "campaigns.message": {"address": "somebody@example.com"},
}

VALUES: dict[str, Any] = {
    "BigIntegerField": lambda number: number,
    "IntegerField": lambda number: number,
    "FloatField": float,
    "TextField": lambda number: f"text {number}",
    "CharField": lambda number: f"{number % 1000:03}",
    "DateTimeField": lambda _: LONG_AGO,
    "DateField": lambda _: LONG_AGO.date(),
    "BooleanField": lambda _: True,
    "BinaryField": lambda number: b"%d" % number,
    "JSONField": lambda _: [],
    "ArrayField": lambda number: [number],
    "UUIDField": lambda number: UUID(int=number),
}


def owned_models() -> list[type[models.Model]]:
    """Every model whose rows belong to one store."""
    every = apps.get_models(include_auto_created=True)
    return [m for m in every if getattr(m, "tenant_owned", False)]


def make_row(model: type[models.Model], **given: Any) -> models.Model:
    """A row in the open scope's store; the rows of the store that it points to are made first."""
    given = INSTEAD.get(model._meta.label_lower, {}) | given
    fields = [f for f in model._meta.concrete_fields if f.name not in given and _wants_value(f)]
    return model._default_manager.create(**given, **{f.name: _value(f) for f in fields})


def _points_to_owned(field: models.Field) -> bool:
    return getattr(field.related_model, "tenant_owned", False)


def _wants_value(field: models.Field) -> bool:
    if field.generated or field.primary_key or field.name == "tenant":
        return False
    optional = field.null or field.has_default() or field.has_db_default()
    return _points_to_owned(field) or not optional


def _value(field: models.Field) -> Any:
    if _points_to_owned(field):
        return make_row(field.related_model)
    if field.choices:
        return field.choices[0][0]
    return VALUES[field.get_internal_type()](next(_numbers))
