"""Row-level security keeps the indexes: only leakproof operators, and the same access paths.

PostgreSQL pushes nothing else below a policy; one LIKE made a search 700 times slower.
"""

from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import F
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from campaigns.filters import (
    CampaignFilter,
    MessageFilter,
    SenderFilter,
    SuppressionFilter,
    TemplateFilter,
    TopicFilter,
)
from campaigns.models import Campaign, Message, Sender, Suppression, Template, Topic
from customers.filters import CustomerFilter
from customers.models import Customer
from customers.viewsets import CustomerViewSet
from orders.filters import OrderFilter, ProductFilter
from orders.models import Order, Product
from orders.viewsets import OrderViewSet, ProductViewSet
from segments.filters import SegmentFilter, SegmentJobFilter
from segments.models import Segment, SegmentJob
from tenants.api.audit import AuditFilter
from tenants.api.invitations import InvitationFilter
from tenants.api.keys import ApiKeyFilter
from tenants.api.team import MemberFilter
from tenants.models import ApiKey, AuditEntry
from tests.plans import access_path, explain, leaky_functions, nodes, sql_of
from webhooks.api.exports import ExportFilter
from webhooks.api.imports import ImportFilter
from webhooks.api.syncs import SyncFilter
from webhooks.files.models import Export, Import
from webhooks.models import Sync
from xeno.lib.api.pagination import Ordering, Position
from xeno.lib.postgres.migrator import as_migrator
from xeno.lib.postgres.scope import tenant_scope

STORE, OTHER = 900_001, 900_002
DAY = "2024-03-01T00:00:00Z"
FILTERS = {
    CustomerFilter: {
        "search": "kim12",
        "email": "Kim12@example.com",
        "tag": "vip",
        "country": "GB",
        "email_consent": "subscribed",
        "sms_consent": "subscribed",
        "total_spent_min": "12.50",
        "total_spent_max": "99",
        "orders_count_min": "2",
        "orders_count_max": "5",
        "last_order_after": DAY,
        "last_order_before": DAY,
        "created_after": DAY,
        "created_before": DAY,
        "updated_after": DAY,
        "synced_after": DAY,
    },
    OrderFilter: {
        "search": "100",
        "customer": "7",
        "financial_status": "paid",
        "fulfillment_status": "fulfilled",
        "currency": "GBP",
        "test": "false",
        "cancelled": "true",
        "amount_min": "1",
        "amount_max": "9",
        "processed_after": DAY,
        "processed_before": DAY,
        "updated_after": DAY,
        "synced_after": DAY,
    },
    ProductFilter: {
        "search": "mug",
        "vendor": "Acme",
        "product_type": "Mug",
        "status": "active",
        "updated_after": DAY,
        "synced_after": DAY,
    },
}
FILTERS |= {
    ApiKeyFilter: {"revoked": "true"},
    AuditFilter: {
        "actor": "7",
        "key": "7",
        "action": "customer.viewed",
        "object": "customers.customer:7",
        "happened_after": DAY,
        "happened_before": DAY,
    },
}
FILTERS |= {SyncFilter: {"kind": "history", "state": "done"}}
FILTERS |= {
    ExportFilter: {"kind": "customers", "state": "done"},
    ImportFilter: {"state": "draft"},
    SegmentFilter: {"kind": "dynamic", "name": "VIP", "updated_after": DAY},
    SegmentJobFilter: {"kind": "tag", "state": "done"},
    CampaignFilter: {"state": "draft"},
    MessageFilter: {"state": "queued", "reason": "no_consent", "variant": "A"},
    SenderFilter: {"email": "news@shop.example"},
    TopicFilter: {"name": "News"},
    SuppressionFilter: {"reason": "bounced", "address": "gone@example.com"},
    TemplateFilter: {"name": "News"},
}
# Of tables that all stores share: no policy stands before their conditions.
WITHOUT_POLICY = {MemberFilter, InvitationFilter}
MODELS = {CustomerFilter: Customer, OrderFilter: Order, ProductFilter: Product}
MODELS |= {ApiKeyFilter: ApiKey, AuditFilter: AuditEntry, SyncFilter: Sync}
MODELS |= {
    SegmentFilter: Segment, SegmentJobFilter: SegmentJob, CampaignFilter: Campaign,
    MessageFilter: Message, SenderFilter: Sender, TopicFilter: Topic, TemplateFilter: Template,
    SuppressionFilter: Suppression, ExportFilter: Export, ImportFilter: Import,
}  # fmt: skip
VIEWS = {CustomerViewSet: Customer, OrderViewSet: Order, ProductViewSet: Product}
FILL = f"""
INSERT INTO tenants_tenant (id, shop_domain, name, currency, timezone, access_token, refresh_token,
    scopes, plan)
SELECT id, 's' || id || '.myshopify.com', '', 'GBP', 'UTC', '', '', '', ''
FROM unnest(ARRAY[{STORE}, {OTHER}]) id;

INSERT INTO customers_customer (tenant_id, shopify_id, email, first_name, last_name, country,
    orders_count, total_spent, orders_count_source, total_spent_source, version_order_id,
    last_order_at, created_at, updated_at)
SELECT t, n, 'kim' || n || '@example.com', 'Kim' || n % 997, 'Lee' || n % 991,
    (ARRAY['GB', 'FR', 'DE', 'US'])[n % 4 + 1], n % 9, n * 100, 'computed', 'computed', 0,
    at, at, at
FROM unnest(ARRAY[{STORE}, {OTHER}]) t, generate_series(1, 6000) n,
    LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 hour' AS at) hours;

INSERT INTO customers_customertag (tenant_id, customer_id, tag, tag_key, present, changed_at)
SELECT tenant_id, id, 'VIP', 'vip', true, now() FROM customers_customer WHERE shopify_id % 50 = 0;

INSERT INTO orders_order (tenant_id, shopify_id, name, customer_id, amount, reported_amount,
    current_amount, refunded_amount, currency, financial_status, processed_at, test, discount_codes,
    created_at, updated_at, triggered_at)
SELECT tenant_id, shopify_id, '#' || shopify_id, id, total_spent, total_spent, total_spent, 0,
    'GBP', 'paid', updated_at, false, '[]', updated_at, updated_at, updated_at
FROM customers_customer;

INSERT INTO orders_product (tenant_id, shopify_id, title, vendor, tags, updated_at, triggered_at)
SELECT tenant_id, shopify_id, 'Mug ' || shopify_id, 'Acme', '[]', updated_at, updated_at
FROM customers_customer WHERE shopify_id % 3 = 0;

ANALYZE customers_customer, customers_customertag, orders_order, orders_product;
"""


