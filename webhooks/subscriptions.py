"""Which webhooks Shopify sends us: declared with the app, or kept in order store by store.

Declared ones (`manage.py shopify_app_config`) survive failures and are the default; the topics of
privacy law can be had no other way. An app that only its own store can install may have none
declared: then its store's subscriptions are compared with what we need, hourly, and repaired.
"""

from dataclasses import dataclass

import structlog
from django.conf import settings

from tenants.models import Tenant
from tenants.shopify.client import API_VERSION, AdminApi
from tenants.shopify.errors import QueryRefused
from tenants.shopify.oauth import callback_url
from tenants.shopify.scopes import OPTIONAL_SCOPES, asked
from tenants.shopify.tokens import get_api
from webhooks.news import HANDLERS

log = structlog.get_logger(__name__)

COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")
MOST_PAGES = 20
DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Repair:
    """What was put in order."""

    made: int
    removed: int


def topics() -> list[str]:
    """Every topic that we handle and that can be subscribed to store by store."""
    return sorted(HANDLERS.keys() - set(COMPLIANCE))


def address() -> str:
    """Where Shopify sends them."""
    return f"{settings.PUBLIC_URL}/webhook/shopify"


def enum_name(topic: str) -> str:
    """The Admin API's name of a topic: `customer.tags_added` is CUSTOMER_TAGS_ADDED."""
    return topic.upper().replace("/", "_").replace(".", "_")


def repair_subscriptions(*, tenant: Tenant) -> Repair:
    """Make what is missing and remove what is not ours any more; nothing where they are declared.

    Raises a ShopifyError; a second call goes on where the first one ended.
    """
    if settings.SHOPIFY_SUBSCRIPTIONS == DECLARED:
        return Repair(0, 0)
    api = get_api(tenant=tenant)
    wanted = {(enum_name(topic), address()) for topic in topics()}
    held = find_subscriptions(api)
    missing, kept = sorted(wanted - held.keys()), wanted & held.keys()
    for topic, uri in missing:
        told = api.ask("subscribe", topic=topic, uri=uri).data["webhookSubscriptionCreate"]
        if told["userErrors"]:
            log.warning("subscription_refused", tenant_id=tenant.pk, topic=topic)
    # Of a wanted one the first stays; of any other none.
    surplus = [gid for key, gids in held.items() for gid in gids[key in kept :]]
    remove(api, surplus)
    if missing or surplus:
        log.info(
            "subscriptions_repaired", tenant_id=tenant.pk, made=len(missing), removed=len(surplus)
        )
    return Repair(len(missing), len(surplus))


def remove_subscriptions(*, tenant: Tenant) -> int:
    """Remove all of the store's own subscriptions; gives how many there were."""
    api = get_api(tenant=tenant)
    held = [gid for gids in find_subscriptions(api).values() for gid in gids]
    remove(api, held)
    return len(held)


def remove(api: AdminApi, gids: list[str]) -> None:
    """End these subscriptions."""
    for gid in gids:
        api.ask("unsubscribe", id=gid)


def find_subscriptions(api: AdminApi) -> dict[tuple[str, str], list[str]]:
    """The store's own subscriptions by topic and address, each with its ids."""
    found: dict[tuple[str, str], list[str]] = {}
    after = None
    for _ in range(MOST_PAGES):
        page = api.ask("subscriptions", after=after).data["webhookSubscriptions"]
        for node in page["nodes"]:
            found.setdefault((node["topic"], node["uri"]), []).append(node["id"])
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
    raise QueryRefused


def app_config() -> str:
    """The text of shopify.app.toml for this install."""
    topic_lines = "\n".join(f'    "{topic}",' for topic in topics())
    compliance = ", ".join(f'"{topic}"' for topic in COMPLIANCE)
    optional = ", ".join(f'"{scope}"' for scope in sorted(OPTIONAL_SCOPES.keys() - set(asked())))
    return f"""# Made by `manage.py shopify_app_config`; deploy it with `shopify app deploy`.
client_id = "{settings.SHOPIFY_API_KEY}"
name = "Xeno CRM"
application_url = "{settings.PUBLIC_URL}/shopify/install"
embedded = false

[access_scopes]
scopes = "{",".join(asked())}"
optional_scopes = [{optional}]

[auth]
redirect_urls = ["{callback_url()}"]

[webhooks]
api_version = "{API_VERSION}"

  [[webhooks.subscriptions]]
  topics = [
{topic_lines}
  ]
  uri = "{address()}"

  [[webhooks.subscriptions]]
  compliance_topics = [{compliance}]
  uri = "{address()}"
"""
