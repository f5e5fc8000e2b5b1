"""Bulk operations: a query over everything, answered as a file of lines."""

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
    validate,
)

from xeno.demo.shopify.nodes import NODES
from xeno.demo.shopify.search import matches
from xeno.demo.shopify.world import Shop

Json = dict[str, Any]
MOST_RUNNING = 5
CHUNK = 500


def run(shop: Shop, schema: Any, text: str) -> Json:
    """Begin an operation; its payload for the mutation, with userErrors when it may not be."""
    root, problem = read_query(schema, text)
    running = [o for o in shop.bulk.values() if o["status"] in ("CREATED", "RUNNING")]
    if problem is None and len(running) >= MOST_RUNNING:
        problem = "A bulk query operation for this app and shop is already in progress."
    if root is None or problem:
        error = {"code": "INVALID", "field": ["query"], "message": problem}
        return {"bulkOperation": None, "userErrors": [error]}
    with shop.lock:
        identity = 700_000_000_000 + len(shop.bulk)
        now = shop.clock()
        kept = shop.listed(root.name.value, now)
        chosen = [item for item in kept if matches(argument(root, "query"), item)]
        shop.bulk[identity] = {
            "__typename": "BulkOperation",
            "id": f"gid://shopify/BulkOperation/{identity}",
            "status": "CREATED",
            "type": "QUERY",
            "createdAt": now.isoformat().replace("+00:00", "Z"),
            "completedAt": None,
            "errorCode": None,
            "objectCount": "0",
            "rootObjectCount": "0",
            "fileSize": None,
            "url": None,
            "partialDataUrl": None,
            "_root": root,
            "_items": chosen,
        }
    return {"bulkOperation": shop.bulk[identity], "userErrors": []}


def read_query(schema: Any, text: str) -> tuple[FieldNode | None, str | None]:
    """The one field at the top, or what is wrong with the query."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, f"Invalid bulk query: {error.message}"
    errors = validate(schema, document)
    if errors:
        return None, f"Invalid bulk query: {errors[0].message}"
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101  # validated above
    fields = operation.selection_set.selections
    if (
        len(fields) != 1
        or not isinstance(fields[0], FieldNode)
        or fields[0].name.value not in NODES
    ):
        return None, "Bulk queries must contain exactly one connection at the top."
    return fields[0], None


def argument(field: FieldNode, name: str) -> str | None:
    """A text that the query gives to the field."""
    for given in field.arguments or ():
        if given.name.value == name and isinstance(given.value, StringValueNode):
            return given.value.value
    return None


def advance(shop: Shop, identity: int, base: str) -> Json | None:
    """The operation as it stands; each look brings it a step further."""
    with shop.lock:
        operation = shop.bulk.get(identity)
        if operation is None:
            return None
        if shop.faults.take("still_bulk"):
            return operation
        if operation["status"] == "CREATED":
            operation["status"] = "RUNNING"
        elif operation["status"] == "RUNNING":
            finish(shop, operation, f"{base}/bulk/{shop.domain}/{identity}.jsonl")
        elif operation["status"] == "CANCELING":
            operation["status"] = "CANCELED"
    return operation


def finish(shop: Shop, operation: Json, url: str) -> None:
    """End the operation, whole or in part."""
    operation["completedAt"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    count = len(operation["_items"])
    if shop.faults.take("partial_bulk"):
        count = int(count * shop.faults.partial_share)
        operation["_items"] = operation["_items"][:count]
        operation |= {"status": "FAILED", "errorCode": "INTERNAL_SERVER_ERROR"}
        operation["partialDataUrl"] = url if count else None
    else:
        operation["status"] = "COMPLETED"
        operation["url"] = url if count else None
    operation |= {"rootObjectCount": str(count), "objectCount": str(count)}


def lines(operation: Json) -> Iterator[bytes]:
    """The file: in no order, children up to a chunk before or after their parents."""
    root: FieldNode = operation["_root"]
    make, shuffled = NODES[root.name.value], random.Random(operation["id"])  # noqa: S311
    items = iter(operation["_items"])
    late: list[bytes] = []
    while chunk := list(itertools.islice(items, CHUNK)):
        early = list(late)
        late = []
        for payload in chunk:
            own, children = flatten(make(payload), node_of(root))
            (late if shuffled.random() < 0.3 else early).append(own)
            for child in children:
                (late if shuffled.random() < 0.3 else early).append(child)
        shuffled.shuffle(early)
        yield from early
    shuffled.shuffle(late)
    yield from late


def node_of(connection: FieldNode) -> SelectionSetNode:
    """What is asked of each node of a connection."""
    [edges] = fields_of(connection.selection_set)
    node = next(field for field in fields_of(edges.selection_set) if field.name.value == "node")
    assert node.selection_set  # noqa: S101  # validated: a node has fields
    return node.selection_set


def fields_of(selection: SelectionSetNode | None) -> list[FieldNode]:
    """The fields of a selection; bulk queries of ours have no fragments."""
    return [
        field
        for field in (selection.selections if selection else ())
        if isinstance(field, FieldNode)
    ]


def flatten(node: Json, wanted: SelectionSetNode) -> tuple[bytes, list[bytes]]:
    """A node's own line, and the lines of the connections within it."""
    own: Json = {}
    children: list[bytes] = []
    for field in fields_of(wanted):
        name = field.name.value
        value = node.get(name)
        inner = fields_of(field.selection_set)
        if inner and inner[0].name.value == "edges":
            for child in value or ():
                line = {**project(child, node_of(field)), "__parentId": node["id"]}
                children.append(write(line))
        else:
            own[name] = project(value, field.selection_set) if field.selection_set else value
    return write(own), children


def project(value: Any, wanted: SelectionSetNode) -> Any:
    """What is asked of a value."""
    if isinstance(value, list):
        return [project(item, wanted) for item in value]
    if value is None:
        return None
    return {
        field.name.value: project(value.get(field.name.value), field.selection_set)
        if field.selection_set
        else value.get(field.name.value)
        for field in fields_of(wanted)
    }


def write(line: Json) -> bytes:
    """A line of the file."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
