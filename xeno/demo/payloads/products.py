"""Bodies about products."""

from datetime import datetime

from xeno.demo.catalogue import CATEGORIES, Product
from xeno.demo.payloads.shapes import Json, gid, product_id, stamp, utc_stamp, variant_id


def product(product: Product, at: datetime) -> Json:
    """products/create."""
    identity, variant = product_id(product), variant_id(product)
    category_id, category = CATEGORIES[product.kind]
    return {
        "admin_graphql_api_id": gid("Product", identity),
        "body_html": f"<p>{product.title}, by {product.vendor}.</p>",
        "created_at": stamp(at),
        "handle": product.title.lower().replace(",", "").replace(" ", "-"),
        "id": identity,
        "product_type": product.kind,
        "published_at": stamp(at),
        "template_suffix": None,
        "title": product.title,
        "updated_at": stamp(at),
        "vendor": product.vendor,
        "status": "active",
        "published_scope": "web",
        "tags": ", ".join(product.tags),
        "variants": [
            {
                "admin_graphql_api_id": gid("ProductVariant", variant),
                "created_at": stamp(at),
                "id": variant,
                "inventory_policy": "deny",
                "position": 1,
                "price": str(product.price),
                "product_id": identity,
                "sku": product.sku,
                "taxable": True,
                "title": "Default Title",
                "updated_at": stamp(at),
                "option1": "Default Title",
            }
        ],
        "options": [{"name": "Title", "position": 1, "values": ["Default Title"]}],
        "images": [],
        "image": None,
        "media": [],
        "variant_gids": [
            {"admin_graphql_api_id": gid("ProductVariant", variant), "updated_at": utc_stamp(at)}
        ],
        "has_variants_that_requires_components": False,
        "category": {
            "admin_graphql_api_id": f"gid://shopify/TaxonomyCategory/{category_id}",
            "name": category.rsplit(" > ", 1)[-1],
            "full_name": category,
        },
    }
