"""Shopify's own Admin schema where it lies beside the project, and the part of it that we use.

`python -m tenants.shopify.tests.real_schema` writes that part anew, after a change of a document.
"""

import gzip
import json
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    get_named_type,
    parse,
    print_type,
    visit,
)

from tenants.shopify.documents import document, names

FILE = Path(__file__).resolve().parents[4] / "shared" / "shopify" / "admin_2026-10.json.gz"
PART = Path(__file__).resolve().parents[1] / "admin.graphql"
# Of input types with dozens of fields, those that we or the stand-in speak of.
INPUT_FIELDS = {
    "CustomerInput": {"id", "note"},
    "WebhookSubscriptionInput": {"uri", "format", "includeFields", "filter", "name"},
}
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


def load() -> tuple[GraphQLSchema, list[dict]]:
    """The schema, and which scopes each type and field needs."""
    told = json.loads(gzip.decompress(FILE.read_bytes()))
    schema = build_client_schema(told["data"], assume_valid=True)
    return schema, told["offline_scopes"]["items"]


class Usage(Visitor):
    """Collects the fields and arguments that a document asks for."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.fields: dict[str, dict[str, set[str]]] = {}

    def enter_field(self, node, *_):
        parent = self.types.get_parent_type()
        if parent and not node.name.value.startswith("__"):
            asked = self.fields.setdefault(parent.name, {}).setdefault(node.name.value, set())
            asked |= {argument.name.value for argument in node.arguments or ()}


def used_fields(schema: GraphQLSchema) -> dict[str, dict[str, set[str]]]:
    """Type → field → arguments, over all documents."""
    types = TypeInfo(schema)
    usage = Usage(types)
    for name in names():
        visit(parse(document(name)), TypeInfoVisitor(types, usage))
    # What every page of a list has, asked here or not.
    usage.fields.setdefault("Customer", {}).setdefault("updatedAt", set())
    return usage.fields


def part_we_use(schema: GraphQLSchema) -> str:
    """The schema with nothing but what our documents ask for, as text."""
    used = used_fields(schema)
    kept: dict[str, GraphQLNamedType] = {}
    for name, fields in used.items():
        whole = schema.type_map[name]
        whole.fields = {key: whole.fields[key] for key in whole.fields if key in fields}
        for key, arguments in fields.items():
            field = whole.fields[key]
            needed = {n for n, a in field.args.items() if str(a.type).endswith("!")}
            field.args = {n: a for n, a in field.args.items() if n in arguments | needed}
            keep(schema, kept, get_named_type(field.type))
            for argument in field.args.values():
                keep(schema, kept, get_named_type(argument.type))
        kept[name] = whole
    for whole in kept.values():
        if isinstance(whole, GraphQLObjectType):
            whole.interfaces = tuple(
                i
                for i in whole.interfaces
                if i.name in used and used[i.name].keys() <= used[whole.name].keys()
            )
    texts = [print_type(without_words(kept[name])) for name in sorted(kept)]
    head = "schema {\n  query: QueryRoot\n  mutation: Mutation\n}"
    return "\n\n".join([head, *texts]) + "\n"


def keep(schema: GraphQLSchema, kept: dict[str, GraphQLNamedType], whole: GraphQLNamedType) -> None:
    """Keep a type that a field speaks of, and with an input type what it is made of."""
    if whole.name in kept or whole.name in BUILT_IN:
        return
    if isinstance(whole, (GraphQLObjectType, GraphQLInterfaceType)):
        return  # kept by the fields that are asked of it
    kept[whole.name] = whole
    if isinstance(whole, GraphQLInputObjectType):
        wanted = INPUT_FIELDS.get(whole.name, set(whole.fields))
        whole.fields = {key: field for key, field in whole.fields.items() if key in wanted}
        for field in whole.fields.values():
            keep(schema, kept, get_named_type(field.type))


def without_words(whole: GraphQLNamedType) -> GraphQLNamedType:
    """The type without its descriptions."""
    whole.description = None
    if isinstance(whole, GraphQLEnumType):
        for value in whole.values.values():
            value.description = None
        return whole
    for field in getattr(whole, "fields", {}).values():
        field.description = None
        for argument in getattr(field, "args", {}).values():
            argument.description = None
    return whole


if __name__ == "__main__":
    PART.write_text(part_we_use(load()[0]))
