"""Whatever arrives, in whatever order: the rollups equal a plain recount of the orders."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.data import CustomerData, MergeData
from orders.data import LineData, OrderData, RefundData
from orders.models import Order
from orders.numbers.figures import find_figures
from orders.numbers.periods import Period
from orders.rollups import keeping
from tests.numbers import recount
from webhooks.applying import apply_news
from webhooks.news import Kind, News

BEGIN = datetime(2025, 10, 24, tzinfo=UTC)  # the clocks of London go back two days later
EXAMPLES = 25


def order_of(number, customer, hours, *, version, amount=20, currency="GBP", cancelled=False):
    """An order so many hours after BEGIN, as told by the version-th word on it."""
    at, told = BEGIN + timedelta(hours=hours), BEGIN + timedelta(days=400, seconds=version)
    line = LineData(number, 1 + number % 3, None, "Mug", "", 2, 2, Decimal(amount) / 2, Decimal(0))
    return OrderData(
        shopify_id=number,
        name=f"#{number}",
        customer_id=customer,
        email=None,
        amount=Decimal(amount),
        reported_amount=Decimal(amount),
        currency=currency,
        financial_status="paid",
        fulfillment_status=None,
        processed_at=at,
        cancelled_at=at if cancelled else None,
        test=False,
        source="web",
        discount_codes=(),
        landing_site=None,
        created_at=at,
        updated_at=told,
        triggered_at=told,
        lines=(line,),
        refunds=(),
    )


def tell(store, deleted=(), **told):
    """One batch, applied as a worker applies it."""
    news = News(**told)
    news.deletions[Kind.ORDER] |= set(deleted)
    buyers = {order.customer_id for order in news.orders if order.customer_id}
    news.customers = [CustomerData(number) for number in sorted(buyers)]
    with transaction.atomic():
        apply_news(tenant=store, news=news)


def place(store, *orders):
    """Orders in one batch, and the rollups brought in step."""
    tell(store, orders=list(orders))
    keeping.keep_whole(tenant=store)


numbers = st.integers(1, 12)
buyers = st.sampled_from([None, 1, 2, 3, 4])
orders = st.builds(
    lambda number, customer, hours, amount, currency, cancelled: (
        "order", number, customer, hours, amount, currency, cancelled
    ),
    numbers, buyers, st.integers(0, 24 * 40), st.sampled_from([10, 20, 30]),
    st.sampled_from(["GBP", "GBP", "EUR"]), st.sampled_from([False, False, True]),
)  # fmt: skip
words = st.one_of(
    orders,
    orders,
    st.tuples(st.just("refund"), numbers, st.sampled_from([5, 10])),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("merge"), st.integers(1, 4), st.integers(1, 4)),
    st.just(("keep",)),
)


def say(store, word, version):
    """One word of a random sequence."""
    match word:
        case ("order", number, customer, hours, amount, currency, cancelled):
            each = order_of(
                number, customer, hours, version=version, amount=amount, currency=currency,
                cancelled=cancelled,
            )  # fmt: skip
            tell(store, orders=[each])
        case ("refund", number, amount):
            if Order.objects.filter(shopify_id=number).exists():
                at = BEGIN + timedelta(days=500)
                refund = RefundData(1000 + version, number, Decimal(amount), at, "")
                tell(store, refunds=[refund])
        case ("delete", number):
            tell(store, deleted=[number])
        case ("merge", gone, kept) if gone != kept:
            tell(store, merges=[MergeData(gone, kept)])
        case ("keep",):
            keeping.keep_whole(tenant=store)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=st.lists(words, min_size=1, max_size=14))
def test_after_any_sequence_the_rollups_equal_a_recount(in_anas_store, told):
    store = in_anas_store
    try:
        with transaction.atomic():
            # Counted once, everything later has to be noted: the first count is of the whole store.
            place(store, order_of(99, 1, 300, version=0))
            for version, word in enumerate(told, 1):
                say(store, word, version)
                if version % 2:
                    keeping.keep_whole(tenant=store)
            keeping.keep_whole(tenant=store)

            assert recount.held() == recount.expected(store)
            for first, last in ((0, 9), (5, 20), (0, 60), (30, 30)):
                period = Period(date(2025, 10, 20) + timedelta(first),
                                date(2025, 10, 20) + timedelta(last))  # fmt: skip
                found = find_figures(tenant=store, period=period)
                assert (found.customers, found.new_customers, found.repeat_customers) == (
                    recount.figures(store, period)
                )
            raise Undone
    except Undone:
        pass


def test_each_order_that_comes_moves_or_goes_is_followed_at_once(in_anas_store):
    """In months of their own: a customer's later days and cohorts depend on earlier ones."""
    month = 24 * 35
    steps = [
        [order_of(n, 1, n * month, version=1) for n in (1, 2, 3, 4)],
        [order_of(5, 1, 0, version=2)],  # before all others
        [order_of(6, 1, 2 * month + 1, version=3, amount=5)],  # a second one of its day
        [order_of(5, 1, 0, version=4, cancelled=True)],
        [order_of(1, 1, 5 * month, version=5)],  # told with another date
        [order_of(2, 2, 2 * month, version=6)],  # another's, as it turns out
        [order_of(6, 1, 2 * month + 1, version=7, amount=9, currency="EUR")],
    ]
    for orders in steps:
        place(in_anas_store, *orders)
        assert recount.held() == recount.expected(in_anas_store)
    for number in (6, 3, 2):
        tell(in_anas_store, deleted=[number])
        keeping.keep_whole(tenant=in_anas_store)
        assert recount.held() == recount.expected(in_anas_store)
    place(in_anas_store, order_of(7, 2, month, version=8))
    tell(in_anas_store, merges=[MergeData(kept_id=1, deleted_id=2)])
    keeping.keep_whole(tenant=in_anas_store)
    assert recount.held() == recount.expected(in_anas_store)


class Undone(Exception):
    """Takes an example's rows back."""