@contextmanager
def filled_by(blocker, *statements):
    """Two stores of 6,000 customers, committed: both logins look at them."""
    with blocker.unblock():
        with as_migrator(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield
        with as_migrator(connection), connection.cursor() as cursor:
            cursor.execute("TRUNCATE customers_customer, orders_product CASCADE")
            cursor.execute("DELETE FROM tenants_tenant WHERE id IN (%s, %s)", [STORE, OTHER])


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """The stores, with what the API's lists ask of."""
    with filled_by(django_db_blocker, FILL):
        yield


@pytest.fixture(scope="module")
def transactional_db(filled):
    """In place of pytest-django's, which would empty the tables after every test."""


@pytest.fixture
def application(transactional_db, log_in):
    with log_in("application") as login:
        yield login


@pytest.fixture
def owner(transactional_db, log_in):
    with log_in("migrator") as login:
        yield login


def filtered(filterset, name):
    """The rows that one filter of the API leaves."""
    queryset = MODELS[filterset].objects.order_by().values("pk")
    chosen = filterset({name: FILTERS[filterset][name]}, queryset=queryset)
    assert chosen.is_valid(), chosen.errors
    return chosen.qs


def listed(view, name):
    """The second page of one ordering of the API, by its first condition and order."""
    model = VIEWS[view]
    field = model._meta.get_field(view.orderings[name.removeprefix("-")])
    ordering = Ordering(f"{'-' if name.startswith('-') else ''}{field.name}", field)
    row = model.objects.exclude(**{field.name: None}).order_by(field.name)[100]
    position = Position(getattr(row, field.name), row.pk)
    descending = name.startswith("-")
    page = model.objects.values("pk").filter(ordering.beyond(position, descending=descending))
    return page.order_by(*ordering.columns(descending=descending))[:51]


NAMED_FILTERS = [(filterset, name) for filterset, values in FILTERS.items() for name in values]
NAMED_LISTS = [
    (view, sign + name) for view in VIEWS for name in view.orderings for sign in ("", "-")
]
NAMED_READS = {
    "two names": lambda: Customer.objects.search("Kim1 Lee1"),
    "one word": lambda: Customer.objects.search("kim1"),
    "a tag": lambda: Customer.objects.tagged("VIP"),
    "an order's number": lambda: Order.objects.search("100"),
    "orders of customers": lambda: Order.objects.filter(customer__email_search="kim1@example.com"),
    "customers with orders": lambda: Customer.objects.filter(orders__shopify_id=7),
}


def queries():
    """Every query of this file, by its name; they are made within the scope."""
    for filterset, name in NAMED_FILTERS:
        yield f"{filterset.__name__}.{name}", filtered(filterset, name)
    for view, name in NAMED_LISTS:
        yield f"{view.__name__}.{name}", listed(view, name)
    for name, read in NAMED_READS.items():
        yield name, read().order_by().values("pk")


@pytest.mark.parametrize("filterset", FILTERS, ids=lambda filterset: filterset.__name__)
def test_every_filter_of_the_api_is_looked_at(filterset):
    assert set(FILTERS[filterset]) == set(filterset.base_filters)


def test_every_filterset_of_the_api_is_looked_at():
    from django_filters import FilterSet

    found = {
        sub for base in (FilterSet, *FilterSet.__subclasses__()) for sub in base.__subclasses__()
    }
    ours = {
        sub for sub in found if sub.base_filters and not sub.__module__.startswith("django_filters")
    }

    assert ours == set(FILTERS) | WITHOUT_POLICY


def test_every_operator_is_leakproof(owner):
    leaks = {}
    with tenant_scope(STORE):
        for name, queryset in queries():
            if leaky := leaky_functions(owner, sql_of(queryset)):
                leaks[name] = leaky

    assert leaks == {}


def test_the_policies_do_not_change_an_access_path(application, owner):
    changed = {}
    with tenant_scope(STORE):
        for name, queryset in queries():
            sql = sql_of(queryset)
            theirs = access_path(explain(owner, sql))
            ours = access_path(explain(application, sql, STORE))
            if ours != theirs:
                changed[name] = theirs, ours

    assert changed == {}


def test_every_page_of_every_ordering_is_a_range_of_an_index(application):
    """No sort: a page at any depth reads as many rows as it shows."""
    with tenant_scope(STORE):
        for view, name in NAMED_LISTS:
            plan = explain(application, sql_of(listed(view, name)), STORE)

            kinds = {node["Node Type"] for node in nodes(plan)}
            assert kinds <= {"Limit", "Result", "Index Scan", "Index Only Scan"}, (view, name)


@pytest.mark.parametrize(
    "leaky",
    [
        {"email__startswith": "kim1"},
        {"email__icontains": "kim1"},
        {"email__iexact": "kim1@example.com"},
        {"total_spent__regex": "9"},
        {"last_order_at__year__gt": F("orders_count")},
    ],
    ids=lambda lookup: next(iter(lookup)),
)
def test_the_check_sees_an_operator_that_is_not_leakproof(leaky, owner):
    with tenant_scope(STORE):
        sql = sql_of(Customer.objects.order_by().values("pk").filter(**leaky))

    assert leaky_functions(owner, sql)


def test_the_check_sees_a_path_that_the_policies_changed(application, owner):
    """LIKE on a column of collation C: a range for the owner, a filter for the application."""
    with tenant_scope(STORE):
        sql = sql_of(Customer.objects.values("pk").filter(email_search__startswith="kim12"))

    theirs = access_path(explain(owner, sql))
    assert theirs != access_path(explain(application, sql, STORE))
    assert "email_search" in theirs[0]


def admin_searches():
    """Every statement that a search in a page of the admin reads with, by the name of its model.

    As they are sent: a page may read twice, and what finds nothing at once reads no more.
    """
    request = RequestFactory().get("/admin/")
    for model, page in admin.site._registry.items():
        if getattr(model, "tenant_owned", False) and page.search_fields:
            with CaptureQueriesContext(connection) as sent:
                found, _ = page.get_search_results(request, model._default_manager.all(), "kim 1")
                list(found.order_by().values("pk"))
            yield model.__name__, [q["sql"] for q in sent if q["sql"].startswith("SELECT")]


def test_every_search_of_the_admin_is_leakproof(owner):
    with tenant_scope(STORE):
        searches = dict(admin_searches())
    leaks = {
        name: leaky for name, sent in searches.items()
        if (leaky := [leaky_functions(owner, sql) for sql in sent]) and any(leaky)
    }  # fmt: skip

    assert len(searches) >= 3
    assert all(searches.values())
    assert leaks == {}
