"""The strict manager, every way to read: one store's rows within its scope, NoTenant outside.

Each claim is made twice: behind row-level security, and as the role that it does not bind.
"""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import models
from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Window,
)
from django.db.models.functions import RowNumber

from customers.models import Customer
from orders.models import LineItem, Order
from tenants.models import Tenant
from tests.rows import make_row, owned_models
from xeno.lib.postgres.scope import NoTenant, tenant_scope

CUSTOMERS, ORDERS = {1, 2}, {11, 12, 13}


def ids(queryset):
    return {row.shopify_id for row in queryset}


def having_orders(queryset):
    return queryset.filter(Exists(Order.objects.filter(customer=OuterRef("pk"))))


READS = {
    "all": lambda: ids(Customer.objects.all()) == CUSTOMERS,
    "by policy": lambda: ids(Customer.objects.by_policy()) == CUSTOMERS,
    "exclude": lambda: ids(Customer.objects.exclude(shopify_id=1)) == {2},
    "exclude across": lambda: ids(Customer.objects.exclude(orders__shopify_id=13)) == {1},
    "or": lambda: ids(Customer.objects.filter(pk=0) | Customer.objects.all()) == CUSTOMERS,
    "or in a Q": lambda: ids(Customer.objects.filter(Q(note="same") | Q(pk__gt=0))) == CUSTOMERS,
    "negated": lambda: ids(Customer.objects.filter(~Q(pk=0))) == CUSTOMERS,
    "slice": lambda: ids(Customer.objects.order_by("-shopify_id")[:1]) == {2},
    "first": lambda: Customer.objects.order_by("-shopify_id").first().shopify_id == 2,
    "last": lambda: Customer.objects.order_by("shopify_id").last().shopify_id == 2,
    "latest": lambda: Customer.objects.latest("shopify_id").shopify_id == 2,
    "get": lambda: Customer.objects.get(note="same", shopify_id__gt=1).shopify_id == 2,
    "in_bulk": lambda: ids(Customer.objects.in_bulk().values()) == CUSTOMERS,
    "exists": lambda: not Customer.objects.filter(shopify_id=101).exists(),
    "contains": lambda: Customer.objects.contains(Customer.objects.get(shopify_id=1)),
    "count": lambda: Customer.objects.count() == 2,
    "len": lambda: len(Customer.objects.all()) == 2,
    "distinct count": lambda: Customer.objects.values("note").distinct().count() == 1,
    "aggregate": lambda: Customer.objects.aggregate(m=Max("shopify_id")) == {"m": 2},
    "aggregate of a slice": lambda: Customer.objects.all()[:9].aggregate(n=Count("*")) == {"n": 2},
    "values": lambda: set(Customer.objects.values_list("shopify_id", flat=True)) == CUSTOMERS,
    "group by": lambda: (
        list(Customer.objects.values("note").annotate(n=Count("*"))) == [{"note": "same", "n": 2}]
    ),
    "annotate": lambda: {c.n for c in Customer.objects.annotate(n=Count("orders"))} == {1, 2},
    "join": lambda: ids(Order.objects.filter(customer__note="same")) == ORDERS,
    "filtered relation": lambda: (
        ids(Customer.objects.annotate(o=FilteredRelation("orders")).filter(o__shopify_id__gt=0))
        == CUSTOMERS
    ),
    "window": lambda: len(Customer.objects.annotate(n=Window(RowNumber())).filter(n__lte=9)) == 2,
    "exists subquery": lambda: ids(having_orders(Customer.objects.all())) == CUSTOMERS,
    "subquery": lambda: (
        Customer.objects.annotate(
            top=Subquery(Order.objects.order_by("-shopify_id").values("shopify_id")[:1])
        )
        .first()
        .top
        == 13
    ),
    "in a subquery": lambda: (
        ids(Order.objects.filter(customer__in=Customer.objects.all())) == ORDERS
    ),
    "union": lambda: ids(Customer.objects.all().union(Customer.objects.filter(pk=0))) == CUSTOMERS,
    "intersection": lambda: (
        ids(Customer.objects.all().intersection(Customer.objects.all())) == CUSTOMERS
    ),
    "difference": lambda: (
        ids(Customer.objects.all().difference(Customer.objects.filter(pk=0))) == CUSTOMERS
    ),
    "iterator": lambda: ids(Customer.objects.iterator(chunk_size=1)) == CUSTOMERS,
    "only": lambda: {c.note for c in Customer.objects.only("shopify_id")} == {"same"},
    "select_related": lambda: (
        {o.customer.shopify_id for o in Order.objects.select_related("customer")} == CUSTOMERS
    ),
    "forward key": lambda: Order.objects.get(shopify_id=13).customer.shopify_id == 2,
    "reverse relation": lambda: ids(Customer.objects.get(shopify_id=1).orders.all()) == {11, 12},
    "prefetch_related": lambda: (
        {o.shopify_id for c in Customer.objects.prefetch_related("orders") for o in c.orders.all()}
        == ORDERS
    ),
    "prefetch": lambda: (
        {
            o.shopify_id
            for c in Customer.objects.prefetch_related(
                Prefetch("orders", Order.objects.all(), "got")
            )
            for o in c.got
        }
        == ORDERS
    ),
    "select_for_update": lambda: ids(Customer.objects.select_for_update()) == CUSTOMERS,
    "extra": lambda: ids(Customer.objects.extra(where=["true OR true"])) == CUSTOMERS,
    "base manager": lambda: ids(Customer._base_manager.all()) == CUSTOMERS,
    "default manager": lambda: ids(Customer._default_manager.all()) == CUSTOMERS,
    "named read": lambda: ids(Customer.objects.search("x")) == set(),
    "explain": lambda: "tenant_id" in Customer.objects.all().explain(),
    "count from another table": lambda: (
        Tenant.objects.filter(pk__in=Customer.objects.values("tenant_id")).count() == 1
    ),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_gives_one_stores_rows_in_its_scope_and_raises_without(read, two_shops):
    with pytest.raises(NoTenant):
        read()
    with tenant_scope(two_shops[0].pk):
        assert read()
    with pytest.raises(NoTenant):
        read()


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model.__name__)
def test_every_manager_of_every_model_is_strict(model, two_shops):
    ana, cy = two_shops
    with tenant_scope(cy.pk):
        make_row(model)

    for manager in (*model._meta.managers, model._base_manager, model._default_manager):
        with pytest.raises(NoTenant):
            manager.count()
        with tenant_scope(ana.pk):
            assert not manager.filter(tenant_id=cy.pk).exists()


