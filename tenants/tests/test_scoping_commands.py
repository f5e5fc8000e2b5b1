"""TenantCommand: a store by its domain, its scope around the work."""

import pytest
from django.core.management import CommandError, call_command

from tenants.scoping.commands import TenantCommand
from xeno.lib.postgres.scope import find_tenant_id, get_tenant_id


class Look(TenantCommand):
    def work(self, tenant, **options):
        self.seen = tenant, get_tenant_id()
        if options["verbosity"] == 3:
            raise ValueError


def test_the_work_runs_in_the_stores_scope(anas_store, cys_store):
    look = Look()

    call_command(look, "ANA.myshopify.com")

    assert look.seen == (anas_store, anas_store.pk)
    assert find_tenant_id() is None


def test_an_unknown_store_is_an_error_that_says_what_to_do(anas_store):
    look = Look()

    with pytest.raises(CommandError, match=r"no store cy.*create_store"):
        call_command(look, "cy.myshopify.com")
    assert not hasattr(look, "seen")


def test_no_store_at_all_is_an_error():
    with pytest.raises(CommandError, match="shop_domain"):
        call_command(Look())


def test_a_failing_command_closes_its_scope(anas_store):
    with pytest.raises(ValueError):
        call_command(Look(), "ana.myshopify.com", verbosity=3)

    assert find_tenant_id() is None
