from django.db import migrations, models

# The tables that a store's first load fills. Only their owner may analyze them, so the
# application calls a function of the owner's; one run at a time, others are skipped.
CREATE = """
CREATE FUNCTION xeno_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('xeno_analyze')) THEN
        ANALYZE public.customers_customer, public.customers_customertag,
            public.customers_consentchange, public.customers_tombstone, public.orders_order,
            public.orders_lineitem, public.orders_refund, public.orders_product,
            public.orders_checkout, public.webhooks_delivery;
    END IF;
END $$;
REVOKE ALL ON FUNCTION xeno_analyze() FROM PUBLIC
"""


def grant(apps, schema_editor):
    """Let the application's login call it."""
    connection = schema_editor.connection
    if connection.settings_dict.get("MIGRATOR"):
        role = connection.ops.quote_name(connection.settings_dict["APPLICATION_ROLE"])
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION xeno_analyze() TO {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("customers", "0002_tenants_and_walls"),
        ("orders", "0002_tenants_and_walls"),
    ]

    operations = [
        migrations.AddField("applierlease", "applied", models.BigIntegerField(db_default=0, editable=False)),
        migrations.AddField("applierlease", "analyzed", models.BigIntegerField(db_default=0, editable=False)),
        migrations.RunSQL(CREATE, "DROP FUNCTION xeno_analyze()"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
