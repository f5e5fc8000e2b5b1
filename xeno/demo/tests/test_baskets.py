"""What is bought: always the same for the same dice, and nothing that no shop would sell."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from xeno.demo.baskets import fill_basket, find_code, find_landing_site
from xeno.demo.crowd import invent_shopper
from xeno.demo.seasons import PROMOTIONS, WELCOME

SUMMER = datetime(2026, 7, 20, 12, tzinfo=UTC)
WINTER = datetime(2026, 1, 20, 12, tzinfo=UTC)
PLAIN_DAY = SUMMER.date()
PROMOTED_DAY = date(2026, 11, 25)


def baskets(seed, at=SUMMER, code=None, *, count=300):
    dice = Random(seed)
    return [fill_basket(dice, at, code) for _ in range(count)]


def shopper(*tags):
    someone = invent_shopper(Random(1), 1, SUMMER)
    someone.tags.clear()
    someone.tags.update(tags)
    return someone


def codes(day, customer, *, count=300):
    dice = Random(2)
    return [find_code(dice, day, customer) for _ in range(count)]


def test_the_same_dice_fill_the_same_baskets():
    assert baskets(1) == baskets(1)
    assert baskets(1) != baskets(2)


def test_the_same_dice_invent_the_same_people():
    first, again = ([invent_shopper(dice, n, SUMMER) for n in range(50)]
                    for dice in (Random(1), Random(1)))  # fmt: skip

    assert first == again


def test_a_basket_holds_one_to_four_different_products():
    for basket in baskets(1):
        assert 1 <= len(basket) <= 4
        assert len({item.product for item in basket}) == len(basket)


def test_some_pieces_of_each_and_never_none():
    quantities = {item.quantity for basket in baskets(1) for item in basket}

    assert quantities <= {1, 2, 4}
    assert 1 in quantities


def test_things_of_the_season_are_chosen_more_often():
    def of_summer(at):
        chosen = (item.product for basket in baskets(3, at) for item in basket)
        return sum(product.season == "summer" for product in chosen)

    assert of_summer(SUMMER) > 1.5 * of_summer(WINTER)


@pytest.mark.parametrize("code", [None, WELCOME, PROMOTIONS[0]])
def test_a_code_takes_its_percent_off_each_line(code):
    percent = code.percent if code else 0

    assert {item.percent_off for basket in baskets(1, code=code) for item in basket} == {percent}


def test_a_line_never_costs_less_than_nothing_or_more_than_its_price():
    for basket in baskets(1, code=PROMOTIONS[0]):
        for item in basket:
            assert 0 < item.net == item.full - item.discount <= item.full


def test_many_use_the_promotion_of_the_day_and_not_all():
    used = codes(PROMOTED_DAY, None)

    assert {code and code.code for code in used} == {"WARMUP15", None}


def test_a_new_subscriber_is_welcomed_on_a_plain_day():
    used = codes(PLAIN_DAY, shopper("welcome-offer"))

    assert set(used) == {WELCOME, None}


@pytest.mark.parametrize("customer", [None, shopper("trade")])
def test_nobody_else_has_a_code_on_a_plain_day(customer):
    assert set(codes(PLAIN_DAY, customer)) == {None}


@pytest.mark.parametrize(
    ("month", "season"),
    [(12, "winter"), (2, "winter"), (3, "spring"), (6, "summer"), (8, "summer"), (9, "autumn")],
)
def test_a_campaign_is_named_after_its_season(month, season):
    dice = Random(4)
    pages = {find_landing_site(dice, SUMMER.replace(month=month, day=1)) for _ in range(200)}

    campaigns = {page.rpartition("utm_campaign=")[2] for page in pages if page}
    assert campaigns == {season, "brand"}
    assert None in pages  # where a visit began is not always known


def test_invented_people_cannot_exist():
    for number in range(200):
        person = invent_shopper(Random(number), number, SUMMER).person
        assert person.email.endswith(".example")
        assert person.phone is None or person.phone.startswith("+447700900")


def test_everybody_leaves_one_day():
    for number in range(200):
        someone = invent_shopper(Random(number), number, SUMMER)
        assert someone.leaves >= (SUMMER + timedelta(days=20)).date()
