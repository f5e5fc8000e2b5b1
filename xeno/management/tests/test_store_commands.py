"""Recomputing totals and replaying deliveries work in one store and leave the others alone."""

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from tenants.models import Tenant
from webhooks.models import Delivery, State
from xeno.lib.postgres.scope import tenant_scope


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def add_delivery(webhook_id: str, state: State) -> Delivery:
    return Delivery.objects.create(
        webhook_id=webhook_id, topic="orders/create", body=b"{}", body_hash=b"", state=state
    )


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("webhook_id", "state"))


@pytest.fixture
def inbox(in_anas_store: Tenant) -> dict[str, Delivery]:
    return {
        state.value: add_delivery(state.value, state) for state in State if state != State.PENDING
    }


def test_totals_that_are_off_are_put_right(in_anas_store: Tenant, cys_store: Tenant) -> None:
    Customer.objects.create(shopify_id=1, orders_count=7, total_spent=Decimal("9.99"))
    with tenant_scope(cys_store.pk):
        cys = Customer.objects.create(shopify_id=1, orders_count=7)

    said = run("recompute_totals", "ana.myshopify.com")

    assert "1 customers changed" in said
    assert Customer.objects.get().total_spent == 0
    with tenant_scope(cys_store.pk):
        assert Customer.objects.get(pk=cys.pk).orders_count == 7


def test_parked_ones_are_replayed_by_default(inbox: dict[str, Delivery]) -> None:
    said = run("replay_deliveries", "ana.myshopify.com")

    assert "1 webhooks are in the inbox again" in said
    assert states() == {**{state: state for state in inbox}, "parked": "pending"}


def test_other_states_are_replayed_when_named(inbox: dict[str, Delivery]) -> None:
    run("replay_deliveries", "ana.myshopify.com", "--state", "waiting", "not_handled")

    assert states()["waiting"] == states()["not_handled"] == "pending"
    assert states()["parked"] == "parked"


def test_one_is_replayed_by_its_id(inbox: dict[str, Delivery]) -> None:
    run("replay_deliveries", "ana.myshopify.com", "--id", str(inbox["applied"].pk))

    assert states() == {**{state: state for state in inbox}, "applied": "pending"}


def test_another_stores_delivery_is_not_found(
    inbox: dict[str, Delivery], cys_store: Tenant
) -> None:
    with pytest.raises(CommandError, match="none of these webhooks"):
        run("replay_deliveries", "cy.myshopify.com", "--id", str(inbox["parked"].pk))

    assert states()["parked"] == "parked"


@pytest.mark.parametrize("command", ["recompute_totals", "replay_deliveries"])
def test_a_store_that_is_not_there_is_said(db: None, command: str) -> None:
    with pytest.raises(CommandError, match=r"no store nope\.myshopify\.com"):
        run(command, "nope.myshopify.com")
