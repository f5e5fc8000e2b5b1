"""What payloads tell about customers: fields, consents, tags, Shopify's totals, merges."""

from decimal import Decimal

import pytest

from customers.data import OWN_PAYLOAD, UNDATED, MergeData, TagsData
from customers.models import Consent
from webhooks.mapping.customers import (
    map_customer,
    map_email_consent,
    map_merge,
    map_sms_consent,
    map_summary,
    map_tags,
)
from webhooks.mapping.decoding import Unreadable
from webhooks.mapping.tests.payloads import LATER, NOON, ONE, body, customer, envelope, without

TEXTS = {
    "email": "email",
    "phone": "phone",
    "first_name": "first_name",
    "last_name": "last_name",
    "state": "state",
    "locale": "language",
    "note": "note",
}
WHO = "gid://shopify/Customer/7"
SUMMARY = {
    "customerId": WHO,
    "numberOfOrders": "3",
    "amountSpent": {"amount": "59.97", "currencyCode": "GBP"},
    "occurredAt": ONE,
}
MERGE = {
    "admin_graphql_api_customer_kept_id": WHO,
    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/8",
}


def heard(*, triggered_at=NOON, **changes):
    """All that a customer payload with these values tells."""
    told = envelope("customers/update", triggered_at=triggered_at)
    return map_customer(body(customer(**changes)), told)


def mapped(**changes):
    return heard(**changes).customers[0]


def mapped_tags(topic="customer.tags_added", **changes):
    payload = {"customerId": WHO, "tags": ["VIP"], "occurredAt": ONE, **changes}
    return map_tags(body(payload), envelope(topic)).tags[0]


@pytest.mark.parametrize(("key", "name"), TEXTS.items())
def test_a_text_is_none_when_absent_and_empty_when_null(key, name):
    assert getattr(mapped(), name) is None
    assert getattr(mapped(**{key: None}), name) == ""
    assert getattr(mapped(**{key: "text"}), name) == "text"


def test_the_email_and_the_state_are_in_lower_case():
    told = mapped(email="Dee@Example.COM", state="ENABLED")

    assert (told.email, told.state) == ("dee@example.com", "enabled")


def test_an_absent_address_is_not_told_and_a_null_one_is_none():
    absent, null = mapped(), mapped(default_address=None)

    assert (absent.country, absent.region, absent.city) == (None, None, None)
    assert (null.country, null.region, null.city) == ("", "", "")


@pytest.mark.parametrize(
    ("told", "version"),
    [({"updated_at": ONE}, LATER), ({"updated_at": None}, NOON), ({}, NOON)],
)
def test_the_version_is_the_update_or_else_the_headers_time(told, version):
    assert mapped(**told).updated_at == version


def test_without_any_time_a_customer_is_older_than_any_other():
    told = mapped(triggered_at=None)

    assert (told.updated_at, told.triggered_at) == (UNDATED, UNDATED)


def test_a_payload_of_its_own_beats_one_within_an_order():
    assert mapped().version_order_id == OWN_PAYLOAD


@pytest.mark.parametrize("state", Consent.values)
def test_each_of_shopifys_states_of_consent_is_known_in_any_case(state):
    news = heard(email_marketing_consent={"state": state.upper()})

    assert news.consents[0].state == state


@pytest.mark.parametrize("state", ["", "maybe", "subscribed "])
def test_a_state_of_consent_that_shopify_does_not_have_is_unreadable(state):
    with pytest.raises(Unreadable, match="consent's state"):
        heard(email_marketing_consent={"state": state})


def test_both_channels_are_told_apart():
    word = {"state": "subscribed", "opt_in_level": "SINGLE_OPT_IN", "consent_updated_at": ONE}
    news = heard(email_marketing_consent=word, sms_marketing_consent={"state": "pending"})

    told = [(c.channel, c.state, c.level, c.changed_at) for c in news.consents]
    assert told == [
        ("email", "subscribed", "single_opt_in", LATER),
        ("sms", "pending", None, UNDATED),
    ]


@pytest.mark.parametrize("told", [{}, {"email_marketing_consent": None}])
def test_a_consent_that_is_absent_or_null_is_no_word(told):
    assert heard(**told).consents == []


def test_a_consent_says_from_which_topic_it_came():
    consent = {"state": "unsubscribed"}
    email = body({"customer_id": 7, "email_marketing_consent": consent})
    sms = body({"id": 7, "sms_marketing_consent": consent})

    by_email = map_email_consent(email, envelope("topic/email")).consents[0]
    by_sms = map_sms_consent(sms, envelope("topic/sms")).consents[0]

    assert (by_email.channel, by_email.source) == ("email", "topic/email")
    assert (by_sms.channel, by_sms.source) == ("sms", "topic/sms")


def test_a_word_on_consent_alone_says_nothing_else_of_the_customer():
    payload = body({"customer_id": 7, "email_marketing_consent": {"state": "subscribed"}})

    told = map_email_consent(payload, envelope()).customers[0]

    assert (told.shopify_id, told.updated_at) == (7, None)


def test_tags_within_a_customer_are_the_whole_list():
    news = heard(tags="b, a", updated_at=ONE)

    assert news.tags == [TagsData(7, ("b", "a"), LATER, whole=True)]


def test_an_absent_list_of_tags_is_not_told_and_an_empty_one_is():
    assert heard().tags == []
    assert heard(tags="").tags[0].tags == ()


def test_a_topic_tells_whether_tags_were_added_or_removed():
    assert mapped_tags("customer.tags_added").present is True
    assert mapped_tags("customer.tags_removed").present is False


def test_tags_that_were_added_are_trimmed_told_once_and_not_the_whole_list():
    told = mapped_tags(tags=[" VIP ", "VIP", "", "  ", "a, b"])

    assert told == TagsData(7, ("VIP", "a, b"), LATER)


def test_totals_are_told_only_all_together():
    told = {"orders_count": 3, "total_spent": "59.97", "currency": "GBP"}

    assert len(heard(**told).totals) == 1
    for key in told:
        assert heard(**without(told, key)).totals == []


@pytest.mark.parametrize("key", ["total_spent", "currency"])
def test_totals_with_a_null_are_not_told(key):
    told = {"orders_count": 3, "total_spent": "59.97", "currency": "GBP", key: None}

    assert heard(**told).totals == []


def test_a_negative_number_of_orders_is_none():
    totals = heard(orders_count=-2, total_spent="0", currency="GBP").totals

    assert totals[0].orders_count == 0


@pytest.mark.parametrize("count", ["3", 3])
def test_a_summary_is_shopifys_own_totals(count):
    news = map_summary(body({**SUMMARY, "numberOfOrders": count}), envelope())

    total = news.totals[0]
    assert (total.customer_id, total.orders_count, total.total_spent) == (7, 3, Decimal("59.97"))
    assert total.told_at == LATER


def test_a_merge_tells_who_is_kept_and_who_is_gone():
    told = envelope()

    assert map_merge(body(MERGE), told) == MergeData(7, 8, told.triggered_at)
    assert map_merge(body({**MERGE, "status": "completed"}), envelope()) is not None


def test_a_merge_that_failed_is_no_merge():
    assert map_merge(body({**MERGE, "status": "FAILED"}), envelope()) is None


def test_nobody_is_merged_into_themselves():
    payload = {**MERGE, "admin_graphql_api_customer_deleted_id": WHO}

    with pytest.raises(Unreadable, match="into itself"):
        map_merge(body(payload), envelope())
