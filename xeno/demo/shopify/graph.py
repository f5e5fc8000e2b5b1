"""The Admin API: the real schema's part that the app uses, answered from a shop's objects."""

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    default_field_resolver,
    graphql_sync,
    parse,
    validate,
)

import tenants.shopify
from xeno.demo.shopify import bulk
from xeno.demo.shopify.nodes import NODES
from xeno.demo.shopify.search import matches
from xeno.demo.shopify.world import Shop, number

Json = dict[str, Any]
BUCKET, RESTORED = 2000, 100
DEFAULT_PAGE = 50


@cache
def schema() -> GraphQLSchema:
    """The part of Shopify's schema that lies in the project."""
    return build_schema((Path(tenants.shopify.__file__).parent / "admin.graphql").read_text())


def answer(shop: Shop, base: str, body: Json) -> Json:
    """The answer to one question, with its cost; THROTTLED when that was ordered."""
    if shop.faults.take("throttled"):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return {"errors": [error], "extensions": cost(100, 0)}
    text = str(body.get("query") or "")
    try:
        problems = validate(schema(), parse(text))
    except GraphQLError as error:
        problems = [error]
    if problems:
        return {"errors": [{"message": problem.message} for problem in problems]}
    result = graphql_sync(
        schema(),
        text,
        root_value=root(shop, base),
        variable_values=body.get("variables"),
        operation_name=body.get("operationName"),
        context_value=shop,
        field_resolver=resolve,
    )
    told: Json = {"data": result.data, "extensions": cost(12, BUCKET - 12)}
    if result.errors:
        told["errors"] = [error.formatted for error in result.errors]
    return told


def cost(asked: float, left: float) -> Json:
    """What an answer says of the shop's points."""
    status = {"maximumAvailable": BUCKET, "currentlyAvailable": left, "restoreRate": RESTORED}
    return {
        "cost": {
            "requestedQueryCost": asked,
            "actualQueryCost": asked,
            "throttleStatus": status,
        }
    }


def resolve(source: Any, info: Any, **arguments: Any) -> Any:
    """A field; one of a customer that the app may not see is null, with the reason."""
    if info.parent_type.name == "Customer" and info.field_name in info.context.faults.withheld:
        message = f"This app is not approved to use the {info.field_name} field."
        raise GraphQLError(message, extensions={"code": "ACCESS_DENIED"})
    return default_field_resolver(source, info, **arguments)


def root(shop: Shop, base: str) -> Json:
    """What stands at the top of the graph: questions and changes by name."""
    questions = {kind: lister(shop, kind) for kind in NODES}
    return {
        **questions,
        "customer": lambda _, id: find(shop, "customers", id),
        "shop": lambda _: {
            "id": "gid://shopify/Shop/1",
            "name": shop.name,
            "myshopifyDomain": shop.domain,
            "currencyCode": shop.currency,
            "ianaTimezone": shop.zone,
            "plan": {"publicDisplayName": "Basic"},
        },
        "currentAppInstallation": lambda _: {
            "accessScopes": [{"handle": scope} for scope in sorted(shop.scopes)]
        },
        "customersCount": counter(shop, "customers"),
        "ordersCount": counter(shop, "orders"),
        "productsCount": counter(shop, "products"),
        "webhookSubscriptions": lambda _, **page: connection(
            list(shop.subscriptions.values()), **page
        ),
        "segments": lambda _, **page: connection(shop.segments, **page),
        "bulkOperation": lambda _, id: bulk.advance(shop, number(id), base),
        **changes(shop),
    }


def changes(shop: Shop) -> Json:
    """The mutations."""
    return {
        "bulkOperationRunQuery": lambda _, query, **__: bulk.run(shop, schema(), query),
        "bulkOperationCancel": lambda _, id: cancel(shop, number(id)),
        "webhookSubscriptionCreate": lambda _, **given: subscribe(shop, **given),
        "webhookSubscriptionDelete": lambda _, id: unsubscribe(shop, id),
        "tagsAdd": lambda _, id, tags: tag(shop, id, add=tags),
        "tagsRemove": lambda _, id, tags: tag(shop, id, remove=tags),
        "customerUpdate": lambda _, input: save_note(shop, input),
        "customerEmailMarketingConsentUpdate": lambda _, input: save_consent(shop, input),
    }


def lister(shop: Shop, kind: str) -> Any:
    """A field that lists the objects of a kind."""

    def listed(_: Any, query: str | None = None, **page: Any) -> Json:
        found = shop.listed(kind, datetime.now(UTC))
        return connection([NODES[kind](p) for p in found if matches(query, p)], **page)

    return listed


def counter(shop: Shop, kind: str) -> Any:
    """A field that counts the objects of a kind."""

    def counted(_: Any, query: str | None = None, **__: Any) -> Json:
        found = shop.listed(kind, datetime.now(UTC))
        return {"count": sum(matches(query, item) for item in found), "precision": "EXACT"}

    return counted


