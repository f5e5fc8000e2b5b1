"""What webhooks about customers leave: fields, consents, tags, totals, deletions and merges."""

from decimal import Decimal
from itertools import permutations

import pytest

from customers.models import ConsentChange, Customer, CustomerTag
from orders.models import Order
from orders.totals import recompute_every_total
from tenants.models import Tenant
from webhooks.models import State
from webhooks.tests.shopify import at, customer, order, sample


def tags_of(number: int = 7) -> set[str]:
    rows = CustomerTag.objects.filter(customer__shopify_id=number, present=True)
    return set(rows.values_list("tag", flat=True))


def consent(state: str, minutes: int | None, *, number: int = 7) -> dict:
    when = None if minutes is None else at(minutes)
    told = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": when}
    return {"customer_id": number, "email_address": "x@y.z", "email_marketing_consent": told}


def test_shopifys_own_sample_is_applied(shopify):
    assert shopify.tell("customers/create", sample("customers/create")).state == State.APPLIED

    bob = Customer.objects.get()
    assert (bob.email, bob.first_name, bob.state) == ("bob@biller.com", "Bob", "disabled")
    assert (bob.country, bob.region, bob.city) == ("CA", "CA-ON", "CA-ON-Ottawa")


def test_an_order_before_its_customer_makes_the_customer_to_be_filled_later(shopify):
    shopify.tell("orders/create", order(customer={"id": 7}))
    assert Customer.objects.get().email is None

    shopify.tell("customers/create", customer(minutes=-60))
    assert Customer.objects.get().email == "dee@example.com"


def test_f036_an_older_word_on_a_customer_changes_nothing(shopify):
    shopify.tell("customers/update", customer(minutes=9, first_name="New"))
    shopify.tell("customers/update", customer(minutes=5, first_name="Old"))

    assert Customer.objects.get().first_name == "New"


@pytest.mark.parametrize("sequence", [(1, 2), (2, 1)])
def test_a_full_tie_between_orders_goes_to_the_larger_order(shopify, sequence):
    for number in sequence:
        told = customer(first_name=f"From order {number}")
        shopify.tell("orders/create", order(number, customer=told), triggered_at=at(0))

    assert Customer.objects.get().first_name == "From order 2"


def test_a_payload_without_consent_tags_and_totals_wipes_none_of_them(shopify):
    shopify.tell("customers/update", customer())
    shopify.tell("customers_email_marketing_consent/update", consent("subscribed", 1))
    shopify.tell("customer.tags_added", added("vip", 1))
    shopify.tell("customers/update", customer(minutes=60))

    dee = Customer.objects.get()
    assert (dee.email_consent, tags_of()) == ("subscribed", {"vip"})


def test_an_old_payload_with_consent_tags_and_totals_in_it_is_understood(shopify):
    told = {"state": "subscribed", "opt_in_level": None, "consent_updated_at": at(0)}
    old = customer(tags="vip, Wholesale", orders_count=3, total_spent="9.50", currency="GBP")
    shopify.tell("customers/update", {**old, "email_marketing_consent": told})

    dee = Customer.objects.get()
    assert (dee.email_consent, tags_of()) == ("subscribed", {"vip", "Wholesale"})
    assert (dee.remote_orders_count, dee.remote_total_spent) == (3, Decimal("9.5"))


def test_the_language_comes_with_the_order(shopify):
    shopify.tell("orders/create", order(customer_locale="en-GB"))
    shopify.tell("customers/update", customer(minutes=1))

    assert Customer.objects.get().language == "en-GB"


@pytest.mark.parametrize("sequence", list(permutations(["order", "update"])))
def test_what_the_newer_word_does_not_tell_is_taken_from_the_older(shopify, sequence):
    told = {
        "order": ("orders/create", order(customer_locale="fr-FR")),
        "update": ("customers/update", without(customer(minutes=9, first_name="New"), "phone")),
    }
    told["order"][1]["customer"]["phone"] = "+33"
    for word in sequence:
        shopify.tell(*told[word])

    dee = Customer.objects.get()
    assert (dee.language, dee.phone, dee.first_name) == ("fr-FR", "+33", "New")
    assert dee.updated_at.isoformat() == at(9)


def without(payload: dict, key: str) -> dict:
    return {name: value for name, value in payload.items() if name != key}


