"""Tags of products as rows, in step with the list that Shopify tells as a whole."""

from collections.abc import Iterable, Sequence

import msgspec

from tenants.models import Tenant
from xeno.lib.upsert import Row, Written, array, arrays, run, unnest

TAG_COLUMNS = {
    "product_id": "bigint",
    "product_shopify_id": "bigint",
    "tag": "text",
    "tag_key": "text",
}


def follow_products(*, tenant: Tenant, products: Sequence[Written]) -> None:
    """Bring the tags of products that were just written, each read with `tags`, to its list."""
    if not products:
        return
    columns = arrays(TAG_COLUMNS, tag_rows(products))
    held = [product.id for product in products if not product.inserted]
    if held:
        run(DROP_MISSING, [columns[0], columns[3], tenant.pk, array(held)])
    run(UPSERT_TAGS, [tenant.pk, *columns])


def tag_rows(products: Iterable[Written]) -> list[Row]:
    """The rows of these products' tags; of two spellings of one tag, the first of the list."""
    rows: dict[tuple[int, str], Row] = {}
    for product in products:
        for tag in read_tags(product.read[0]):
            key = (product.id, tag.lower())
            rows.setdefault(key, (product.id, product.shopify_id, tag, tag.lower()))
    return [rows[key] for key in sorted(rows)]


def read_tags(stored: str | list[str] | None) -> list[str]:
    """The tags that a row of products holds, which may never have been told."""
    told = msgspec.json.decode(stored) if isinstance(stored, str) else stored
    return [tag.strip() for tag in told or () if tag.strip()]


def remove_tags(*, tenant: Tenant, product_shopify_ids: Iterable[int]) -> None:
    """Delete the tags of products that are about to go."""
    run(
        "DELETE FROM orders_producttag t USING orders_product p"
        " WHERE p.tenant_id = %s AND p.shopify_id = ANY(%s::bigint[])"
        " AND t.tenant_id = p.tenant_id AND t.product_id = p.id",
        [tenant.pk, array(sorted(set(product_shopify_ids)))],
    )


DROP_MISSING = """
    WITH kept AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::text[]) AS kept(product_id, tag_key)
    )
    DELETE FROM orders_producttag t
    WHERE t.tenant_id = %s AND t.product_id = ANY(%s::bigint[])
        AND NOT EXISTS (
            SELECT FROM kept WHERE kept.product_id = t.product_id AND kept.tag_key = t.tag_key
        )
"""
UPSERT_TAGS = f"""
    INSERT INTO orders_producttag AS old (tenant_id, {", ".join(TAG_COLUMNS)})
    SELECT %s, new.* FROM {unnest(TAG_COLUMNS)}
    ON CONFLICT (tenant_id, product_id, tag_key) DO UPDATE SET tag = excluded.tag
    WHERE old.tag <> excluded.tag
"""
