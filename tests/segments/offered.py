"""Every question that the language offers, as text: each attribute with each of its operators,
each parameter of a function with each of its own, and what is made of several."""

from collections.abc import Iterator

from segments.language.checking import UNITS, operators_of, parameter_operators
from segments.language.registry import ATTRIBUTES, Attribute, Kind, ParameterType

DATES = ("2024-03-01", "-30d", "today", "2024-03-01T16:00:00")
PLACE = "coordinates = '52.52,13.405'"
TEXTS = {
    "customer_email_domain": "example.com",
    "customer_language": "en",
    "customer_tags": "vip",
    "customer_tag_prefix": "vi",
    "customer_cities": "DE-BE-Berlin",
    "customer_regions": "DE-BE",
    "customer_countries": "DE",
    "tag": "new",
    "category": "hg-1",
    "coordinates": "52.52,13.405",
}
TOGETHER = (
    "orders_placed MATCHES (date > -90d, count >= 2, sum_amount > 100)",
    "orders_placed NOT MATCHES (date > -90d, count < 2)",
    "products_purchased MATCHES (tag = 'new', date > -90d, sum_quantity >= 3)",
    "products_purchased MATCHES (id = 700000001, category != 'hg-1', count < 2)",
    "customer_tags CONTAINS 'vip' OR customer_tags CONTAINS 'press'",
    "customer_tags NOT CONTAINS 'vip' AND customer_tags NOT CONTAINS 'press'",
    "rfm_group = 'CHAMPIONS' OR rfm_group = 'LOYAL'",
    "number_of_orders = 1 OR number_of_orders = 2",
    "customer_language != 'en' AND customer_language != 'de'",
    "companies CONTAINS 1 OR companies CONTAINS 2",
)


def every_question() -> Iterator[str]:
    """All of them; what names another segment is left to its own tests."""
    for attribute in ATTRIBUTES.values():
        if attribute.name == "segment":
            continue
        for words in operators_of(attribute):
            if "MATCHES" in words:
                for inner in ("", *parameters_of(attribute)):
                    if inner or attribute.name != "customer_within_distance":
                        yield f"{attribute.name} {words} ({inner})"
            else:
                name = (
                    f"{attribute.name}('metafields.a.b')"
                    if (attribute.takes_argument)
                    else attribute.name
                )
                yield from (f"{name} {asked}" for asked in tests_of(attribute, words))
    yield from TOGETHER


def parameters_of(attribute: Attribute) -> Iterator[str]:
    """Each parameter with each of its operators."""
    for each in attribute.parameters:
        for words in parameter_operators(each):
            for asked in tests_of(each, words):
                if each.name in UNITS:
                    yield f"{PLACE}, {each.name} {asked}"
                elif each.name != "coordinates":
                    yield f"{each.name} {asked}"


def tests_of(of: Attribute | ParameterType, words: str) -> Iterator[str]:
    """One operator with values of the type."""
    if words.startswith("IS"):
        yield words
    elif words.endswith("IN"):
        yield f"{words} (700000001, 700000002)"
    elif words == "BETWEEN":
        yield from (f"BETWEEN {low} AND {high}" for low, high in ranges(of.kind))
    else:
        yield from (f"{words} {value}" for value in values(of))


def ranges(kind: Kind) -> tuple[tuple[str, str], ...]:
    """Both ends of it."""
    if kind is Kind.DATE:
        return ("2024-03-01", "today"), ("-90d", "2024-03-01T16:00:00")
    return (("1", "9"),) if kind is not Kind.FLOAT else (("1", "12.5"),)


def values(of: Attribute | ParameterType) -> tuple[str, ...]:
    """Literals of the type."""
    if of.kind is Kind.DATE:
        return DATES
    if of.kind is Kind.FLOAT:
        return "12.5", "12.5005"
    if of.kind in {Kind.INTEGER, Kind.ID, Kind.IDS}:
        return "5", "0"
    return (f"'{TEXTS.get(of.name) or next(iter(of.values), 'x')}'",)