def test_nulls_where_shopify_sends_texts_are_not_told(shopify):
    told = {"state": None, "opt_in_level": None, "consent_updated_at": None}
    odd = customer(tags=None, orders_count=None, total_spent=None, email_marketing_consent=told)
    shopify.tell("customer.tags_added", added("vip", 0))

    assert shopify.tell("customers/update", odd).state == State.APPLIED
    assert tags_of() == {"vip"}
    assert Customer.objects.get().email_consent is None


def test_an_explicit_null_empties_a_field(shopify):
    shopify.tell("customers/update", customer(note="likes jugs"))
    shopify.tell("customers/update", customer(minutes=1, note=None, email=None))

    dee = Customer.objects.get()
    assert (dee.note, dee.email) == ("", "")


# --- consent --------------------------------------------------------------------------------


@pytest.mark.parametrize("sequence", list(permutations([1, 2, 3])))
def test_the_newest_consent_wins_by_its_own_time(shopify, sequence):
    words = {1: "subscribed", 2: "unsubscribed", 3: "pending"}
    for minute in sequence:
        shopify.tell("customers_email_marketing_consent/update", consent(words[minute], minute))

    assert Customer.objects.get().email_consent == "pending"
    assert ConsentChange.objects.count() == 3


def test_of_two_consents_of_one_instant_the_one_that_forbids_stands(shopify):
    for state in ("unsubscribed", "subscribed"):
        shopify.tell("customers_email_marketing_consent/update", consent(state, 1))

    assert Customer.objects.get().email_consent == "unsubscribed"


def test_a_consent_without_a_time_never_overwrites_one_with_a_time(shopify):
    shopify.tell("customers_email_marketing_consent/update", consent("unsubscribed", 1))
    shopify.tell("customers_email_marketing_consent/update", consent("subscribed", None))

    assert Customer.objects.get().email_consent == "unsubscribed"


def test_sms_consent_comes_with_the_customer_under_another_key(shopify):
    told = {"state": "SUBSCRIBED", "opt_in_level": "single_opt_in", "consent_updated_at": at(1)}
    body = {"id": 7, "phone": "+44", "sms_marketing_consent": told}
    shopify.tell("customers_marketing_consent/update", body)

    dee = Customer.objects.get()
    assert (dee.sms_consent, dee.email_consent) == ("subscribed", None)


def test_a_consent_in_no_known_state_is_parked(shopify):
    row = shopify.tell("customers_email_marketing_consent/update", consent("perhaps", 1))

    assert (row.state, row.code) == (State.PARKED, "unreadable")


# --- tags -----------------------------------------------------------------------------------


def added(tag: str, minutes: int, *, number: int = 7) -> dict:
    return {
        "customerId": f"gid://shopify/Customer/{number}",
        "tags": [tag],
        "occurredAt": at(minutes),
    }


@pytest.mark.parametrize("sequence", list(permutations([1, 2, 3])))
def test_tags_added_and_removed_in_any_order_of_arrival_agree(shopify, sequence):
    topics = {1: "customer.tags_added", 2: "customer.tags_removed", 3: "customer.tags_added"}
    for minute in sequence:
        shopify.tell(topics[minute], added("vip" if minute < 3 else "new", minute))

    assert tags_of() == {"new"}


@pytest.mark.parametrize("sequence", list(permutations(["before", "list", "after"])))
def test_a_whole_list_of_tags_replaces_what_is_older_and_keeps_what_is_newer(shopify, sequence):
    told = {
        "before": ("customer.tags_added", added("gone", 1)),
        "list": ("customers/update", customer(minutes=2, tags="kept")),
        "after": ("customer.tags_added", added("later", 3)),
    }
    for word in sequence:
        shopify.tell(*told[word])

    assert tags_of() == {"kept", "later"}


def test_a_tag_is_the_same_in_any_case(shopify):
    shopify.tell("customer.tags_added", added("VIP", 1))
    shopify.tell("customer.tags_removed", added("vip", 2))

    assert tags_of() == set()


# --- totals ---------------------------------------------------------------------------------


def summary(orders: int, spent: str, *, currency: str = "GBP", minutes: int = 30) -> dict:
    return {
        "customerId": "gid://shopify/Customer/7",
        "numberOfOrders": orders,
        "amountSpent": {"amount": spent, "currencyCode": currency},
        "occurredAt": at(minutes),
    }


