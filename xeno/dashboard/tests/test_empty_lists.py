"""A store on its first day: each list says that nothing is there yet, and what to do next."""

import pytest
from django.contrib import admin
from django.urls import reverse

from campaigns.models import LocalMail
from conftest import make_member
from tenants.models import AuditEntry, Membership, Tenant, User
from tenants.roles import Role
from tenants.scoping.admin import TenantModelAdmin
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
# The store, its owner, and what the owner did are there from the beginning.
NEVER_EMPTY = (Tenant, Membership, AuditEntry, User)
EMPTY = [model for model in admin.site._registry if model not in NEVER_EMPTY]
SEARCHED = [model for model in EMPTY if admin.site._registry[model].search_fields]


def list_url(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", EMPTY, ids=lambda m: m.__name__)
def test_an_empty_list_says_what_to_do_next(model, anas):
    page = admin.site._registry[model]

    _, _, shown = anas.get(list_url(model)).text.partition('id="changelist"')

    assert f"No {page.many or model._meta.verbose_name_plural} yet</h2>" in shown
    assert page.empty_text != TenantModelAdmin.empty_text or page.empty_template
    assert 'href="/admin/' in shown or "nothing to do" in shown


def test_a_page_with_a_name_of_its_own_counts_its_rows_in_words(anas, anas_rows, anas_store):
    make_member(anas_store, "sue@example.com", Role.SUPPORT)

    assert "2 members\n" in anas.get(list_url(Membership)).text
    with tenant_scope(anas_store.pk):
        LocalMail.objects.all().delete()
    assert "No mails yet</h2>" in anas.get(list_url(LocalMail)).text


@pytest.mark.parametrize("model", SEARCHED, ids=lambda m: m.__name__)
def test_a_search_that_finds_nothing_offers_the_whole_list(model, anas):
    text = anas.get(list_url(model), {"q": "nobody"}).text

    assert "Nothing matches" in text
    assert "Show all" in text


def test_nobody_is_sent_where_they_may_not_go(signed_in, anas_store):
    sue = make_member(anas_store, "sue@example.com", Role.SUPPORT)

    text = signed_in(sue).get("/admin/orders/order/").text

    assert "No orders yet" in text
    assert "See the connection" not in text
