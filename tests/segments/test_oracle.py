"""The oracle itself, by tables worked out by hand: a test is as good as what it is held against."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    Day,
    IsNull,
    Matches,
    Moment,
    Named,
    Number,
    Offset,
    OneOf,
    Operator,
    Or,
    Parameter,
    Text,
)
from tests.segments.days import clock_shows, first_moment, moved
from tests.segments.facts import (
    Address,
    Checkout,
    Customer,
    Line,
    Order,
    Product,
    Segment,
    Store,
)
from tests.segments.oracle import finds, kilometres

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
DAY_AGO = NOW - timedelta(days=1)

STORE = Store(
    zone=BERLIN,
    currency="EUR",
    customers=(
        Customer(
            1, email="a@B.example", language="en", tags=("VIP", "O'Neil"),
            addresses=(
                Address("US", "US-NY", "US-NY-NewYorkCity", 40.7, -74.0), Address("CA")
            ),
        ),
        Customer(2, state="enabled", email_consent="subscribed", created_at=DAY_AGO),
        Customer(3, tags=("vip-gold",), scores=(5, 4, 3), remote_group="LOYAL", our_group="NEW"),
        Customer(4, our_group="NEW", addresses=(Address("DE", None, None, 52.52, 13.405),)),
    ),
    orders=(
        Order(10, 1, datetime(2026, 3, 28, 23, tzinfo=UTC), Decimal("10.99"), "EUR",
              app=7, lines=(Line(100, 2), Line(101, 1))),
        Order(11, 1, datetime(2026, 3, 29, 22, tzinfo=UTC), Decimal(5), "USD",
              lines=(Line(100, 1),)),
        Order(12, 2, DAY_AGO, Decimal(99), "EUR", test=True, lines=(Line(100, 9),)),
        Order(13, 2, DAY_AGO, Decimal(99), "EUR", cancelled_at=NOW),
        Order(14, 3, datetime(2026, 2, 28, 12, tzinfo=UTC), Decimal(0), "EUR", status="refunded"),
        Order(15, 3, DAY_AGO, Decimal(1), "EUR", status="voided"),
        Order(16, None, DAY_AGO, Decimal(50), "EUR", lines=(Line(102, 1),)),
    ),
    products=(Product(100, tags=("Sports Wear",), category="aa-1", category_name="Apparel"),),
    checkouts=(
        Checkout(20, 2, datetime(2026, 3, 20, 12, tzinfo=UTC)),
        Checkout(21, 2, datetime(2026, 3, 25, 12, tzinfo=UTC), completed_at=NOW),
        Checkout(22, 1, datetime(2026, 3, 25, 12, tzinfo=UTC), completed_at=NOW),
    ),
    segments=(Segment(1, "hands", members=frozenset({2})),),
)  # fmt: skip

EQUAL, NOT_EQUAL, GREATER = Operator.EQUAL, Operator.NOT_EQUAL, Operator.GREATER
AT_LEAST, LESS, AT_MOST = Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST


def is_(operator, value):
    return Compare(operator, value)


def number(value):
    return Number(Decimal(str(value)))


def moment(text):
    return Moment(datetime.fromisoformat(text))


def matching(*parameters, negated=False):
    return Matches(tuple(Parameter(name, test) for name, test in parameters), negated)


def near(operator, km, unit="distance_km"):
    return matching(
        ("coordinates", is_(EQUAL, Text("52.5,13.4"))), (unit, is_(operator, number(km)))
    )


ORDERED_28 = Day(date(2026, 3, 28))  # customer 1's orders are at 0:00 of the 29th and the 30th
TABLE = [
    # whole days of Berlin, in the night in which its clock goes forward
    ("first_order_date", is_(EQUAL, Day(date(2026, 3, 29))), {1}),
    ("first_order_date", is_(EQUAL, ORDERED_28), set()),
    ("first_order_date", is_(GREATER, ORDERED_28), {1}),
    ("last_order_date", is_(GREATER, Day(date(2026, 3, 30))), set()),
    ("last_order_date", is_(AT_LEAST, Day(date(2026, 3, 30))), {1}),
    ("last_order_date", is_(AT_MOST, Day(date(2026, 3, 29))), {3}),
    ("last_order_date", is_(LESS, Day(date(2026, 3, 30))), {3}),
    ("last_order_date", is_(NOT_EQUAL, Named("yesterday")), {2, 3, 4}),
    ("last_order_date", is_(EQUAL, Named("yesterday")), {1}),
    ("last_order_date", is_(EQUAL, Offset(-1, "m")), {3}),  # 31 March - 1m = 28 February
    ("last_order_date", Between(Offset(-1, "m"), Offset(-1, "d")), {1, 3}),
    ("last_order_date", Between(Named("today"), Offset(-1, "m")), set()),
    ("last_order_date", IsNull(), {2, 4}),
    # a time of the clock
    ("last_order_date", is_(EQUAL, moment("2026-03-30T00:00:00")), {1}),
    ("last_order_date", is_(GREATER, moment("2026-03-30T00:00:00")), set()),
    ("last_order_date", is_(AT_MOST, moment("2026-03-30T00:00:00")), {1, 3}),
    ("last_order_date", Between(ORDERED_28, moment("2026-03-30T00:00:00")), {1}),
    ("last_order_date", Between(ORDERED_28, moment("2026-03-29T23:59:59")), set()),
    ("abandoned_checkout_date", is_(EQUAL, Day(date(2026, 3, 20))), {2}),
    ("abandoned_checkout_date", IsNull(), {1, 3, 4}),
    ("customer_added_date", is_(NOT_EQUAL, Named("yesterday")), {1, 3, 4}),
    # numbers
    ("amount_spent", is_(EQUAL, number("10.99")), {1}),
    ("amount_spent", is_(LESS, number("10.990001")), {1, 2, 3, 4}),
    ("amount_spent", Between(number(0), number(0)), {2, 3, 4}),
    ("number_of_orders", is_(NOT_EQUAL, number(2)), {2, 3, 4}),
    ("number_of_orders", is_(AT_LEAST, number(1)), {1, 3}),
    ("rfm_recency", is_(GREATER, number(4)), {3}),
    ("rfm_recency", is_(NOT_EQUAL, number(5)), {1, 2, 4}),
    # texts, enums, lists
    ("customer_email_domain", is_(EQUAL, Text("b.Example")), {1}),
    ("customer_language", is_(NOT_EQUAL, Text("en-US")), {1, 2, 3, 4}),
    ("customer_account_status", is_(EQUAL, Text("ENABLED")), {2}),
    ("email_subscription_status", is_(NOT_EQUAL, Text("SUBSCRIBED")), {1, 3, 4}),
    ("rfm_group", is_(EQUAL, Text("NEW")), {4}),
    ("rfm_group", is_(EQUAL, Text("LOYAL")), {3}),
    ("customer_tags", Contains(Text("vip")), {1}),
    ("customer_tags", Contains(Text("o'neil")), {1}),
    ("customer_tags", Contains(Text("vip"), negated=True), {2, 3, 4}),
    ("customer_tags", IsNull(negated=True), {1, 3}),
    ("customer_tag_prefix", Contains(Text("VIP-")), {3}),
    ("customer_countries", Contains(Text("CA")), {1}),
    ("customer_cities", Contains(Text("US-NY-NewYorkCity"), negated=True), {2, 3, 4}),
    ("customer_regions", IsNull(), {2, 3, 4}),
    # functions
    ("products_purchased", matching(), {1}),
    ("products_purchased", matching(negated=True), {2, 3, 4}),
    ("products_purchased", matching(("id", is_(NOT_EQUAL, number(100)))), {1}),
    ("products_purchased", matching(("id", OneOf((number(100), number(101)), negated=True))),
     set()),
    ("products_purchased", matching(("tag", is_(EQUAL, Text("sports wear")))), {1}),
    ("products_purchased", matching(("category", is_(EQUAL, Text("Apparel")))), {1}),
    ("products_purchased", matching(("category", is_(EQUAL, Text("apparel")))), set()),
    ("products_purchased", matching(("quantity", is_(EQUAL, number(2)))), {1}),
    ("products_purchased", matching(("sum_quantity", is_(EQUAL, number(4)))), {1}),
    ("products_purchased",
     matching(("id", is_(EQUAL, number(100))), ("count", is_(EQUAL, number(2)))), {1}),
    ("products_purchased", matching(("count", is_(EQUAL, number(0)))), {2, 3, 4}),
    # of one event: the order of two of product 100 was not on the 30th
    ("products_purchased",
     matching(("quantity", is_(EQUAL, number(2))), ("date", is_(EQUAL, Day(date(2026, 3, 30))))),
     set()),
    ("orders_placed", matching(), {1, 3}),
    ("orders_placed", matching(("amount", is_(LESS, number(6)))), {3}),  # the 5 are dollars
    ("orders_placed", matching(("amount", is_(NOT_EQUAL, number("10.99")))), {1, 3}),
    ("orders_placed", matching(("sum_amount", is_(AT_LEAST, number("10.99")))), {1}),
    ("orders_placed", matching(("app_id", is_(EQUAL, number(7)))), {1}),
    ("orders_placed", matching(("count", is_(LESS, number(2)))), {2, 3, 4}),
    ("orders_placed", matching(("date", is_(GREATER, Offset(-2, "d"))), negated=True), {2, 3, 4}),
    # of which there are none
    ("shopify_email.opened", matching(("count", is_(EQUAL, number(0)))), {1, 2, 3, 4}),
    ("shopify_email.opened", matching(negated=True), {1, 2, 3, 4}),
    # of which nobody tells us anything
    ("storefront.product_viewed", matching(("count", is_(EQUAL, number(0)))), set()),
    ("created_by_app_id", is_(NOT_EQUAL, number(5)), {1, 2, 3, 4}),
    ("customer.facts_shoe", is_(EQUAL, Text("42")), set()),
    ("companies", IsNull(), {1, 2, 3, 4}),
    # near Berlin's middle, and far from it
    ("customer_within_distance", near(AT_MOST, 5), {4}),
    ("customer_within_distance", near(AT_MOST, 1), set()),
    ("customer_within_distance", near(EQUAL, 4000, "distance_mi"), {1, 4}),
    ("customer_within_distance", near(GREATER, 5), {1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "test", "expected"), TABLE)
def test_one_question(name, test, expected):
    assert finds(Clause(name, test), STORE, NOW, BERLIN, "EUR") == expected


def test_and_binds_questions_and_or_adds_them():
    bought = Clause("orders_placed", matching())
    vip = Clause("customer_tags", Contains(Text("vip")))

    assert finds(And((bought, vip)), STORE, NOW, BERLIN, "EUR") == {1}
    assert finds(Or((bought, vip)), STORE, NOW, BERLIN, "EUR") == {1, 3}


@pytest.mark.parametrize("named", ["1", "hands"])
def test_a_segment_within_a_query_is_known_by_number_and_name(named):
    inner = Clause("segment", Matches(), argument=named)

    assert finds(inner, STORE, NOW, BERLIN, "EUR") == {2}


def test_the_figures_of_shopify_win_while_older_orders_may_exist():
    customer = Customer(
        1, remote_orders_count=9, remote_total_spent=Decimal(7), remote_currency="EUR"
    )
    nine = Clause("number_of_orders", is_(EQUAL, number(9)))
    seven = Clause("amount_spent", is_(EQUAL, number(7)))

    partly = Store(BERLIN, "EUR", complete=False, customers=(customer,))
    wholly = Store(BERLIN, "EUR", complete=True, customers=(customer,))

    assert finds(And((nine, seven)), partly, NOW, BERLIN, "EUR") == {1}
    assert finds(seven, partly, NOW, BERLIN, "GBP") == set()
    assert finds(Or((nine, seven)), wholly, NOW, BERLIN, "EUR") == set()


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", (2026, 3, 29), (2026, 3, 28, 23)),
        ("Europe/Berlin", (2026, 3, 30), (2026, 3, 29, 22)),
        ("Africa/Cairo", (2026, 4, 24), (2026, 4, 23, 22)),  # begins at 1:00
        ("America/Santiago", (2026, 9, 6), (2026, 9, 6, 4)),  # begins at 1:00
        ("Pacific/Apia", (2011, 12, 30), (2011, 12, 30, 10)),  # a day that never was
        ("Pacific/Apia", (2011, 12, 31), (2011, 12, 30, 10)),
        ("America/Toronto", (1919, 3, 31), (1919, 3, 31, 4, 30)),  # 23:30 became 0:30
        ("America/Goose_Bay", (2010, 11, 7), (2010, 11, 7, 3)),  # whose 0:01 was 23:01 again
    ],
)
def test_a_day_begins_with_the_first_moment_that_its_calendar_shows(zone, day, expected):
    assert first_moment(date(*day), ZoneInfo(zone)) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "count", "unit", "expected"),
    [
        ((2024, 2, 29), -1, "y", (2023, 2, 28)),
        ((2024, 2, 29), 4, "y", (2028, 2, 29)),
        ((2026, 3, 31), -1, "m", (2026, 2, 28)),
        ((2026, 1, 31), 1, "m", (2026, 2, 28)),
        ((2026, 1, 15), -1, "m", (2025, 12, 15)),
        ((2026, 1, 31), -13, "m", (2024, 12, 31)),
        ((2026, 5, 15), -7, "d", (2026, 5, 8)),
        ((2026, 1, 1), -2, "w", (2025, 12, 18)),
    ],
)
def test_months_and_years_end_with_their_month(day, count, unit, expected):
    assert moved(date(*day), count, unit) == date(*expected)


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    twice = moment("2026-10-25T02:30:00").value

    assert clock_shows(twice, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_is_read_as_if_it_were_not():
    skipped = moment("2026-03-29T02:30:00").value

    assert clock_shows(skipped, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_degree_of_the_equator_is_as_long_as_the_sphere_says():
    assert kilometres((0, 0), (0, 1)) == pytest.approx(111.19508)
