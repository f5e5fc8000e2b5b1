from django.db import migrations

CHUNK = 50_000
DEFAULTS = """
    INSERT INTO customers_customeraddress (tenant_id, customer_id, country, region, city, is_default)
    SELECT c.tenant_id, c.id, c.country, COALESCE(c.region, ''), COALESCE(c.city, ''), true
    FROM customers_customer c
    WHERE c.id > %s AND c.id <= %s AND c.country <> ''
    ON CONFLICT DO NOTHING
"""


def fill(apps, schema_editor):
    """Step by step, each its own transaction; a step that is done again changes nothing."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM customers_customer")
        for low in range(0, cursor.fetchone()[0], CHUNK):
            cursor.execute(DEFAULTS, [low, low + CHUNK])


class Migration(migrations.Migration):
    """The default address that each customer was told with becomes a row."""

    atomic = False

    dependencies = [("customers", "0006_addresses_companies_and_statistics")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
