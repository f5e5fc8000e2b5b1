"""Tags of many customers at once: stored, noted, and told to Shopify like one customer's."""

import pytest

from customers.bulk_tagging import MOST_AT_ONCE, tag_customers
from customers.editing import MOST_TAGS, TagNotValid, edit_customer
from customers.models import Customer, CustomerTag
from customers.tests.builders import make_customer
from tenants.audit import Actor
from tenants.models import AuditEntry
from webhooks.outbox.models import Edit


@pytest.fixture
def tag(ana, in_anas_store):
    """Tags these customers as Ana."""

    def tag(customers, **words):
        ids = [customer.pk for customer in customers]
        return tag_customers(actor=Actor(ana), tenant=in_anas_store, customer_ids=ids, **words)

    return tag


@pytest.fixture
def three(in_anas_store):
    return [make_customer(in_anas_store, email=f"{n}@example.com") for n in range(3)]


def tags_of(customer):
    rows = CustomerTag.objects.filter(customer=customer, present=True)
    return sorted(rows.values_list("tag", flat=True))


def test_each_gets_the_tag_and_what_they_had_stays(three, tag, in_anas_store):
    edit_customer(actor=Actor(), tenant=in_anas_store, customer_id=three[0].pk, tags=["VIP", "old"])

    tagged = tag(three, add=["vip", "spring"], remove=["old"])

    assert tagged.changed == [customer.pk for customer in three]
    others = ["spring", "vip"]
    assert [tags_of(customer) for customer in three] == [["VIP", "spring"], others, others]


def test_shopify_is_told_of_each_by_the_outbox(three, tag):
    tag(three[:2], add=["vip"])
    tag(three[:2], add=["spring"])

    edits = Edit.objects.order_by("customer_id")
    assert [edit.customer_id for edit in edits] == [three[0].pk, three[1].pk]
    assert {edit.state for edit in edits} == {Edit.State.PENDING}
    both = {"vip": ["vip", True], "spring": ["spring", True]}
    assert [edit.payload for edit in edits] == [{"tags": both}] * 2


def test_who_has_it_already_is_not_touched(three, tag):
    tag(three[:1], add=["vip"])
    Edit.objects.all().delete()

    tagged = tag(three, add=["VIP"])

    assert tagged.changed == [three[1].pk, three[2].pk]
    assert not Edit.objects.filter(customer=three[0]).exists()
    assert AuditEntry.objects.filter(object_id=str(three[0].pk)).count() == 1


def test_who_would_hold_more_than_shopify_keeps_is_left_alone(three, tag, in_anas_store):
    many = [f"tag {n}" for n in range(MOST_TAGS)]
    edit_customer(actor=Actor(), tenant=in_anas_store, customer_id=three[0].pk, tags=many)

    tagged = tag(three, add=["vip"])

    assert (tagged.full, len(tagged.changed)) == ([three[0].pk], 2)
    assert "vip" not in tags_of(three[0])


def test_a_word_is_newer_than_every_one_before(three, tag):
    tag(three, add=["vip"])
    CustomerTag.objects.update(changed_at="2099-01-01T00:00:00Z")

    tag(three, remove=["vip"])

    assert tags_of(three[0]) == []


def test_a_tag_with_a_comma_is_refused_and_nothing_is_written(three, tag):
    with pytest.raises(TagNotValid):
        tag(three, add=["a,b"])

    assert not CustomerTag.objects.exists()


def test_another_stores_customers_are_nobody(three, tag, cys_store):
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(cys_store.pk):
        theirs = make_customer(cys_store, email="theirs@example.com")

    assert tag([theirs], add=["vip"]).changed == []
    with tenant_scope(cys_store.pk):
        assert tags_of(theirs) == []


def test_the_number_of_statements_does_not_grow_with_the_customers(
    in_anas_store, tag, django_assert_num_queries
):
    few = [make_customer(in_anas_store) for _ in range(2)]
    many = [make_customer(in_anas_store) for _ in range(30)]
    tag(few, add=["warm"])

    with django_assert_num_queries(14, exact=False):
        tag(many, add=["vip"], remove=["warm"])
    assert Customer.objects.filter(tag_rows__tag_key="vip").count() == 30


def test_more_than_a_chunk_is_several_calls(three, tag):
    with pytest.raises(ValueError):
        tag(three * MOST_AT_ONCE, add=["vip"])
