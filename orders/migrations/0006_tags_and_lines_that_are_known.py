from django.db import migrations

CHUNK = 50_000
TAGS = """
    INSERT INTO orders_producttag (tenant_id, product_id, product_shopify_id, tag, tag_key)
    SELECT DISTINCT ON (p.id, lower(btrim(told.tag)))
        p.tenant_id, p.id, p.shopify_id, btrim(told.tag), lower(btrim(told.tag))
    FROM orders_product p
    CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(p.tags) = 'array' THEN p.tags ELSE '[]' END
    ) WITH ORDINALITY AS told(tag, place)
    WHERE p.id > %s AND p.id <= %s AND btrim(told.tag) <> ''
    ORDER BY p.id, lower(btrim(told.tag)), told.place
    ON CONFLICT DO NOTHING
"""
LINES = """
    UPDATE orders_lineitem l SET counted = false
    FROM orders_order o
    WHERE o.id > %s AND o.id <= %s AND NOT o.counted
        AND l.tenant_id = o.tenant_id AND l.order_id = o.id AND l.counted
"""


def fill(apps, schema_editor):
    """Step by step, each its own transaction; a step that is done again changes nothing."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM orders_product")
        for low in range(0, cursor.fetchone()[0], CHUNK):
            cursor.execute(TAGS, [low, low + CHUNK])
        cursor.execute("SELECT COALESCE(max(id), 0) FROM orders_order")
        for low in range(0, cursor.fetchone()[0], CHUNK):
            cursor.execute(LINES, [low, low + CHUNK])


class Migration(migrations.Migration):
    """Tags of known products become rows; lines of orders that do not count say so."""

    atomic = False

    dependencies = [("orders", "0005_tags_of_products_and_what_lines_carry")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
