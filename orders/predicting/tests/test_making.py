"""A store's predictions: what is read, what is refused, what each customer gets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from customers.models import Customer
from orders.actions import hand_over_orders
from orders.models import CustomerScore, Order
from orders.predicting import making, reading
from orders.predicting.making import predict
from orders.predicting.models import Prediction, Refusal
from orders.predicting.reading import read_buyers, sample_of
from orders.predicting.tests.shop import TODAY, order, put_shop
from orders.rfm import recompute_scores

ON = TODAY.date()


@pytest.fixture
def shop(in_anas_store):
    put_shop(in_anas_store)
    return in_anas_store


def buyer(store, number, *bought, **changes):
    """A customer with orders so many weeks ago."""
    customer = Customer.objects.create(shopify_id=number, orders_count=len(bought))
    for each, weeks_ago in enumerate(bought):
        order(customer, weeks_ago, 20, shopify_id=number * 100 + each, **changes).save()
    return customer


def read_one(store, **asked):
    chunk = next(read_buyers(tenant=store, on=ON, **asked))
    return {name: column[0] for name, column in chunk._asdict().items()}


def test_a_shop_that_buys_as_the_model_has_it_is_fitted_and_tried_on_its_past(shop):
    found = predict(tenant=shop, on=ON)

    assert found["refusal"] is None
    assert found["customers"] == Prediction.objects.count() == Customer.objects.count()
    assert set(found["parameters"]) == {"r", "alpha", "a", "b", "p", "q", "v"}
    assert found["parameters"]["r"] == pytest.approx(1, rel=0.35)
    assert abs(found["quality"]["error"]) < 0.25
    assert (
        sum(bucket["customers"] for bucket in found["quality"]["buckets"])
        == (found["quality"]["customers"])
    )


def test_one_order_tells_nothing_of_whether_somebody_is_lost(shop):
    once = buyer(shop, 9_001, 20)
    back = buyer(shop, 9_002, 20, 15, 10, 5, 1)

    predict(tenant=shop, on=ON)

    unknown, known = (Prediction.objects.get(customer=each) for each in (once, back))
    assert (unknown.alive, unknown.churn, unknown.next_order_on) == (None, "unknown", None)
    assert (known.churn, known.alive > 2 / 3) == ("low", True)
    assert ON < known.next_order_on < ON + timedelta(days=365)
    assert 0 < unknown.orders_365 < known.orders_30 * 13


def test_more_is_expected_of_a_longer_time(shop):
    predict(tenant=shop, on=ON)

    for each in Prediction.objects.all():
        assert 0 <= each.orders_30 <= each.orders_90 <= each.orders_365
        assert 0 <= each.value_30 <= each.value_90 <= each.value_365
        assert each.value_365 == round(each.value_365, 2)


def test_purchases_of_one_day_of_the_store_are_one(in_anas_store):
    """23:30 and 00:30 in London in summer are 22:30 and 23:30 UTC of one day."""
    summer = (TODAY - TODAY.replace(month=7, day=1, hour=22, minute=30, year=2025)).total_seconds()
    weeks = summer / 604_800
    buyer(in_anas_store, 1, weeks, weeks - 1 / 168, weeks - 2 / 168)

    found = read_one(in_anas_store)

    assert (found["repeats"], found["last"]) == (1, pytest.approx(1 / 7))
    assert (found["paid"], found["spent"]) == (2, 60)


def test_what_does_not_count_is_no_purchase(in_anas_store):
    one = buyer(in_anas_store, 1, 10)
    order(one, 8, 20, shopify_id=1, cancelled_at=TODAY).save()
    order(one, 8, 20, shopify_id=2, test=True).save()
    order(one, -500, 20, shopify_id=3).save()
    guests = order(one, 8, 20, shopify_id=4)
    guests.customer = None
    guests.save()

    found = read_one(in_anas_store)

    assert (found["repeats"], found["age"], found["spent"]) == (0, pytest.approx(10), 20)


def test_another_currency_is_a_purchase_without_a_value(in_anas_store):
    one = buyer(in_anas_store, 1, 10)
    order(one, 5, 7_000, shopify_id=1, currency="JPY").save()

    found = read_one(in_anas_store)

    assert (found["repeats"], found["paid"], found["spent"]) == (1, 1, 20)


def test_what_came_after_a_day_is_kept_apart(in_anas_store):
    buyer(in_anas_store, 1, 10, 6, 2)
    buyer(in_anas_store, 2, 1)

    (chunk,) = read_buyers(tenant=in_anas_store, on=ON, until=ON - timedelta(weeks=4))

    assert (list(chunk.repeats), list(chunk.age)) == ([1], [6])
    assert (list(chunk.later), list(chunk.later_spent)) == ([1], [20])


def test_a_sample_is_bounded_even_and_counts_everybody(shop, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 7)

    sample = sample_of(read_buyers(tenant=shop, on=ON), 50)

    every = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    assert sample.customers == len(every) > 200
    assert list(sample.buyers.ids) == every[:: sample.step]
    assert 25 <= len(sample.buyers.ids) <= 50


@pytest.mark.parametrize(
    ("lacking", "refusal"),
    [
        ({"customers": 99}, Refusal.CUSTOMERS),
        ({"repeating": 29}, Refusal.REPEATS),
        ({"weeks": 12.0}, Refusal.DAYS),
        ({}, None),
    ],
)
def test_a_store_below_the_stated_minimum_is_refused(lacking, refusal):
    enough = {"customers": 100, "repeating": 30, "weeks": 90 / 7}
    sample = reading.Sample(most=1, **{**enough, **lacking})

    assert making.lacking(sample) == refusal


def test_a_refused_store_has_no_predictions_left(shop):
    predict(tenant=shop, on=ON)
    shop.history_complete_since = None

    found = predict(tenant=shop, on=ON + timedelta(days=1))

    assert (found["refusal"], found["parameters"]) == (Refusal.HISTORY, None)
    assert not Prediction.objects.exists()


def test_who_has_no_order_any_more_has_no_prediction(shop):
    predict(tenant=shop, on=ON)
    gone = Customer.objects.earliest("pk")
    Order.objects.filter(customer=gone).update(test=True)

    predict(tenant=shop, on=ON + timedelta(days=1))

    assert Customer.objects.count() - 1 == Prediction.objects.count()
    assert not Prediction.objects.filter(customer=gone).exists()


def test_a_prediction_goes_with_its_customer(shop):
    predict(tenant=shop, on=ON)

    hand_over_orders(tenant=shop, owners={1: 2})

    assert not Prediction.objects.filter(customer__shopify_id=1).exists()


def test_without_a_pattern_of_spending_orders_are_predicted_and_money_is_not(shop):
    Order.objects.update(current_amount=Decimal(0))

    found = predict(tenant=shop, on=ON)

    assert set(found["parameters"]) == {"r", "alpha", "a", "b"}
    assert set(Prediction.objects.values_list("value_365", flat=True)) == {None}


def test_an_unlikely_store_breaks_nothing(in_anas_store):
    """Everybody came back once, on the same day, and spent the same."""
    in_anas_store.history_complete_since = TODAY
    for number in range(120):
        buyer(in_anas_store, number, 20, 10)

    found = predict(tenant=in_anas_store, on=ON)

    assert found["refusal"] in (None, Refusal.NO_FIT)
    assert (Prediction.objects.count() == 120) == (found["refusal"] is None)


def test_spend_tiers_go_by_what_is_expected_and_say_so(shop):
    predict(tenant=shop, on=ON)
    told = Customer.objects.order_by("pk").first()
    Customer.objects.filter(pk=told.pk).update(remote_spend_tier="HIGH")
    nobody = Customer.objects.create(shopify_id=9_000)

    recompute_scores(tenant=shop, on=ON)

    best, worst = (
        Prediction.objects.exclude(customer=told).order_by(order)[:20].values("customer")
        for order in ("-value_365", "value_365")
    )
    tiers = CustomerScore.objects.values_list("spend_tier", "tier_source").distinct()
    assert set(tiers.filter(customer__in=best)) == {("HIGH", "predicted")}
    assert set(tiers.filter(customer__in=worst)) == {("LOW", "predicted")}
    assert set(tiers.filter(customer=told)) == {("HIGH", "shopify")}
    assert set(tiers.filter(customer=nobody)) == {(None, "computed")}


def test_the_database_refuses_a_probability_of_two(shop):
    predict(tenant=shop, on=ON)

    with pytest.raises(IntegrityError), transaction.atomic():
        Prediction.objects.update(alive=2)


def test_the_day_is_the_stores_own(in_anas_store):
    buyer(in_anas_store, 1, 0)

    assert not list(read_buyers(tenant=in_anas_store, on=date(2026, 2, 28)))
    assert list(read_buyers(tenant=in_anas_store, on=date(2026, 3, 1)))
