"""Addresses that get nothing more."""

import pytest

from campaigns import suppressing
from campaigns.models import Suppression
from campaigns.suppressing import (
    AddressNotValid,
    TooManyAddresses,
    add_suppression,
    import_suppressions,
    remove_suppression,
)
from tenants.audit import Actor
from tenants.models import AuditEntry


@pytest.fixture
def actor(ana) -> Actor:
    return Actor(user=ana)


def rows() -> list[tuple[str, str]]:
    return list(Suppression.objects.order_by("address").values_list("address", "reason"))


def test_one_by_hand_in_lower_case(in_anas_store, actor):
    add_suppression(actor=actor, tenant=in_anas_store, address=" Kim@Example.com ", note="Rang us")

    assert rows() == [("kim@example.com", "by_hand")]
    assert AuditEntry.objects.get().action == "suppression.added"


def test_one_that_is_there_keeps_its_reason(in_anas_store, actor):
    Suppression.objects.create(address="kim@example.com", reason="complained")

    add_suppression(actor=actor, tenant=in_anas_store, address="kim@example.com")

    assert rows() == [("kim@example.com", "complained")]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("text", ["", "kim", "a\0b@example.com", "a@b", "x" * 300 + "@e.example"])
def test_what_is_no_address_is_refused(in_anas_store, actor, text):
    with pytest.raises(AddressNotValid):
        add_suppression(actor=actor, tenant=in_anas_store, address=text)


def test_many_are_one_statement(in_anas_store, actor, django_assert_max_num_queries):
    many = [f"p{n}@example.com" for n in range(10_000)]

    with django_assert_max_num_queries(5):
        told = import_suppressions(actor=actor, tenant=in_anas_store, addresses=many)

    assert told == (10_000, [])
    assert Suppression.objects.filter(reason="imported").count() == 10_000


def test_what_is_wrong_in_an_import_keeps_nobody_out(in_anas_store, actor):
    told = import_suppressions(
        actor=actor, tenant=in_anas_store, addresses=["a@e.example", "nope", "A@e.example"]
    )

    assert told == (1, [1])
    assert rows() == [("a@e.example", "imported")]


def test_an_import_has_an_end(in_anas_store, actor, monkeypatch):
    monkeypatch.setattr(suppressing, "MOST", 1)

    with pytest.raises(TooManyAddresses):
        import_suppressions(actor=actor, tenant=in_anas_store, addresses=["a@e.example"] * 2)


def test_one_can_be_taken_away(in_anas_store, actor):
    row = Suppression.objects.create(address="kim@example.com", reason="bounced")

    remove_suppression(actor=actor, tenant=in_anas_store, suppression_id=row.pk)

    assert rows() == []
    assert AuditEntry.objects.get().action == "suppression.removed"
