"""What a list of the API may be asked, and webhooks that name another store's ids.

Rows 72, 73 and 83 of the faults. A list, a filter or an ordering that is not looked at fails.
"""

import json

import pytest
from django.urls import get_resolver

from campaigns.models import Campaign, Sender, Suppression, Template, Topic
from customers.models import Customer, CustomerTag
from orders.models import Order, Product
from segments.models import Segment, SegmentJob
from tenants.models import ApiKey, AuditEntry, Invitation, Membership
from tests.canaries import ANA, CY, NOWHERE
from tests.rows import owned_models
from tests.test_api_surface import routes
from tests.test_walls_pages import Word, relations
from tests.test_walls_routes import WEBHOOKS
from tests.visits import bearer
from webhooks.models import Delivery, Export, Import, Sync
from webhooks.processing import apply_inbox
from webhooks.signature import signature
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.usefixtures("transactional_db")

LISTS = {
    "/api-keys": ApiKey,
    "/audit": AuditEntry,
    "/campaigns": Campaign,
    "/customers": Customer,
    "/exports": Export,
    "/imports": Import,
    "/orders": Order,
    "/products": Product,
    "/segments": Segment,
    "/segments/jobs": SegmentJob,
    "/senders": Sender,
    "/suppressions": Suppression,
    "/sync": Sync,
    "/team": Membership,
    "/team/invitations": Invitation,
    "/templates": Template,
    "/topics": Topic,
}
VIEWS = {
    "/" + path.strip("^/?$"): view
    for path, view, actions in routes(get_resolver().url_patterns)
    if "list" in actions.values()
}


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(scope="module")
def cys_program(shops):
    return bearer(shops.cy.owner)


@pytest.fixture
def look(cys_program):
    def look(path, query, word):
        answer = cys_program.ask(path, data=query).about(Word(word))
        assert not ANA.traces(answer.text), query
        return answer

    return look


def values_of(model, name, shops):
    """Pairs of something of Ana's that a filter may be about, and as much that is nobody's."""
    row = shops.ana.rows[model]
    words = [word for word in vars(row).values() if isinstance(word, str) and ANA.traces(word)]
    own = vars(row).get(name)
    words = words or [shops.ana.owner.name]  # a row without a text of its own
    about = {words[0], shops.ana.rows[CustomerTag].tag_key, own if own in words else words[-1]}
    yield from ((word, word.replace(ANA.name, "q" * len(ANA.name))) for word in about)
    yield str(row.pk), str(shops.ana.absent.ids[model])
    if hasattr(row, "shopify_id"):
        yield str(row.shopify_id), str(row.shopify_id + NOWHERE)


def test_f073_every_list_is_listed():
    assert set(VIEWS) == set(LISTS)


@pytest.mark.parametrize("path", LISTS)
def test_f073_filters_and_orderings_are_of_own_columns(path):
    columns = {column.name for column in LISTS[path]._meta.get_fields()}
    ids = {f"{name}_id" for name in columns}
    for name, chosen in VIEWS[path].filterset_class.base_filters.items():
        assert chosen.method or chosen.field_name in columns | ids, name
    assert set(VIEWS[path].orderings.values()) <= columns
    assert "tenant" not in VIEWS[path].orderings.values()


@pytest.mark.parametrize("path", LISTS)
def test_f073_a_lookup_or_ordering_through_a_relation_is_400(path, look):
    known = set(VIEWS[path].filterset_class.base_filters)
    for lookup in {*relations(LISTS[path])} - known:
        assert look(path, {lookup: "1"}, "1").status == 400, lookup
        assert look(path, {"ordering": lookup}, "1").status == 400, lookup


@pytest.mark.parametrize("path", LISTS)
def test_f083_filtering_by_what_is_anas_is_filtering_by_nothing(path, look, shops):
    for name in VIEWS[path].filterset_class.base_filters:
        for anas, nobodys in values_of(LISTS[path], name, shops):
            found, none = (look(path, {name: word}, word) for word in (anas, nobodys))
            assert found == none, (name, anas)
            assert found.status == 400 or not CY.traces(found.body) or name.endswith("_max")


@pytest.mark.parametrize("path", WEBHOOKS)
def test_f072_a_webhook_of_cys_that_tells_of_anas_ids_is_cys_alone(
    path, shops, cys_program, settings
):
    known = shops.ana.rows[Customer].shopify_id
    body = json.dumps({"id": known, "email": CY.word(), "customer": {"id": known}}).encode()
    before = rows_of(shops.ana)

    response = cys_program.client.post(path, body, "application/json", headers={
        "X-Shopify-Hmac-Sha256": signature(body, settings.SHOPIFY_API_SECRET).decode(),
        "X-Shopify-Webhook-Id": CY.word(), "X-Shopify-Topic": "customers/update",
        "X-Shopify-Shop-Domain": shops.cy.tenant.shop_domain,
    })  # fmt: skip
    with tenant_scope(shops.cy.tenant.pk):
        apply_inbox(tenant=shops.cy.tenant)

    assert response.status_code == 200
    assert rows_of(shops.ana) == before
    with tenant_scope(shops.cy.tenant.pk):
        assert Delivery.objects.exclude(state="pending").filter(body=body).exists()
        if path != "/webhook/order-create":
            assert Customer.objects.filter(shopify_id=known).count() == 1


def rows_of(shop):
    """Every row of the store, as its people see them."""
    with tenant_scope(shop.tenant.pk):
        return {model: list(model.objects.order_by("pk").values()) for model in owned_models()}
