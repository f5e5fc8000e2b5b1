"""What a customer ordered and bought: orders_placed reads orders, products_purchased lines."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Aggregate, BigIntegerField, Count, Exists, OuterRef, Q, QuerySet, Sum

from orders.models import LineItem, Order, Product, ProductTag
from segments.compiling.events import (
    COUNT,
    Asked,
    Events,
    Total,
    by_date,
    by_id,
    by_number,
)
from segments.compiling.sources import Question, Source, storable
from segments.compiling.spans import EVERYBODY, INT4, NOBODY, numbers
from segments.language.tree import Compare, OneOf, Operator, Text
from xeno.lib.money import THOUSANDTHS, MoneyField


def stored_amount(thousandths: int) -> Decimal:
    """What the field of money takes."""
    return Decimal(thousandths) / THOUSANDTHS


def in_currency(asked: Question) -> Q:
    """Orders whose amount can be compared; that of another currency is null."""
    return Q(currency=asked.clock.currency)


def by_amount(test: Asked, asked: Question) -> Q:
    """What is left of the order, in the store's currency."""
    if isinstance(test, OneOf):
        raise TypeError("amount takes no list")
    span = numbers(test, scale=THOUSANDTHS)
    found = span.condition("current_amount", nullable=False, stored=stored_amount)
    return found | ~in_currency(asked) if span.outside else found & in_currency(asked)


def sum_of_amounts(asked: Question) -> Aggregate:
    """What is left of all of them; other currencies are never added."""
    return Sum("current_amount", filter=in_currency(asked), output_field=MoneyField())


def count_orders(asked: Question) -> Aggregate:
    """How many orders the lines belong to."""
    return Count("order_id", distinct=True)


def sum_of_quantities(asked: Question) -> Aggregate:
    """The pieces of all of them."""
    return Sum("quantity", output_field=BigIntegerField())


def of_product(found: QuerySet[Product] | QuerySet[ProductTag], column: str) -> Q:
    """Lines whose product is one of these."""
    return Q(Exists(found.filter(**{column: OuterRef("product_shopify_id")})))


def by_product_tag(test: Asked, asked: Question) -> Q:
    """A tag that the line's product has now, in any case."""
    text, negated = one_text(test)
    if not text:
        return EVERYBODY if negated else NOBODY
    found = of_product(
        ProductTag.objects.by_policy().filter(tag_key=text.lower()), "product_shopify_id"
    )
    return ~found if negated else found


def by_category(test: Asked, asked: Question) -> Q:
    """The product's category now, by its id in the taxonomy or its full name."""
    text, negated = one_text(test)
    if not text:
        return EVERYBODY if negated else NOBODY
    products = Product.objects.by_policy().filter(Q(category_id=text) | Q(category=text))
    found = of_product(products, "shopify_id")
    return ~found if negated else found


def one_text(test: Asked) -> tuple[str | None, bool]:
    """The text that is asked for, None when nothing can have it, and whether it is refused."""
    if not isinstance(test, Compare) or not isinstance(test.value, Text):
        raise TypeError("asks for one text")
    text = test.value.value
    return text if storable(text) else None, test.operator is Operator.NOT_EQUAL


ORDERS = Events(
    model=Order,
    kinds=frozenset({"orders"}),
    base=Q(counted=True),
    at="processed_at",
    choosers={
        "app_id": by_id("app_id"),
        "location_id": by_id("location_id"),
        "amount": by_amount,
        "date": by_date("processed_at"),
    },
    totals={
        "count": COUNT,
        "sum_amount": Total(sum_of_amounts, scale=THOUSANDTHS, stored=stored_amount),
    },
)
PRODUCTS = Events(
    model=LineItem,
    kinds=frozenset({"lines"}),
    base=Q(counted=True),
    at="ordered_at",
    choosers={
        "id": by_id("product_shopify_id"),
        "tag": by_product_tag,
        "category": by_category,
        "date": by_date("ordered_at"),
        "quantity": by_number("quantity", largest=INT4),
    },
    totals={
        "count": Total(count_orders, largest=INT4, nullable=False),
        "sum_quantity": Total(sum_of_quantities),
    },
    kinds_of={"tag": "products", "category": "products"},
)
PURCHASES: Mapping[str, Source] = {"orders_placed": ORDERS, "products_purchased": PRODUCTS}