QUERIES = {
    "plain": lambda: Customer.objects.order_by("shopify_id"),
    "by policy": lambda: Customer.objects.by_policy(),
    "subquery": lambda: having_orders(Customer.objects.order_by("shopify_id")),
    "union": lambda: Customer.objects.all().union(Customer.objects.all()),
    "prefetch": lambda: Customer.objects.prefetch_related("orders"),
    "async": lambda: Customer.objects.all(),
}


@pytest.mark.parametrize("build", QUERIES.values(), ids=QUERIES)
def test_a_query_belongs_to_the_scope_it_is_executed_in(build, two_shops):
    ana, cy = two_shops
    unscoped = build()
    with tenant_scope(cy.pk):
        of_cy = build()

    with tenant_scope(ana.pk):
        assert ids(unscoped.all()) == ids(of_cy) == CUSTOMERS
    with pytest.raises(NoTenant):
        list(unscoped.all())


def test_a_subquery_built_elsewhere_belongs_to_the_executing_scope(two_shops):
    ana, cy = two_shops
    with tenant_scope(cy.pk):
        of_cy = Customer.objects.filter(note="same").values("pk")

    with tenant_scope(ana.pk):
        assert ids(Order.objects.filter(customer__in=of_cy)) == ORDERS
    with tenant_scope(cy.pk):
        assert ids(Order.objects.filter(customer__in=of_cy)) == {111, 112, 113}


