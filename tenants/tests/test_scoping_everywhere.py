"""for_every_tenant: each store in its own scope, and nobody waits for another's failure."""

import pytest
import structlog
from django.db import connection

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from xeno.lib.postgres.scope import find_tenant_id, get_tenant_id, tenant_scope


def test_the_work_runs_in_each_stores_scope_in_turn(anas_store, cys_store):
    seen = []

    done = for_every_tenant(lambda tenant: seen.append((tenant, get_tenant_id())), reason="test")

    assert seen == [(anas_store, anas_store.pk), (cys_store, cys_store.pk)]
    assert (done, find_tenant_id()) == (2, None)


def test_a_failure_in_one_store_leaves_the_others_their_turn(anas_store, cys_store):
    seen = []

    def work(tenant):
        seen.append(tenant)
        if tenant == anas_store:
            raise ValueError

    with structlog.testing.capture_logs() as logs:
        for_every_tenant(work, reason="nightly refresh")

    assert seen == [anas_store, cys_store]
    failure = next(log for log in logs if log["event"] == "tenant_work_failed")
    assert (failure["tenant_id"], failure["reason"]) == (anas_store.pk, "nightly refresh")
    assert find_tenant_id() is None


def test_it_gives_the_callers_scope_back(anas_store, cys_store):
    with tenant_scope(cys_store.pk):
        for_every_tenant(lambda _: None, reason="test")

        assert get_tenant_id() == cys_store.pk


def test_an_exit_is_not_a_failure_of_one_store(anas_store, cys_store):
    def leave(tenant):
        raise SystemExit

    with pytest.raises(SystemExit):
        for_every_tenant(leave, reason="test")
    assert find_tenant_id() is None


def test_a_connection_lost_in_one_store_is_made_anew_for_the_next(transactional_db):
    for name in ("ana", "cy"):
        Tenant.objects.create(shop_domain=f"{name}.myshopify.com", name=name, currency="GBP")
    seen = []

    def work(tenant):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('xeno.tenant_id')::bigint")
            seen.append(cursor.fetchone()[0] == tenant.pk)
            if tenant.name == "ana":
                connection.connection.close()
                cursor.execute("SELECT 1")

    for_every_tenant(work, reason="test")

    assert seen == [True, True]
