"""Every registered page opens, fast, and shows the store's rows."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.staticfiles.finders import find
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.text import capfirst

from tenants.models import User
from tenants.scoping.admin import TenantModelAdmin

MODELS = [model for model in admin.site._registry if model is not User]
# What the row of each model is called in the fixture.
ROWS = {
    "invitation": "invitation",
    "apikey": "key",
    "customer": "customer", "order": "order", "product": "product", "checkout": "checkout",
    "delivery": "delivery", "auditentry": "audit", "membership": "member", "tenant": "store",
    "privacyrequest": "privacy", "edit": "edit", "sync": "sync", "segment": "segment",
    "campaign": "campaign", "localmail": "mail", "sender": "sender", "topic": "topic",
    "suppression": "suppression", "template": "template", "export": "export", "import": "upload",
}  # fmt: skip

pytestmark = pytest.mark.django_db


def list_url(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_url(model, rows, page="change"):
    row = getattr(rows, ROWS[model._meta.model_name])
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_each_list_opens_with_its_row_and_the_row_opens(model, anas, anas_rows):
    response = anas.get(list_url(model))

    assert response.status_code == 200
    assert response.context["cl"].result_count == 1
    assert response.context["title"] == capfirst(model._meta.verbose_name_plural)
    assert page_url(model, anas_rows) in response.text
    for page in ("change", "history"):
        assert anas.get(page_url(model, anas_rows, page)).status_code == 200


def test_a_plain_columns_name_begins_with_a_capital_on_a_phone_too():
    css = Path(find("xeno/admin.css")).read_text()
    [capital] = re.findall(r"\.data-row :is\(([^)]+)\)::before \{ text-transform: capital", css)
    plain = {
        f".field-{name}"
        for page in admin.site._registry.values()
        for name in {field.name for field in page.opts.fields} & {*page.list_display}
    }

    assert plain <= {name.strip() for name in capital.split(",")}


def test_the_list_of_orders_begins_with_the_order(anas, anas_rows):
    text = anas.get(list_url(type(anas_rows.order))).text

    assert 'data-label="Order"' in text
    assert 'data-label="name"' not in text


def test_customer_page_tells_totals_consent_tags_and_orders(anas, anas_rows):
    text = anas.get(page_url(type(anas_rows.customer), anas_rows)).text

    for told in ("19.90 GBP", "Computed from the orders held here", "Zelda fan", "Zelda notes",
                 "#Zelda", "subscribed", "1 Mar 2026, 12:00"):  # fmt: skip
        assert told in text


def test_order_page_tells_lines_and_refunds(anas, anas_rows):
    text = anas.get(page_url(type(anas_rows.order), anas_rows)).text

    for told in ("Zelda mug", "1 of 2", "14.95 GBP", "Zelda broke", "29.90 GBP"):
        assert told in text


def test_times_are_the_stores(signed_in, cy, cys_rows):
    text = signed_in(cy).get(page_url(type(cys_rows.order), cys_rows)).text

    assert "1 Mar 2026, 07:00" in text  # noon UTC in New York


def queries_of(client, url, **query):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, query).status_code == 200
    return [query["sql"] for query in captured]


def test_no_list_counts_a_table_or_uses_like(anas, anas_rows):
    for model in MODELS:
        searched = {"q": "zel"} if admin.site._registry[model].search_fields else {}

        queries = queries_of(anas, list_url(model), **searched)

        for sql in queries:
            assert " LIKE " not in sql.upper(), sql
            assert "COUNT(" not in sql.upper() or re.search(r"LIMIT \d", sql), sql
        # Session, user, membership and store, 2 of rights, menu, badge, count, rows, and a few.
        assert len(queries) <= 16, model


def test_home_reads_a_bounded_number_of_rows(anas, anas_rows):
    queries = queries_of(anas, "/admin/")

    assert len(queries) <= 20
    for sql in queries:
        if '"orders_order"' in sql or '"customers_customer"' in sql or "delivery" in sql:
            assert re.search(r"LIMIT \d", sql), sql


def test_a_count_stops_and_pages_end_there(anas, anas_rows, monkeypatch):
    monkeypatch.setattr("tenants.scoping.listing.CappedPaginator.most_rows", 0)

    response = anas.get(list_url(type(anas_rows.customer)))

    assert "More than 0 customers" in response.text
    assert anas.get(list_url(type(anas_rows.customer)), {"p": 9}).status_code in (200, 302)


def test_only_indexed_columns_sort(anas, anas_rows):
    cl = anas.get(list_url(type(anas_rows.customer)), {"o": "1"}).context["cl"]
    assert "email_consent" not in str(cl.queryset.query.order_by)

    cl = anas.get(list_url(type(anas_rows.customer)), {"o": "4"}).context["cl"]
    assert cl.queryset.query.order_by == ("total_spent", "pk")


def test_filters_find_and_leave_out(anas, anas_rows):
    customers, orders = list_url(type(anas_rows.customer)), list_url(type(anas_rows.order))

    def found(url, **query):
        return anas.get(url, query).context["cl"].result_count

    assert found(customers, tag="ZELDA fan", email_consent="subscribed", country="gb") == 1
    assert found(customers, email_consent="unsubscribed") == 0
    assert found(orders, processed_at_from="2026-03-01", processed_at_to="2026-03-01") == 1
    assert found(orders, processed_at_to="2026-02-28") == 0
    assert found(orders, processed_at_from="no day") == 1
    assert found(orders, customer=anas_rows.customer.pk) == 1


def test_every_admin_class_stands_on_the_base():
    for model, page in admin.site._registry.items():
        assert isinstance(page, TenantModelAdmin), model
        assert page.date_hierarchy is None
        assert page.show_full_result_count is False


def test_no_page_deletes_a_store_or_adds_what_shopify_owns(anas, anas_rows):
    assert anas.get(page_url(type(anas_rows.store), anas_rows, "delete")).status_code == 403
    assert anas.get(reverse("admin:customers_customer_add")).status_code == 403
    assert anas.get(page_url(type(anas_rows.customer), anas_rows, "delete")).status_code == 403


def test_no_page_shows_a_token(anas, anas_rows):
    anas_rows.store.access_token = "shpat_secret"
    anas_rows.store.save()

    assert "shpat_secret" not in anas.get(page_url(type(anas_rows.store), anas_rows)).text


def test_operators_have_their_pages(signed_in, operator, ben, anas_rows):
    client = signed_in(operator)

    assert ben.email in client.get("/admin/tenants/user/", {"q": "BEN@"}).text
    assert client.get(f"/admin/tenants/user/{ben.pk}/change/").status_code == 200