def test_a_foreign_instance_leads_nowhere(two_shops):
    ana, cy = two_shops
    with tenant_scope(cy.pk):
        theirs = Customer.objects.get(shopify_id=101)
        their_order = Order.objects.get(shopify_id=111)

    with tenant_scope(ana.pk):
        assert list(theirs.orders.all()) == []
        assert not Customer.objects.contains(theirs)
        for reach in (theirs.refresh_from_db, lambda: their_order.customer):
            with pytest.raises(Customer.DoesNotExist):
                reach()


def test_prefetching_for_foreign_instances_brings_nothing(two_shops):
    ana, cy = two_shops
    with tenant_scope(cy.pk):
        theirs = list(Customer.objects.all())

    with tenant_scope(ana.pk):
        models.prefetch_related_objects(theirs, "orders")
        assert [list(c.orders.all()) for c in theirs] == [[], []]


def test_a_deferred_field_is_not_loaded_from_another_store(two_shops):
    ana, cy = two_shops
    with tenant_scope(cy.pk):
        theirs = Customer.objects.only("shopify_id").get(shopify_id=101)

    with tenant_scope(ana.pk), pytest.raises(Customer.DoesNotExist):
        _ = theirs.note
    with pytest.raises(NoTenant):
        _ = theirs.note


@pytest.mark.parametrize("shared", ["tenants.Tenant", "tenants.User", "auth.Group"])
def test_no_query_can_join_from_a_shared_table_into_a_stores_rows(shared):
    from django.apps import apps

    for relation in apps.get_model(shared)._meta.get_fields(include_hidden=True):
        if getattr(relation.related_model, "tenant_owned", False):
            assert relation.hidden, relation


def test_a_condition_of_a_shared_table_on_a_stores_rows_needs_a_scope(two_shops):
    customers = Customer.objects.filter(tenant_id=OuterRef("pk"))
    with_customers = Tenant.objects.filter(Exists(customers))

    with pytest.raises(NoTenant):
        list(with_customers)
    with tenant_scope(two_shops[0].pk):
        assert list(with_customers) == [two_shops[0]]


def test_a_stores_table_beside_a_shared_one_needs_a_scope(two_shops):
    with pytest.raises(NoTenant):
        list(Tenant.objects.extra(tables=["customers_customer"]))


# --- async: the ORM's own async methods, in the thread that asgiref gives them -----------


async def aread():
    assert await Customer.objects.filter(shopify_id=1).aexists()
    assert await Customer.objects.acount() == 2
    assert (await Customer.objects.aget(shopify_id=2)).note == "same"
    assert (await Customer.objects.aaggregate(m=Max("shopify_id")))["m"] == 2
    assert [o.shopify_id async for o in Order.objects.order_by("pk")] == [11, 12, 13]
    assert {c.shopify_id async for c in Customer.objects.aiterator()} == CUSTOMERS


async def araise():
    for question in (
        Customer.objects.aexists(),
        Customer.objects.acount(),
        Customer.objects.afirst(),
        sync_to_async(list)(Customer.objects.all()),
    ):
        with pytest.raises(NoTenant):
            await question
    with pytest.raises(NoTenant):
        [row async for row in Customer.objects.all()]


@pytest.mark.parametrize("scoped", [True, False])
def test_async_reads_are_as_strict(scoped, two_shops):
    from asgiref.sync import async_to_sync

    if scoped:
        with tenant_scope(two_shops[0].pk):
            async_to_sync(aread)()
    else:
        async_to_sync(araise)()


def test_concurrent_coroutines_keep_their_own_scopes():
    from xeno.lib.postgres.scope import find_tenant_id

    async def work(tenant_id):
        with tenant_scope(tenant_id):
            await asyncio.sleep(0.001)
            return find_tenant_id()

    async def both():
        return await asyncio.gather(work(1), work(2)), find_tenant_id()

    assert asyncio.run(both()) == ([1, 2], None)


def test_reading_a_line_reaches_only_its_own_store(two_shops):
    ana, _ = two_shops
    for store in two_shops:
        with tenant_scope(store.pk):
            make_row(LineItem, title=store.name)

    with tenant_scope(ana.pk):
        lines = LineItem.objects.select_related("order__customer").annotate(
            buyer=F("order__customer__tenant_id")
        )
        assert [(line.title, line.buyer) for line in lines] == [(ana.name, ana.pk)]
