"""A store's tokens are never in the database as they are."""

from django.db import connection

from tenants.models import Tenant


def stored_token(tenant: Tenant) -> str:
    """What the row really holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM tenants_tenant WHERE id = %s", [tenant.pk])
        return cursor.fetchone()[0]


def test_the_row_holds_no_secret(anas_store):
    anas_store.access_token = "shpat_secret"
    anas_store.save()

    assert "shpat_secret" not in stored_token(anas_store)
    assert Tenant.objects.get(pk=anas_store.pk).access_token == "shpat_secret"


def test_an_update_in_the_database_is_encrypted_too(anas_store):
    Tenant.objects.filter(pk=anas_store.pk).update(access_token="shpat_secret")

    assert "shpat_secret" not in stored_token(anas_store)
    assert Tenant.objects.get(pk=anas_store.pk).access_token == "shpat_secret"
