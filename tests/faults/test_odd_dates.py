"""Orders dated in the year 1 or in 2099: kept as they came, and nothing that reads them breaks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from orders.dates import EARLIEST
from orders.models import Order
from orders.rollups.keeping import keep_whole
from webhooks.models import State
from webhooks.tests.conftest import shopify  # noqa: F401
from webhooks.tests.shopify import order
from xeno.lib.postgres.scope import tenant_scope

PAST, FUTURE = "0001-01-01T00:00:00+14:00", "2099-12-31T23:59:59-12:00"
LABEL = "odd date"


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


def test_f048_a_future_order_is_in_no_days_but_its_own(shopify, ana, anas_store):  # noqa: F811
    shopify.tell("orders/create", order(1, total="10.00", processed_at=str(timezone.now())))
    shopify.tell("orders/create", order(2, total="900.00", processed_at=FUTURE))
    with tenant_scope(anas_store.pk):
        keep_whole(tenant=anas_store)
    browser = Client()
    browser.force_login(ana)

    def revenue(**days: str) -> str:
        cards = browser.get("/admin/", days).context["cards"]
        return next(card.value for card in cards if card.title == "Revenue")

    assert revenue() == "10.00"
    assert revenue(period="custom", **{"from": "2099-12-01", "to": "2100-01-01"}) == "900.00"


def test_f048_an_order_of_an_odd_date_is_flagged_and_found_and_no_other_is(
    shopify, ana  # noqa: F811
):  # fmt: skip
    now = timezone.now()
    dates = {1: now, 2: PAST, 3: FUTURE, 4: EARLIEST, 5: now + timedelta(hours=23)}
    dates |= {6: EARLIEST - timedelta(seconds=1), 7: now + timedelta(hours=25)}
    for number, date in dates.items():
        shopify.tell("orders/create", order(number, processed_at=str(date), customer=None))
    browser = Client()
    browser.force_login(ana)

    found = set(Order.objects.oddly_dated().values_list("shopify_id", flat=True))
    flagged = {row.shopify_id for row in Order.objects.all() if row.oddly_dated}
    lists = [browser.get(f"/admin/orders/order/{tail}") for tail in ("", "?date=odd")]
    odd = Order.objects.get(shopify_id=3)
    page = browser.get(f"/admin/orders/order/{odd.pk}/change/")

    assert found == flagged == {2, 3, 6, 7}
    assert [listed.content.decode().count(LABEL) for listed in (*lists, page)] == [4, 4, 1]
    assert "#1001" in lists[0].content.decode()
    assert "#1001" not in lists[1].content.decode()
