"""What is only odd about a query, as far as the store's data tell: names that nobody has, and
counts that everybody has."""

import re
from collections.abc import Callable, Iterator, Mapping

from customers.models import CustomerAddress, CustomerTag
from orders.models import Product, ProductTag
from segments.compiling.membership import find_segment
from segments.compiling.sources import has_data, storable
from segments.language.formatter import clause_text
from segments.language.problems import Advice
from segments.language.ranges import COUNTS, cover, no_count
from segments.language.registry import find_attribute
from segments.language.tree import (
    Clause,
    Compare,
    Contains,
    Matches,
    Node,
    Number,
    OneOf,
    Text,
    Value,
    clauses_of,
)
from xeno.lib.postgres.scope import get_tenant_id
from xeno.lib.upsert import run

Unknown = Callable[[Clause], Iterator[Advice]]
COUNTRY = re.compile("[A-Z]{2}")
NONE, ALL = ("contradiction", "nobody"), ("always_true", "everybody")


def advise_with_data(node: Node) -> tuple[Advice, ...]:
    """Advice on the names in a query that the open store does not have, in the text's order."""
    return tuple(
        advice
        for clause in clauses_of(node)
        for advice in (*without_data(clause), *UNKNOWN.get(clause.name, nothing)(clause))
    )


def nothing(clause: Clause) -> Iterator[Advice]:
    """Most attributes name nothing that could be missing."""
    yield from ()


def without_data(clause: Clause) -> Iterator[Advice]:
    """That nobody tells this install of the attribute."""
    if not has_data(clause.name):
        message = f"There is no data for '{clause.name}' here: it is empty for every customer."
        yield Advice("no_data", message, clause.at)
    elif isinstance(clause.test, Matches):
        yield from about_count(clause, clause.test)


def about_count(clause: Clause, test: Matches) -> Iterator[Advice]:
    """A count that nobody has, or everybody: it is 0 of whom there is no such event."""
    function = find_attribute(clause.name)
    together = {
        each.name: each.test
        for each in test.parameters
        if function and (kind := function.parameter(each.name)) and kind.aggregate
    }
    if "count" not in together:
        return
    nobody = no_count(together["count"])
    everybody = len(together) == 1 and cover(together.values(), COUNTS.low, whole=True)
    if nobody or everybody:
        code, of = NONE if nobody != test.negated else ALL
        yield Advice(code, f"'{clause_text(clause)}' is true of {of}.", clause.at)


def unknown_tag(clause: Clause) -> Iterator[Advice]:
    """A tag that no customer has."""
    match clause.test:
        case Contains(value=Text(value=tag) as value):
            held = CustomerTag.objects.filter(present=True, tag_key=tag.lower())
            if not (storable(tag) and held.exists()):
                yield Advice("unknown_tag", f"No customer has the tag '{tag}'.", value.at)


def unknown_prefix(clause: Clause) -> Iterator[Advice]:
    """A beginning that no customer's tag has."""
    match clause.test:
        case Contains(value=Text(value=prefix) as value) if prefix:
            held = CustomerTag.objects.filter(present=True, tag_key__prefix=prefix.lower())
            if not (storable(prefix) and held.exists()):
                message = f"No customer has a tag that begins with '{prefix}'."
                yield Advice("unknown_tag", message, value.at)


def unknown_country(clause: Clause) -> Iterator[Advice]:
    """A country that no address has; of what is no code, how one is written."""
    match clause.test:
        case Contains(value=Text(value=code) as value):
            held = CustomerAddress.objects.filter(country=code)
            if not (code and storable(code) and held.exists()):
                hint = "" if COUNTRY.fullmatch(code) else ": write two capital letters, such as CA"
                message = f"No customer has an address in '{code}'{hint}."
                yield Advice("unknown_country", message, value.at)


def unknown_product(clause: Clause) -> Iterator[Advice]:
    """Ids of products, and their tags, that the store does not have and never sold."""
    given = list(parameters(clause))
    known = held_or_sold(
        {int(value.value) for name, value in given if name == "id" and isinstance(value, Number)}
    )
    for name, value in given:
        match name, value:
            case "id", Number(value=number) if int(number) not in known:
                message = f"There is no product with the id {int(number)}."
                yield Advice("unknown_product", message, value.at)
            case "tag", Text(value=tag):
                held = ProductTag.objects.filter(tag_key=tag.lower())
                if not (storable(tag) and held.exists()):
                    message = f"No product has the tag '{tag}'."
                    yield Advice("unknown_product_tag", message, value.at)


# One probe of the index an id: a product that is gone may have been sold a million times.
SOLD = """
    SELECT sought.id FROM unnest(%s::bigint[]) AS sought(id) WHERE EXISTS (
        SELECT FROM orders_lineitem line
        WHERE line.tenant_id = %s AND line.product_shopify_id = sought.id AND line.counted
    )
"""


def held_or_sold(shopify_ids: set[int]) -> set[int]:
    """Those of which a product is held here, or which a line of an order names."""
    held = Product.objects.filter(shopify_id__any_of=shopify_ids)
    known = set(held.values_list("shopify_id", flat=True)) if shopify_ids else set()
    left = sorted(shopify_ids - known)
    return known | ({pk for (pk,) in run(SOLD, [left, get_tenant_id()])} if left else set())


def unknown_segment(clause: Clause) -> Iterator[Advice]:
    """A segment that is not there: the query would be refused."""
    if find_segment(clause.argument) is None:
        message = f"There is no segment '{clause.argument}'."
        yield Advice("unknown_segment", message, clause.at)


def parameters(clause: Clause) -> Iterator[tuple[str, Value]]:
    """Each value of each parameter."""
    for each in clause.test.parameters if isinstance(clause.test, Matches) else ():
        match each.test:
            case Compare(value=value):
                yield each.name, value
            case OneOf(values=values):
                yield from ((each.name, value) for value in values)


UNKNOWN: Mapping[str, Unknown] = {
    "customer_tags": unknown_tag,
    "customer_tag_prefix": unknown_prefix,
    "customer_countries": unknown_country,
    "products_purchased": unknown_product,
    "segment": unknown_segment,
}
