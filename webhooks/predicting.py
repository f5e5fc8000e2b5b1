"""Predictions of a store that are out of step: at its midnight, and when asked for.

As scores are (`rescoring.py`): the row of the fit says what is due, and whoever predicts holds it
by a lease that runs out. Spend tiers follow predictions, and segments follow scores.
"""

import json
from datetime import date
from typing import Any

from django.db import transaction

from orders import rfm
from tenants.models import Tenant
from webhooks.rescoring import ask_for_scores
from xeno.lib.upsert import run

LEASE_SECONDS = 900  # longer than a task may take
PATIENCE_SECONDS = 60  # without a sign of work the sweep tells a worker again

ASK = """
    INSERT INTO orders_predictionfit (tenant_id, asked_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, told_at = NULL
"""
NOT_DUE = f"""
    SELECT 1 FROM orders_predictionfit WHERE tenant_id = %s AND (
        (fitted_on >= %s AND asked_at IS NULL) OR held_until > clock_timestamp()
        OR told_at > clock_timestamp() - interval '{PATIENCE_SECONDS} seconds'
    )
"""
TELL = """
    INSERT INTO orders_predictionfit (tenant_id, told_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET told_at = EXCLUDED.told_at
"""
TAKE = f"""
    INSERT INTO orders_predictionfit AS old (tenant_id, held_until)
    VALUES (%s, clock_timestamp() + interval '{LEASE_SECONDS} seconds')
    ON CONFLICT (tenant_id) DO UPDATE SET held_until = EXCLUDED.held_until
    WHERE COALESCE(old.held_until < clock_timestamp(), true)
    RETURNING asked_at, held_until
"""
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


def ask_for_predictions(*, tenant: Tenant) -> None:
    """Note, within the caller's transaction, that what is predicted is out of step."""
    run(ASK, [tenant.pk])


def is_due(*, tenant: Tenant) -> bool:
    """Whether the store's predictions wait for a worker that nobody has told of late."""
    return not run(NOT_DUE, [tenant.pk, rfm.today(tenant)])


def note_told(*, tenant: Tenant) -> None:
    """Say that a worker was told: the message may wait in the queue for a while."""
    run(TELL, [tenant.pk])


def predict(*, tenant: Tenant, on: date | None = None) -> bool:
    """Predict for all of the store's customers; False while another is at it.

    `on` is the day from which it reckons: the store's today.
    """
    from orders.predicting import making  # it brings numpy, which few need

    taken = run(TAKE, [tenant.pk])
    if not taken:
        return False
    asked_at, held_until = taken[0]
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
