"""Predictions of a store that are out of step: at its midnight, and when asked for.

As scores are (`rescoring.py`); spend tiers follow predictions, and segments follow scores.
"""

import json
from datetime import date
from typing import Any

from django.db import transaction

from orders import rfm
from tenants.models import Tenant
from webhooks.daily import Daily
from webhooks.rescoring import ask_for_scores
from xeno.lib.upsert import run

# Longer than a task may take.
FIT = Daily(table="orders_predictionfit", made_on="fitted_on", lease_seconds=900)
ask_for_predictions, is_due, note_told = FIT.ask, FIT.is_due, FIT.note_told

# Asked for again in the meantime, it stays due; whose lease ran out has nothing to say.
SETTLE = """
    UPDATE orders_predictionfit SET fitted_on = %(fitted_on)s, refusal = %(refusal)s,
        customers = %(customers)s, repeating = %(repeating)s, days = %(days)s,
        currency = %(currency)s, parameters = %(parameters)s::jsonb,
        log_likelihood = %(log_likelihood)s, quality = %(quality)s::jsonb,
        bands = %(bands)s::jsonb,
        held_until = NULL, told_at = NULL,
        asked_at = CASE WHEN asked_at IS DISTINCT FROM %(asked_at)s THEN asked_at END
    WHERE tenant_id = %(tenant)s AND held_until = %(held_until)s
"""


def predict(*, tenant: Tenant, on: date | None = None) -> bool:
    """Predict for all of the store's customers; False while another is at it.

    `on` is the day from which it reckons: the store's today.
    """
    from orders.predicting import making  # it brings numpy, which few need

    taken = FIT.take(tenant=tenant)
    if taken is None:
        return False
    asked_at, held_until = taken
    tenant.refresh_from_db()
    found = making.predict(tenant=tenant, on=on or rfm.today(tenant))
    with transaction.atomic():
        run(
            SETTLE,
            {
                **found,
                **{name: as_json(found[name]) for name in ("parameters", "quality", "bands")},
                "tenant": tenant.pk,
                "asked_at": asked_at,
                "held_until": held_until,
            },
        )
        ask_for_scores(tenant=tenant)
    return True


def as_json(value: Any) -> str | None:
    """For a column of JSON."""
    return None if value is None else json.dumps(value)
