from django.db import migrations

# As 0002 made it, with the tables that a first load fills since.
REPLACE = """
CREATE OR REPLACE FUNCTION xeno_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('xeno_analyze')) THEN
        ANALYZE public.customers_customer, public.customers_customertag,
            public.customers_customeraddress, public.customers_customercompany,
            public.customers_consentchange, public.customers_tombstone, public.orders_order,
            public.orders_lineitem, public.orders_refund, public.orders_product,
            public.orders_producttag, public.orders_checkout, public.webhooks_delivery;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0009_sync_that_stands_still"),
        ("customers", "0006_addresses_companies_and_statistics"),
        ("orders", "0005_tags_of_products_and_what_lines_carry"),
    ]

    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