def connection(
    nodes: list[Json], first: int = DEFAULT_PAGE, after: str | None = None, **_: Any
) -> Json:
    """One page of a list."""
    start = int(after) if after else 0
    page = nodes[start : start + first]
    edges = [{"node": node, "cursor": str(start + n + 1)} for n, node in enumerate(page)]
    info = {"hasNextPage": start + first < len(nodes), "endCursor": str(start + len(page))}
    return {"edges": edges, "nodes": page, "pageInfo": info}


def find(shop: Shop, kind: str, gid: str) -> Json | None:
    """One object by GraphQL's name."""
    payload = shop.objects[kind].get(number(gid))
    return NODES[kind](payload) if payload else None


def cancel(shop: Shop, identity: int) -> Json:
    """Have an operation end before it is done."""
    operation = shop.bulk.get(identity)
    if operation and operation["status"] in ("CREATED", "RUNNING"):
        operation["status"] = "CANCELING"
    return {"bulkOperation": operation, "userErrors": []}


def subscribe(shop: Shop, topic: str, webhookSubscription: Json) -> Json:  # noqa: N803
    """A subscription of this shop alone; one for each topic and address."""
    with shop.lock:
        same = [
            known
            for known in shop.subscriptions.values()
            if (known["topic"], known["uri"]) == (topic, webhookSubscription["uri"])
        ]
        if same:
            message = "Address for this topic has already been taken"
            error = {"field": ["webhookSubscription", "callbackUrl"], "message": message}
            return {"webhookSubscription": None, "userErrors": [error]}
        identity = 800 + len(shop.subscriptions) + int(time.time())
        made = {
            "__typename": "WebhookSubscription",
            "id": f"gid://shopify/WebhookSubscription/{identity}",
            "topic": topic,
            "uri": webhookSubscription["uri"],
            "format": "JSON",
            "includeFields": [],
            "filter": None,
        }
        shop.subscriptions[identity] = made
    return {"webhookSubscription": made, "userErrors": []}


def unsubscribe(shop: Shop, gid: str) -> Json:
    """End a subscription."""
    gone = shop.subscriptions.pop(number(gid), None)
    return {"deletedWebhookSubscriptionId": gone and gid, "userErrors": []}


MOST_TAGS = 250
NO_CUSTOMER = "Customer does not exist"


def changed(shop: Shop, gid: str) -> Json | None:
    """The customer's payload, marked as changed now; None for one that is not there."""
    customer = shop.objects["customers"].get(number(gid))
    if customer is not None:
        customer["updated_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    return customer


def refuse(name: str, field: str, message: str) -> Json:
    """A change that was not made, with the reason."""
    return {name: None, "userErrors": [{"field": [field], "message": message}]}


def tag(shop: Shop, gid: str, add: list[str] = (), remove: list[str] = ()) -> Json:  # type: ignore[assignment]
    """Tags added and removed; which is which is told by their names in lower case."""
    with shop.lock:
        customer = shop.objects["customers"].get(number(gid))
        if customer is None:
            return refuse("node", "id", NO_CUSTOMER)
        held = {tag.lower(): tag for tag in customer.get("tags") or []}
        held |= {tag.lower(): tag for tag in add if tag.lower() not in held}
        for gone in remove:
            held.pop(gone.lower(), None)
        if add and len(held) > MOST_TAGS:
            return refuse("node", "tags", f"Tags cannot be more than {MOST_TAGS}")
        changed(shop, gid)
        customer["tags"] = sorted(held.values())
    return {"node": {"__typename": "Customer", "id": gid}, "userErrors": []}


def save_note(shop: Shop, given: Json) -> Json:
    """A customer's note."""
    with shop.lock:
        customer = changed(shop, given["id"])
        if customer is None:
            return refuse("customer", "id", NO_CUSTOMER)
        customer["note"] = given.get("note")
    return {"customer": NODES["customers"](customer), "userErrors": []}


def save_consent(shop: Shop, given: Json) -> Json:
    """A customer's consent to e-mail."""
    told = given["emailMarketingConsent"]
    with shop.lock:
        customer = changed(shop, given["customerId"])
        if customer is None:
            return refuse("customer", "customerId", NO_CUSTOMER)
        if not customer.get("email"):
            return refuse("customer", "customerId", "The customer has no email address")
        customer.setdefault("consents", {})["email"] = {
            "state": told["marketingState"].lower(),
            "opt_in_level": (told.get("marketingOptInLevel") or "").lower() or None,
            "consent_updated_at": told.get("consentUpdatedAt") or customer["updated_at"],
        }
    return {"customer": NODES["customers"](customer), "userErrors": []}
