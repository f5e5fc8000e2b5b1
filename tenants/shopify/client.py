"""The Admin API of one store, on ShopifyAPI's GraphQL class with a shop and token of its own."""

import time
from typing import Any

import msgspec
import shopify
import structlog

from tenants.shopify import http
from tenants.shopify.answer import Answer, Bucket, read_answer, read_bucket
from tenants.shopify.documents import document
from tenants.shopify.errors import (
    QueryRefused,
    ShopifyError,
    ShopifyThrottled,
    ShopifyUnreachable,
    TokenRefused,
)
from tenants.shopify.shop import base_url

log = structlog.get_logger(__name__)

API_VERSION = "2026-10"
PATIENCE_SECONDS = 60.0  # of waiting for points within one question; then a later task asks


class AdminApi(shopify.GraphQL):  # type: ignore[misc]  # ShopifyAPI has no types
    """Questions to one store. Of ShopifyAPI's class it keeps the interface, and nothing global:
    the shop and the token are its own, so no thread sees another store's."""

    def __init__(self, *, shop: str, token: str) -> None:
        self.endpoint = f"{base_url(shop)}/admin/api/{API_VERSION}/graphql.json"
        self.headers = {"X-Shopify-Access-Token": token}
        self.bucket: Bucket | None = None

    def ask(self, name: str, **variables: Any) -> Answer:
        """The answer to one of our documents; waits while the store's points are used up.

        Raises TokenRefused, ScopeMissing, QueryRefused, ShopifyThrottled, ShopifyUnreachable.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                body = msgspec.json.decode(self.execute(document(name), variables, None))
                self.bucket = read_bucket(body)
                return read_answer(body)
            except ShopifyThrottled as throttled:
                pause = min(max(throttled.wait, 0.5), PATIENCE_SECONDS)
                if time.monotonic() + pause > deadline:
                    raise
                log.info("shopify_throttled", document=name, wait=round(pause, 1))
                time.sleep(pause)

    def execute(self, query: str, variables: Any = None, operation_name: str | None = None) -> str:
        """The raw JSON of an answer with status 200; in place of the base's, which has no
        time-out and prints what Shopify says of people."""
        response = http.post(
            self.endpoint,
            json={"query": query, "variables": variables, "operationName": operation_name},
            headers=self.headers,
            repeatable=not query.lstrip().startswith("mutation"),
        )
        if response.status_code != 200:
            raise refusal(response.status_code)
        return response.text


def refusal(status: int) -> ShopifyError:
    """The error that a status stands for."""
    if status in (401, 402, 403, 404, 423):
        # 402 frozen, 404 closed, 423 locked: the store cannot be asked with this token either.
        return TokenRefused()
    if status == 429:
        return ShopifyThrottled(1.0)
    if status >= 500:
        return ShopifyUnreachable()
    return QueryRefused()
