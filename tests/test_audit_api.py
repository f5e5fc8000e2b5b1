"""`GET /audit`: an owner reads who did what; nobody else does."""

import pytest

from customers.models import Customer
from tenants.audit import Actor, save_audit
from tenants.models import ApiKey, AuditEntry
from tests.rows import make_row
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def entries(ana, ben, in_anas_store):
    """One of Ana's, one of Ben's, one of a key's, one of nobody's."""
    key = make_row(ApiKey, name="till", hint="abcd")
    customer = make_row(Customer)
    said = {"ana": Actor(ana), "ben": Actor(ben), "key": Actor(key=key), "xeno": Actor()}
    actions = {"ana": "store.changed", "ben": "customer.viewed", "key": "customer.viewed",
               "xeno": "store.changed"}  # fmt: skip
    targets = {"store.changed": in_anas_store, "customer.viewed": customer}
    return {
        name: save_audit(actor=who, action=actions[name], target=targets[actions[name]])
        for name, who in said.items()
    }


def ask(api, **query):
    response = api.get("/audit", query)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def ids(results):
    return [int(entry["id"]) for entry in results]


def test_the_newest_comes_first_with_who_and_what(ana, ana_api, entries):
    found = ask(ana_api)

    assert ids(found) == [entry.pk for entry in reversed(entries.values())]
    assert found[3]["actor"]["email"] == "ana@example.com"
    assert found[3]["action"] == "store.changed"
    assert (found[1]["actor"], found[1]["key"]["name"]) == (None, "till")


@pytest.mark.parametrize(("query", "wanted"), [
    (lambda e: {"actor": e["ben"].actor_id}, ["ben"]),
    (lambda e: {"key": e["key"].key_id}, ["key"]),
    (lambda e: {"action": "customer.viewed"}, ["key", "ben"]),
    (lambda e: {"object": "customers.customer"}, ["key", "ben"]),
    (lambda e: {"object": f"tenants.tenant:{e['ana'].object_id}"}, ["xeno", "ana"]),
    (lambda e: {"object": "tenants.tenant:99999"}, []),
    (lambda e: {"happened_after": "2001-01-01"}, ["xeno", "key", "ben", "ana"]),
    (lambda e: {"happened_before": "2001-01-01"}, []),
])  # fmt: skip
def test_it_is_narrowed_by(ana_api, entries, query, wanted):
    assert ids(ask(ana_api, **query(entries))) == [entries[name].pk for name in wanted]


def test_pages_follow_one_another(ana_api, entries):
    first = ana_api.get("/audit", {"page_size": 3}).json()
    second = ana_api.get(first["next"]).json()

    assert ids(first["results"] + second["results"]) == sorted(
        (entry.pk for entry in entries.values()), reverse=True
    )
    assert second["next"] is None


def test_an_analyst_may_not_read_it(ben_api, entries):
    assert ben_api.get("/audit").status_code == 403
    assert ben_api.get(f"/audit/{entries['ana'].pk}").status_code == 403


def test_another_store_has_its_own(cy_api, cys_store, entries):
    with tenant_scope(cys_store.pk):
        own = save_audit(actor=Actor(), action="store.changed", target=cys_store)

    assert ids(ask(cy_api)) == [own.pk]
    assert cy_api.get(f"/audit/{entries['ana'].pk}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_in_it_is_changed_over_the_api(ana_api, entries, method):
    assert getattr(ana_api, method)("/audit").status_code == 405
    assert getattr(ana_api, method)(f"/audit/{entries['ana'].pk}").status_code == 405
    assert AuditEntry.objects.count() == 4
