"""The attributes of the language as the builder and the completion take them."""

from typing import Any

from segments.completing import COMPLETES
from segments.language.checking import operators_of, parameter_operators
from segments.language.registry import ATTRIBUTES, PREFIXES, Attribute, Kind, ParameterType

GROUPS = ("Customer", "Orders", "RFM and predictions", "E-mail", "Storefront", "Metafields", "Ours")
BY_BEGINNING = {
    "shopify_email.": "E-mail",
    "storefront.": "Storefront",
    "customer.": "Metafields",
    "rfm_": "RFM and predictions",
    "predicted_": "RFM and predictions",
}
OF_ORDERS = (
    "number_of_orders", "amount_spent", "first_order_date", "last_order_date",
    "abandoned_checkout_date", "products_purchased", "orders_placed", "store_credit_accounts",
    "product_subscription_status",
)  # fmt: skip


def attribute_list() -> list[dict[str, Any]]:
    """Every attribute with its operators, parameters and fixed values, group by group."""
    told = [*map(tell, ATTRIBUTES.values()), *(tell(a, prefix=True) for a in PREFIXES.values())]
    return sorted(told, key=lambda attribute: GROUPS.index(attribute["group"]))


def tell(attribute: Attribute, *, prefix: bool = False) -> dict[str, Any]:
    """One attribute, or a family of those that begin so."""
    return {
        "name": attribute.name,
        "label": attribute.label,
        "help": attribute.help,
        "kind": attribute.kind,
        "group": group_of(attribute),
        "operators": operators_of(attribute),
        "values": attribute.values,
        "completes": COMPLETES.get((attribute.name, ""), own_completion(attribute)),
        "parameters": [tell_parameter(attribute, each) for each in attribute.parameters],
        "takes_argument": attribute.takes_argument,
        "extension": attribute.extension,
        "prefix": prefix,
    }


def tell_parameter(attribute: Attribute, parameter: ParameterType) -> dict[str, Any]:
    """One parameter of a function."""
    return {
        "name": parameter.name,
        "label": parameter.label,
        "kind": parameter.kind,
        "operators": parameter_operators(parameter),
        "values": parameter.values,
        "completes": COMPLETES.get((attribute.name, parameter.name), ""),
    }


def own_completion(attribute: Attribute) -> str:
    """What the attribute's own value is completed from; a function has none but its argument's."""
    plain = attribute.kind != Kind.FUNCTION or attribute.takes_argument
    return attribute.completes if plain else ""


def group_of(attribute: Attribute) -> str:
    """Under which heading it is offered."""
    if attribute.name in OF_ORDERS:
        return "Orders"
    found = (title for begins, title in BY_BEGINNING.items() if attribute.name.startswith(begins))
    return next(found, "Ours" if attribute.extension else "Customer")
