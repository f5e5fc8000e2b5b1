"""Every question that we ask is one that Shopify understands, and nothing in it is going away."""

import pytest
from graphql import (
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    validate,
)
from graphql import visit as walk

from tenants.shopify.documents import document, names
from tenants.shopify.scopes import SCOPES
from tenants.shopify.tests import real_schema

with_real_schema = pytest.mark.skipif(
    not real_schema.FILE.exists(), reason="Shopify's schema does not lie beside the project"
)


@pytest.fixture(scope="module")
def part():
    return build_schema(real_schema.PART.read_text())


@pytest.fixture(scope="module")
def real():
    """The whole schema, and the scopes of its fields."""
    return real_schema.load()


class Asked(Visitor):
    """Which types and fields a document touches, and which of them are deprecated."""

    def __init__(self, types):
        super().__init__()
        self.types, self.touched, self.deprecated = types, set(), set()

    def enter_field(self, node, *_):
        field, parent = self.types.get_field_def(), self.types.get_parent_type()
        if field is None or parent is None:
            return
        self.touched |= {(parent.name, node.name.value), (get_named_type(field.type).name, None)}
        if field.deprecation_reason:
            self.deprecated.add((parent.name, node.name.value))


def ask(schema, name):
    asked = Asked(TypeInfo(schema))
    walk(parse(document(name)), TypeInfoVisitor(asked.types, asked))
    return asked


@pytest.mark.parametrize("name", names())
def test_a_document_fits_the_part_of_the_schema_in_the_project(part, name):
    assert validate(part, parse(document(name))) == []


@with_real_schema
@pytest.mark.parametrize("name", names())
def test_a_document_fits_shopifys_own_schema_and_asks_nothing_deprecated(real, name):
    schema, _ = real

    assert validate(schema, parse(document(name))) == []
    assert ask(schema, name).deprecated == set()


@with_real_schema
def test_the_part_in_the_project_is_cut_from_the_real_one():
    schema, _ = real_schema.load()  # one of its own: the cut changes it

    assert real_schema.part_we_use(schema) == real_schema.PART.read_text()


@with_real_schema
@pytest.mark.parametrize("name", names())
def test_the_scopes_that_we_ask_for_suffice(real, name):
    schema, items = real
    needs = {(item["typeName"], item.get("fieldName")): item["offlineScopes"] for item in items}

    for place in ask(schema, name).touched:
        one_of = needs.get(place)
        assert not one_of or SCOPES.keys() & set(one_of), (place, one_of)


@with_real_schema
def test_no_scope_is_asked_for_that_nothing_needs(real):
    schema, items = real
    needs = {(item["typeName"], item.get("fieldName")): item["offlineScopes"] for item in items}
    asked = set().union(*(ask(schema, name).touched for name in names()))
    used = {scope for place in asked for scope in needs.get(place) or ()}

    # A merge is told by webhook only.
    assert SCOPES.keys() - used == {"read_customer_merge"}
