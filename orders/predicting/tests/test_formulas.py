"""Each formula against the integral that it solves, or against slopes by differences."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln, gammaln

from orders.predicting import buying, spending
from orders.predicting.buying import Buying, Histories
from orders.predicting.spending import Purses, Spending

POSITIVE = st.floats(0.1, 20)
MODELS = st.builds(Buying, POSITIVE, st.floats(0.1, 100), POSITIVE, POSITIVE)


def histories(*rows):
    return Histories(*(np.array(column, float) for column in zip(*rows, strict=True)))


@st.composite
def one_history(draw):
    age = draw(st.floats(0.2, 300))
    repeats = draw(st.integers(0, 60))
    return histories((repeats, draw(st.floats(0.05, 1)) * age if repeats else 0, age, 1))


def over_lost(model, repeats, of_rate):
    """The mean over p of beta(a, b + x), in its logit: smooth, and at both ends next to nothing."""
    a, b = model.a, model.b + repeats
    u = np.linspace(-40 / min(a, 1), 40 / min(b, 1), 200_001)
    log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    weight = np.exp(a * log_p + b * log_q - betaln(a, b))
    return float(np.sum(weight * of_rate(np.exp(log_p))) * (u[1] - u[0]))


@settings(max_examples=60, deadline=None)
@given(MODELS, one_history(), st.sampled_from([30 / 7, 90 / 7, 365 / 7]))
@example(Buying(2, 5, 1.0, 3), histories((4, 20, 30, 1)), 39.0)
@example(Buying(1, 0.2605, 3.0, 0.1267), histories((132, 0.1, 0.1801, 1)), 12.857)
@example(Buying(0.5, 4, 0.3, 0.5), histories((0, 0, 10, 1)), 52.0)
def test_expected_purchases_are_the_integral_over_rates_and_losses(model, one, ahead):
    """Who is alive buys (1 - e^(-lambda p t)) / p times; the mean over lambda is in closed form."""
    repeats, age = one.repeats[0], one.age[0]
    shape, stretch = model.r + repeats, ahead / (model.alpha + age)

    def of_rate(p):
        return np.where(
            p * stretch < 1e-13,
            shape * stretch,
            -np.expm1(-shape * np.log1p(p * stretch)) / np.maximum(p, 1e-300),
        )

    truth = over_lost(model, repeats, of_rate) * buying.alive(model, one)[0]
    assert buying.expected(model, one, ahead)[0] == pytest.approx(truth, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("repeats", "last", "age"), [(0, 0, 10), (1, 3, 10), (4, 20, 30)])
def test_the_likelihood_is_the_integral_over_rates_and_losses(repeats, last, age):
    """Equation (3): of one customer with a rate and a chance to be lost of their own."""
    model = Buying(0.8, 4.0, 1.3, 2.5)

    def of_rate(rate):
        density = np.exp(
            model.r * np.log(model.alpha) + (model.r - 1) * np.log(rate) - rate * model.alpha
            - gammaln(model.r)
        )  # fmt: skip

        def at(p):
            weight = (
                p ** (model.a - 1) * (1 - p) ** (model.b - 1) / np.exp(betaln(model.a, model.b))
            )
            stays = (1 - p) ** repeats * rate**repeats * np.exp(-rate * age)
            goes = p * (1 - p) ** (repeats - 1) * rate**repeats * np.exp(-rate * last)
            return weight * (stays + (goes if repeats else 0))

        return density * quad(at, 0, 1)[0]

    truth = np.log(quad(of_rate, 0, 10, limit=200)[0])
    height, _ = buying.log_likelihood(model, histories((repeats, last, age, 1)))
    assert height == pytest.approx(truth, rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(MODELS, one_history())
def test_the_slopes_of_buying_are_those_of_its_likelihood(model, one):
    values = np.array([model.r, model.alpha, model.a, model.b])
    _, slopes = buying.log_likelihood(model, one)

    steps = values * 1e-6
    for each, (step, slope) in enumerate(zip(steps, slopes, strict=True)):
        up, down = values.copy(), values.copy()
        up[each], down[each] = up[each] + step, down[each] - step
        rise = (
            buying.log_likelihood(Buying(*up), one)[0]
            - buying.log_likelihood(Buying(*down), one)[0]
        )
        assert slope == pytest.approx(rise / (2 * step), rel=1e-3, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.builds(Spending, POSITIVE, POSITIVE, POSITIVE), st.integers(1, 60), st.floats(0.1, 1e4))
def test_the_slopes_of_spending_are_those_of_its_likelihood(model, number, mean):
    values = np.array([model.p, model.q, model.v])
    of = Purses(np.array([float(number)]), np.array([mean]))
    _, slopes = spending.log_likelihood(model, of)

    for each, slope in enumerate(slopes):
        step = values[each] * 1e-6
        up, down = values.copy(), values.copy()
        up[each], down[each] = up[each] + step, down[each] - step
        rise = (
            spending.log_likelihood(Spending(*up), of)[0]
            - spending.log_likelihood(Spending(*down), of)[0]
        )
        assert slope == pytest.approx(rise / (2 * step), rel=1e-3, abs=1e-3)


def test_the_density_of_a_mean_of_purchases_is_one_in_all():
    model = Spending(6.25, 3.74, 15.44)

    def density(mean):
        return np.exp(spending.log_likelihood(model, Purses(np.array([3.0]), np.array([mean])))[0])

    assert quad(density, 0, np.inf)[0] == pytest.approx(1, rel=1e-6)
    assert quad(lambda m: m * density(m), 0, np.inf)[0] == pytest.approx(model.mean, rel=1e-6)


def test_an_orders_value_is_between_everybodys_mean_and_ones_own():
    model = Spending(6.25, 3.74, 15.44)
    number, total = np.array([0.0, 1.0, 50.0]), np.array([0.0, 100.0, 5_000.0])

    nobody, once, often = spending.expected_value(model, number, total)

    assert nobody == pytest.approx(model.mean)
    assert model.mean < once < often < 100


def test_who_never_came_back_cannot_be_told_from_who_is_alive():
    once, lately, long_ago = buying.alive(
        Buying(0.243, 4.414, 0.793, 2.426),
        histories((0, 0, 30, 1), (4, 29, 30, 1), (4, 5, 30, 1)),
    )

    assert once == 1
    assert long_ago < 0.2 < 0.8 < lately


def test_by_the_day_of_an_even_chance_an_order_is_as_likely_as_not():
    model, one = Buying(0.9, 4.0, 0.8, 2.4), histories((6, 29, 30, 1))

    wait = buying.even_chance(model, one)[0]

    rates = buying.alive(model, one)[0] * (1 - (34 / (34 + wait)) ** 6.9)
    assert rates == pytest.approx(0.5)
    assert np.isinf(buying.even_chance(model, histories((6, 3, 300, 1)))[0])


def test_equal_histories_are_counted_once():
    found = buying.grouped(np.array([1.0, 0, 1]), np.array([2.0, 0, 2]), np.array([3.0, 3, 3]))

    assert sorted(found.number) == [1, 2]
