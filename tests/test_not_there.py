"""Row 83: what is another's, what was never there and what is next to one's own are one answer."""

import pytest

from customers.models import Customer
from orders.models import Order, Product
from tenants.models import ApiKey, AuditEntry
from tests.rows import make_row
from tests.visits import bearer
from xeno.lib.postgres.scope import tenant_scope

KINDS = {
    "/customers": Customer,
    "/orders": Order,
    "/products": Product,
    "/api-keys": ApiKey,
    "/audit": AuditEntry,
}
NEVER = 9_000_000_000_000_000_000


@pytest.fixture
def between(cys_store, anas_store):
    """Of each kind a row of Cy's, one of Ana's, and one of Cy's: the ids follow one another."""
    made = {}
    for path, model in KINDS.items():
        ids = []
        for store in (cys_store, anas_store, cys_store):
            with tenant_scope(store.pk):
                ids.append(make_row(model).pk)
        made[path] = ids
    return made


def told(visitor, path, row_id, method="GET"):
    """Status, headers, body and the statements without values."""
    answer = visitor.ask(f"{path}/{row_id}", method)
    return answer.status, answer.headers, answer.body, answer.statements


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", KINDS)
def test_f083_the_id_between_two_of_ones_own_tells_nothing(cy, between, path, method):
    first, anas, last = between[path]
    visitor = bearer(cy)

    foreign = told(visitor, path, anas, method)
    never = told(visitor, path, NEVER, method)

    assert last == first + 2
    assert foreign == never
    assert foreign[0] in (404, 405)
    assert foreign[3], "the statements are compared too: as many, and the same"


@pytest.mark.parametrize("path", KINDS)
def test_f083_ones_own_takes_more_so_the_comparison_sees_something(cy, between, path):
    visitor = bearer(cy)

    assert told(visitor, path, between[path][0]) != told(visitor, path, between[path][1])


@pytest.mark.parametrize("path", ["/api-keys", "/audit"])
def test_f083_without_the_right_every_id_is_the_same_403(ben, between, path):
    visitor = bearer(ben)
    own, foreign, never = (
        told(visitor, path, i) for i in (between[path][1], between[path][0], NEVER)
    )

    assert own == foreign == never
    assert own[0] == 403
