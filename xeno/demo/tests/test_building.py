"""The demo store is built through the real endpoint, once, and goes on from day to day."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings

from customers.models import Customer
from orders.models import Order, PredictionFit, Product
from tenants.models import Tenant, User
from tenants.roles import Right
from webhooks import rescoring
from webhooks.models import Delivery, State
from xeno.demo import building
from xeno.demo.building import NotApplied, Summary, build_demo
from xeno.demo.posting import Sender
from xeno.demo.store import LOGINS, PASSWORD, DemoRefused, opening_of, password_works
from xeno.demo.story import tell_story
from xeno.demo.tests.conftest import TODAY, quietly
from xeno.lib.postgres.scope import tenant_scope

Build = Callable[..., Summary]


@pytest.fixture
def demo_store(build: Build) -> Iterator[Tenant]:
    build()
    store = Tenant.objects.get(shop_domain="xeno-demo.myshopify.com")
    with tenant_scope(store.pk):
        yield store


def newest_orders(store: Tenant) -> list[dict[str, Any]]:
    newest = {
        event.body["id"]: event.body
        for event in tell_story(opening=opening_of(store), until=TODAY)
        if event.topic.startswith("orders/")
    }
    return list(newest.values())


def is_counted(order: dict[str, Any]) -> bool:
    return not order["test"] and not order["cancelled_at"] and order["financial_status"] != "voided"


def everything() -> list[Any]:
    models = (Customer, Order, Product, Delivery)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_scores_and_predictions_are_asked_for_when_all_is_here(demo_store: Tenant) -> None:
    """A worker may have made them of what had arrived by then."""
    assert rescoring.is_due(tenant=demo_store)
    assert PredictionFit.objects.get().asked_at is not None


def test_everything_is_applied(demo_store: Tenant) -> None:
    states = set(Delivery.objects.values_list("state", flat=True))

    assert states == {State.APPLIED}
    assert Product.objects.count() == 40
    assert Order.objects.count() == len(newest_orders(demo_store))


def test_the_totals_are_those_of_the_story(demo_store: Tenant) -> None:
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for order in filter(is_counted, newest_orders(demo_store)):
        if "customer" in order:
            spent[order["customer"]["id"]] += Decimal(order["current_total_price"])

    held = dict(Customer.objects.exclude(orders_count=0).values_list("shopify_id", "total_spent"))

    assert held == spent


def test_consents_and_tags_have_arrived(demo_store: Tenant) -> None:
    consents = set(Customer.objects.values_list("email_consent", flat=True))

    assert {"subscribed", "not_subscribed"} <= consents
    assert None not in consents
    assert Customer.objects.tagged("newsletter").exists()


def test_a_second_time_on_one_day_changes_nothing(demo_store: Tenant, build: Build) -> None:
    before = everything()

    summary = build()

    assert summary.posted == 0
    assert everything() == before


def test_posting_it_all_again_changes_nothing(demo_store: Tenant, post: Sender) -> None:
    before = everything()
    story = tell_story(opening=opening_of(demo_store), until=TODAY)

    post([building.deliver(event, "xeno-development-secret") for event in story], lambda done: None)

    assert everything() == before


def test_the_next_day_adds_what_is_new(demo_store: Tenant, build: Build) -> None:
    before = set(Delivery.objects.values_list("webhook_id", flat=True))

    summary = build(TODAY + timedelta(days=2))

    after = set(Delivery.objects.values_list("webhook_id", flat=True))
    assert before < after
    assert summary.posted == len(after - before)
    assert summary.set_aside == 0


def test_the_three_logins_hold_their_roles(demo_store: Tenant) -> None:
    owner, marketer, analyst = (User.objects.get(email=login.email) for login in LOGINS)

    assert owner.check_password(PASSWORD)
    assert owner.has_perm(f"tenants.{Right.MANAGE_TEAM.value}", demo_store)
    assert marketer.has_perm(f"tenants.{Right.SEND_CAMPAIGNS.value}", demo_store)
    assert not analyst.has_perm(f"tenants.{Right.EXPORT_DATA.value}", demo_store)


def test_a_changed_password_stays(demo_store: Tenant, build: Build) -> None:
    owner = User.objects.get(email=LOGINS[0].email)
    owner.set_password("something only she knows")
    owner.save()

    build()

    assert not password_works()


def test_production_has_no_demo_store(build: Build, settings: LazySettings) -> None:
    settings.XENO_ENV = "production"

    with pytest.raises(DemoRefused, match="here it is production"):
        build()

    assert not Tenant.objects.exists()
    assert not User.objects.exists()


def test_without_a_worker_it_says_so(
    db: None, post: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "POLL_SECONDS", 0)
    monkeypatch.setattr(building, "PATIENCE_SECONDS", 0)

    with pytest.raises(NotApplied, match="no worker applies them"):
        build_demo(today=TODAY, send=post, progress=quietly)
