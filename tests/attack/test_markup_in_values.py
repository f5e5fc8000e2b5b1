"""Markup in whatever a storefront's visitor or Shopify can tell us stays text on every page."""

import pytest
from django.contrib import admin
from django.urls import reverse

from conftest import make_member, make_store
from tenants.models import Tenant
from tenants.roles import Role
from tests.canaries import Side, fill
from tests.visits import browser_of
from xeno.lib.postgres.scope import tenant_scope

MARKUP = "\"'><i x>"


class Hurting(Side):
    """A store in which every text breaks out of where it stands, if it can."""

    def word(self, kind="row"):
        return f"{MARKUP}{next(self.counted)}"


@pytest.fixture
def hurt(db):
    store = make_store("hurt.myshopify.com")
    Tenant.objects.filter(pk=store.pk).update(name=MARKUP, plan=MARKUP)
    owner = make_member(store, "ana@example.com", Role.OWNER)
    owner.name = MARKUP
    owner.save()
    with tenant_scope(store.pk):
        rows = fill(Hurting("hurt", 51_000_000_000), owner)
    return browser_of(owner), rows | {Tenant: store}


def pages(rows):
    """Every page about a row, and the lists of them."""
    yield from ("/admin/", "/account/")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if model in rows:
            pk = rows[model].pk
            yield from (reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history"))


def test_markup_is_shown_and_never_obeyed(hurt):
    browser, rows = hurt
    shown = 0

    for page in pages(rows):
        text = browser.get(page).content.decode()
        assert "<i x>" not in text, page
        shown += "&lt;i x&gt;" in text

    assert shown >= len(rows) / 2