def make_incomplete(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(history_complete_since=None)


@pytest.mark.parametrize("sequence", list(permutations(["order", "summary"])))
def test_shopifys_figures_win_while_history_is_incomplete_and_say_so(shopify, sequence):
    make_incomplete(shopify.tenant)
    told = {
        "order": ("orders/create", order()),
        "summary": ("customers/purchasing_summary", summary(12, "1234.50")),
    }
    for word in sequence:
        shopify.tell(*told[word])

    dee = Customer.objects.get()
    assert (dee.orders_count, dee.total_spent) == (12, Decimal("1234.5"))
    assert (dee.orders_count_source, dee.total_spent_source) == ("shopify", "shopify")


def test_computed_figures_win_once_history_is_complete(shopify):
    shopify.tell("customers/purchasing_summary", summary(12, "1234.50"))
    shopify.tell("orders/create", order())

    dee = Customer.objects.get()
    assert (dee.orders_count, dee.total_spent) == (1, Decimal(100))
    assert dee.orders_count_source == "computed"


def test_an_older_summary_never_overwrites_a_newer_one(shopify):
    make_incomplete(shopify.tenant)
    shopify.tell("customers/purchasing_summary", summary(2, "2.00", minutes=2))
    shopify.tell("customers/purchasing_summary", summary(1, "1.00", minutes=1))

    assert Customer.objects.get().orders_count == 2


def test_an_amount_of_a_summary_in_another_currency_does_not_count(shopify):
    make_incomplete(shopify.tenant)
    shopify.tell("customers/purchasing_summary", summary(2, "2.00", currency="USD"))

    dee = Customer.objects.get()
    assert (dee.orders_count, dee.total_spent) == (2, 0)
    assert (dee.orders_count_source, dee.total_spent_source) == ("shopify", "computed")


@pytest.mark.parametrize("sequence", list(permutations(["pounds", "dollars", "shop"])))
def test_shopifys_amount_counts_in_the_stores_currency_of_today(
    shopify, sequence, django_capture_on_commit_callbacks
):
    make_incomplete(shopify.tenant)
    other = {**summary(3, "3.00", currency="USD"), "customerId": "gid://shopify/Customer/8"}
    told = {
        "pounds": ("customers/purchasing_summary", summary(2, "2.00")),
        "dollars": ("customers/purchasing_summary", other),
        "shop": ("shop/update", {"id": 1, "currency": "USD", "updated_at": at(40)}),
    }
    for word in sequence:
        shopify.tell(*told[word])
    recompute_every_total(tenant=Tenant.objects.get(pk=shopify.tenant.pk))

    spent = dict(Customer.objects.values_list("shopify_id", "total_spent"))
    assert spent == {7: 0, 8: 3}


# --- deletions and merges -------------------------------------------------------------------


def test_f037_a_deleted_customer_stays_deleted_and_the_orders_become_guests(shopify):
    shopify.tell("orders/create", order())
    shopify.tell("customers/delete", {"id": 7, "tax_exemptions": []})
    shopify.tell("customers/update", customer(minutes=60))
    shopify.tell("orders/updated", order(minutes=60))
    shopify.tell("customer.tags_added", added("vip", 60))

    assert not Customer.objects.exists()
    assert Order.objects.get().customer is None


def merge(kept: int, deleted: int, **changes: object) -> dict:
    return {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{deleted}",
        "status": "completed",
        **changes,
    }


@pytest.mark.parametrize("sequence", list(permutations(["mine", "other", "merge"])))
def test_a_merged_customers_orders_belong_to_the_kept_one(shopify, sequence):
    told = {
        "mine": ("orders/create", order(1)),
        "other": ("orders/create", order(2, customer=customer(8, first_name="Eve"))),
        "merge": ("customers/merge", merge(7, 8)),
    }
    for word in sequence:
        shopify.tell(*told[word])

    dee = Customer.objects.get()
    assert (dee.shopify_id, dee.first_name) == (7, "Dee")
    assert (dee.orders_count, dee.total_spent) == (2, Decimal(200))


@pytest.mark.parametrize("sequence", list(permutations(["first", "second"])))
def test_a_merge_of_a_merge_ends_at_the_last_one(shopify, sequence):
    told = {"first": merge(8, 9), "second": merge(7, 8)}
    for word in sequence:
        shopify.tell("customers/merge", told[word])
    shopify.tell("orders/create", order(customer=customer(9)))

    assert Order.objects.get().customer.shopify_id == 7


def test_a_merge_that_failed_changes_nothing(shopify):
    shopify.tell("customers/update", customer(8))
    shopify.tell("customers/merge", merge(7, 8, status="failed"))

    assert Customer.objects.get().shopify_id == 8
