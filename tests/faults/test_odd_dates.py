"""Orders dated in the year 1 or in 2099: kept as they came, and nothing that reads them breaks."""

import pytest
from django.test import Client

from customers.models import Customer
from orders.models import Order
from webhooks.models import State
from webhooks.tests.conftest import shopify  # noqa: F401
from webhooks.tests.shopify import order

PAST, FUTURE = "0001-01-01T00:00:00+14:00", "2099-12-31T23:59:59-12:00"


@pytest.mark.parametrize("date", [PAST, FUTURE, "9999-12-31T23:59:59-12:00"])
def test_f048_an_order_of_an_odd_date_is_kept_and_every_reader_answers(
    shopify, ana, ana_api, date  # noqa: F811
):  # fmt: skip
    told = shopify.tell("orders/create", order(processed_at=date, created_at=date))
    browser = Client(raise_request_exception=False)
    browser.force_login(ana)

    pages = [browser.get("/admin/")]
    for listed, row in (("customers/customer", Customer), ("orders/order", Order)):
        pages += [
            browser.get(f"/admin/{listed}/{tail}")
            for tail in ("", f"{row.objects.get().pk}/change/")
        ]
    answers = [ana_api.get(f"/{name}") for name in ("customers", "orders")]

    assert told.state == State.APPLIED
    assert [answer.status_code for answer in [*pages, *answers]] == [200] * 7
    assert Customer.objects.get().last_order_at == Order.objects.get().processed_at


def test_f048_a_future_order_does_not_stand_for_the_newest_month(shopify, ana):  # noqa: F811
    shopify.tell("orders/create", order(1, total="10.00"))
    shopify.tell("orders/create", order(2, total="900.00", processed_at=FUTURE))
    browser = Client()
    browser.force_login(ana)

    cards = {card.title: card.value for card in browser.get("/admin/").context["cards"]}

    assert cards["Revenue, 30 days"].endswith("10.00")
    assert cards["Revenue, all time"].endswith("910.00")
