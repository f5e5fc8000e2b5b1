"""When customers are predicted: at the store's midnight, and after what changes it all."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from orders.models import Prediction, PredictionFit
from orders.predicting.tests.shop import TODAY, put_shop
from webhooks import predicting, rescoring, tasks
from webhooks.daily import PATIENCE_SECONDS

NIGHT = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)  # a minute to midnight in London


@pytest.fixture
def told(monkeypatch):
    """The stores whose predictions were queued."""
    messages = []
    monkeypatch.setattr(tasks.predict_customers, "delay", messages.append)
    return messages


def test_a_predicted_store_is_due_again_at_its_own_midnight(in_anas_store):
    before = predicting.is_due(tenant=in_anas_store)
    with time_machine.travel(NIGHT, tick=False):
        predicting.predict(tenant=in_anas_store)
        then = predicting.is_due(tenant=in_anas_store)
    with time_machine.travel(NIGHT + timedelta(minutes=1), tick=False):
        after = predicting.is_due(tenant=in_anas_store)

    assert (before, then, after) == (True, False, True)


def test_a_small_store_is_refused_and_the_row_says_why(in_anas_store):
    in_anas_store.history_complete_since = TODAY
    in_anas_store.save()

    tasks.predict_customers(in_anas_store.pk)

    fit = PredictionFit.objects.get()
    assert (fit.refusal, fit.customers, fit.parameters) == ("too_few_customers", 0, None)
    assert fit.held_until is None


def test_a_fit_is_kept_and_scores_follow_it(in_anas_store):
    put_shop(in_anas_store)
    rescoring.rescore(tenant=in_anas_store)

    predicting.predict(tenant=in_anas_store, on=TODAY.date())

    fit = PredictionFit.objects.get()
    assert (fit.refusal, fit.currency, fit.values) == (None, "GBP", True)
    assert fit.fitted_on == TODAY.date()
    assert fit.log_likelihood < 0
    assert fit.quality["buckets"]
    assert Prediction.objects.count() == fit.customers
    assert rescoring.is_due(tenant=in_anas_store)


def test_what_is_asked_for_while_it_predicts_stays_due(in_anas_store, monkeypatch):
    from orders.predicting import making

    plain = making.predict

    def ask_again(**given):
        predicting.ask_for_predictions(tenant=in_anas_store)
        return plain(**given)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(making, "predict", ask_again)
        predicting.predict(tenant=in_anas_store)

    assert predicting.is_due(tenant=in_anas_store)
    predicting.predict(tenant=in_anas_store)
    assert not predicting.is_due(tenant=in_anas_store)


def test_a_store_at_which_somebody_is_is_left_to_them_until_their_lease_runs_out(in_anas_store):
    PredictionFit.objects.create(held_until=timezone.now() + timedelta(minutes=5))
    held = (predicting.is_due(tenant=in_anas_store), predicting.predict(tenant=in_anas_store))
    PredictionFit.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert held == (False, False)
    assert predicting.is_due(tenant=in_anas_store)
    assert predicting.predict(tenant=in_anas_store)


def test_the_sweep_tells_a_worker_once_a_minute_until_it_is_done(in_anas_store, told):
    tasks.wake(in_anas_store)
    tasks.wake(in_anas_store)
    patience = timedelta(seconds=PATIENCE_SECONDS)
    PredictionFit.objects.update(told_at=timezone.now() - patience)
    tasks.wake(in_anas_store)
    queued = list(told)

    tasks.predict_customers(in_anas_store.pk)
    tasks.wake(in_anas_store)

    assert queued == told == [in_anas_store.pk] * 2
