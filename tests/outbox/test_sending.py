"""An edit reaches Shopify, once, whatever is the matter with it meanwhile."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from customers.models import ConsentChange, Customer, CustomerTag
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.shopify.installing import save_install
from tenants.shopify.oauth import Grant
from tests.outbox.conftest import DEE, SHOP, edit, later, send, tell_tags, theirs
from webhooks import tasks
from webhooks.models import Delivery, Edit, PrivacyRequest, SenderLease, Sync
from webhooks.outbox import sending
from webhooks.outbox.queueing import replay_edits
from webhooks.privacy import working

ALL_SENT = {"tags": "sent", "note": "sent", "email_consent": "sent"}
EVERYTHING = {
    "add_tags": ["New"], "remove_tags": ["old"], "note": "Rang us",
    "email_consent": "subscribed", "consent_reason": "Asked at the till",
}  # fmt: skip


def test_every_edit_reaches_the_shop_and_leaves_nothing_behind(store, shop, dee, asked):
    edit(store, **EVERYTHING)

    assert send(store) == ALL_SENT
    known = shop.customer(DEE)
    assert (known["tags"], known["note"]) == (["New", "VIP"], "Rang us")
    assert known["consents"]["email"]["state"] == "subscribed"
    assert known["consents"]["email"]["opt_in_level"] == "single_opt_in"
    assert [edit.payload for edit in Edit.objects.all()] == [{}, {}, {}]
    assert sorted(asked) == [
        "customerEmailMarketingConsentUpdate", "customerUpdate", "tagsAdd", "tagsRemove",
    ]  # fmt: skip


def test_the_database_keeps_nothing_of_a_settled_edit(store, dee):
    edit(store, note="Rang us")

    with pytest.raises(IntegrityError, match="settled_edit_holds_nothing"):
        Edit.objects.update(state="sent")


def test_edits_of_one_field_are_one_change_in_the_shop(store, shop, dee, asked):
    edit(store, note="one", add_tags=["a", "b"])
    edit(store, note="two", remove_tags=["a"])
    edit(store, note="three", add_tags=["c"])

    assert send(store) == {"tags": "sent", "note": "sent"}
    assert shop.customer(DEE)["note"] == "three"
    assert shop.customer(DEE)["tags"] == ["VIP", "b", "c", "old"]
    assert sorted(asked) == ["customerUpdate", "tagsAdd"]


def test_the_echo_changes_nothing(store, shop, shopify, dee):
    edit(store, **EVERYTHING)
    send(store)
    before = stand()
    word = shop.customer(DEE)["consents"]["email"]

    shopify.tell("customers/update", theirs(shop))
    tell_tags(shopify, ["New"], at=later())
    tell_tags(shopify, ["old"], at=later(), removed=True)
    shopify.tell("customers_email_marketing_consent/update", {
        "customer_id": DEE, "email_marketing_consent": word,
    })  # fmt: skip

    assert stand() == before
    assert ConsentChange.objects.count() == 1
    assert not Edit.objects.exclude(state="sent").exists()


def stand():
    """What stands here of her."""
    row = Customer.objects.values(
        "note", "email_consent", "email_consent_at", "email_consent_level"
    )
    return row.get(), set(CustomerTag.objects.filter(present=True).values_list("tag", flat=True))


@pytest.mark.parametrize("fault", ["broken", "throttled", "too_many", "dropped"])
def test_a_shop_in_trouble_is_told_when_it_is_over(store, shop, dee, fault, monkeypatch):
    monkeypatch.setattr("tenants.shopify.http.RETRIES", 0)
    monkeypatch.setattr("tenants.shopify.client.PATIENCE_SECONDS", 0)
    edit(store, note="Rang us")
    setattr(shop.faults, fault, 1)

    assert send(store) == {"note": "pending"}
    lease = SenderLease.objects.get()
    assert lease.trouble in ("shopify_unreachable", "shopify_throttled")
    assert lease.held_until > timezone.now()
    assert lease.holder is None
    assert not sending.is_due(store)

    over()
    assert sending.is_due(store)
    assert send(store) == {"note": "sent"}
    assert (shop.customer(DEE)["note"], SenderLease.objects.get().trouble) == ("Rang us", "")


def over():
    """The pauses are over."""
    past = timezone.now()
    SenderLease.objects.update(held_until=past)
    Edit.objects.update(held_until=None)


def test_what_the_shop_cannot_answer_does_not_hold_up_the_others(store, shop, dee, monkeypatch):
    monkeypatch.setattr("tenants.shopify.http.RETRIES", 0)
    edit(store, note="Rang us")
    edit(store, add_tags=["New"])
    shop.faults.broken = 1
    assert send(store) == {"note": "pending", "tags": "pending"}

    SenderLease.objects.update(held_until=timezone.now())
    assert send(store) == {"note": "pending", "tags": "sent"}


def test_a_refusal_is_kept_with_the_shops_words_and_can_be_replayed(store, shop, dee):
    shop.customer(DEE)["tags"] = [f"t{n}" for n in range(250)]
    edit(store, add_tags=["New"])

    assert send(store) == {"tags": "parked"}
    parked = Edit.objects.get()
    assert (parked.code, parked.reason) == ("refused", "Tags cannot be more than 250")

    shop.customer(DEE)["tags"] = []
    assert replay_edits(tenant=store, edit_ids=[parked.pk]) == 1
    assert send(store) == {"tags": "sent"}
    assert shop.customer(DEE)["tags"] == ["New"]
    assert Edit.objects.get().reason == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [(lambda shop: shop.objects["customers"].clear(), "customer_gone"),
     (lambda shop: shop.customer(DEE).update(email=None), "no_address")],
)  # fmt: skip
def test_what_can_never_be_told_says_why(store, shop, dee, change, code):
    edit(store, email_consent="unsubscribed")
    change(shop)

    assert send(store) == {"email_consent": "parked"}
    assert Edit.objects.get().code == code


def test_a_store_without_a_token_waits_for_its_next_install(store, shop, dee):
    Tenant.objects.update(access_token="", uninstalled_at=timezone.now())
    edit(store, note="Rang us")
    assert not sending.is_due(Tenant.objects.get())
    assert send(store) == {"note": "pending"}
    assert SenderLease.objects.get().trouble == "not_connected"

    told = {"name": "Hats", "currencyCode": "GBP", "ianaTimezone": "Europe/London"}
    grant = Grant(
        shop.grant().access, "", expires_at=None, refresh_expires_at=None, scopes=tuple(shop.scopes)
    )
    tenant = save_install(shop=SHOP, grant=grant, told=told, actor=Actor())
    assert Sync.objects.exists()
    assert send(tenant) == {"note": "sent"}


def test_only_one_worker_sends_a_stores_edits(store, dee, asked):
    edit(store, note="Rang us")
    SenderLease.objects.create(tenant=store, held_until=timezone.now() + sending.LEASE)

    assert sending.send_edits(tenant=store) is False
    assert asked == []


def test_an_edit_of_meanwhile_is_sent_too(store, shop, dee, monkeypatch):
    """Made while the shop was being told of the one before."""
    edit(store, note="one", add_tags=["a"])
    healthy = sending.tell

    def tell(**given):
        outcome = healthy(**given)
        monkeypatch.setattr(sending, "tell", healthy)
        edit(store, note="two", remove_tags=["a"])
        return outcome

    monkeypatch.setattr(sending, "tell", tell)

    assert send(store) == {"tags": "sent", "note": "sent"}
    assert shop.customer(DEE)["note"] == "two"
    assert shop.customer(DEE)["tags"] == ["VIP", "old"]


def test_the_sweep_finds_an_edit_that_nobody_was_told_of(store, dee, monkeypatch):
    told = []
    monkeypatch.setattr(tasks.send_edits, "delay", told.append)
    tasks.wake(store)
    edit(store, note="Rang us")

    tasks.wake(store)
    assert told == [store.pk]


def test_f114_an_erased_person_has_no_edits(store, shop, dee):
    edit(store, note="canaryson rang", add_tags=["canaryson"])
    PrivacyRequest.objects.create(kind="redact", customer_shopify_id=DEE, due_at=timezone.now())

    working.work_off(tenant=store)
    assert PrivacyRequest.objects.exclude(done_at=None).exists()
    assert not Edit.objects.exists()
    assert send(store) == {}
    assert "canaryson" not in str(shop.customer(DEE))


def test_a_deleted_customers_edits_go_with_them(store, shopify, dee):
    edit(store, note="Rang us")

    shopify.tell("customers/delete", {"id": DEE})
    assert not Customer.objects.exists()
    assert not Edit.objects.exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}
