"""The stand-in as `make run` has it: every shop has a story, and is the same after a restart."""

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from tenants.models import Tenant
from xeno.demo.deliveries import deliver
from xeno.demo.payloads.shapes import SHOP_DOMAIN, ZONE
from xeno.demo.posting import NotTaken, send_to
from xeno.demo.seasons import FIRST_DAYS
from xeno.demo.shopify import bulk
from xeno.demo.shopify.server import Standin
from xeno.demo.shopify.world import Shop, Token
from xeno.demo.store import NAME, opening_of
from xeno.demo.story import Event, tell_story

Json = dict[str, Any]
STEP_SECONDS = 1.5  # of a bulk operation, of which each has two: time enough to see the bar


@dataclass
class LivingShop(Shop):
    """A shop whose tokens are kept."""

    keep: Callable[[], object] = lambda: None

    def grant(self, scopes: str | None = None) -> Token:
        """As the base, and written down."""
        token = super().grant(scopes)
        self.keep()
        return token

    def end_tokens(self) -> None:
        """As the base, and written down."""
        super().end_tokens()
        self.keep()


class LivingShopify(Standin):
    """Any number of shops on one port; each is filled when it is first asked for."""

    def __init__(self, *, secret: str, port: int, file: Path, app: str) -> None:
        super().__init__(secret=secret, port=port)
        self.file, self.app = file, app
        self.filling = threading.RLock()
        self.known: dict[str, Json] = json.loads(file.read_text()) if file.exists() else {}

    def shop(self, domain: str) -> Shop:
        """The shop of this domain, with its story up to this morning."""
        with self.filling:
            if domain not in self.shops:
                self.shops[domain] = self.open_shop(domain)
            return self.shops[domain]

    def open_known(self) -> None:
        """Fill the shops that gave out tokens before."""
        for domain in list(self.known):
            self.shop(domain)

    def open_shop(self, domain: str) -> Shop:
        """A shop with all that happened in it, and the tokens that it gave out before."""
        known = self.known.get(domain, {})
        name = NAME if domain == SHOP_DOMAIN else name_of(domain)
        shop = LivingShop(domain, name=name, keep=self.save)
        opening = date.fromisoformat(known["opening"]) if known else find_opening(domain)
        for event in tell_story(opening=opening, until=datetime.now(ZONE).date(), name=name):
            shop.hear(event.topic, event.body)
        shop.scopes = set(known.get("scopes", ()))
        shop.tokens = [Token(**token) for token in known.get("tokens", ())]
        self.known[domain] = {"opening": opening.isoformat()}
        return shop

    def save(self) -> None:
        """Write the tokens down, for the next start."""
        with self.filling:
            for domain, shop in self.shops.items():
                told = {"scopes": sorted(shop.scopes), "tokens": [asdict(t) for t in shop.tokens]}
                self.known[domain] |= told
            beside = self.file.with_suffix(".new")
            beside.touch(mode=0o600)
            beside.write_text(json.dumps(self.known))
            os.replace(beside, self.file)

    def let_go(self, domain: str) -> None:
        """As the base, and the app is told."""
        super().let_go(domain)
        shop = self.shop(domain)
        body = {"id": 1, "name": shop.name, "myshopify_domain": domain}
        self.tell(shop, "app/uninstalled", body)

    def live(self) -> None:
        """Serve, and bring bulk operations on, until a signal."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.open_known()
        while True:
            time.sleep(STEP_SECONDS)
            for shop in list(self.shops.values()):
                self.bring_on(shop)

    def close(self) -> None:
        """Answer no more."""
        self.server_close()

    def bring_on(self, shop: Shop) -> None:
        """One step of each bulk operation; the app is told of its end, as Shopify tells it."""
        for identity, operation in list(shop.bulk.items()):
            if operation["status"] in ("CREATED", "RUNNING", "CANCELING"):
                bulk.advance(shop, identity, self.url)
                if operation["completedAt"]:
                    self.tell(shop, "bulk_operations/finish", finished(operation))

    def tell(self, shop: Shop, topic: str, body: Json) -> None:
        """A webhook to the app; it is lost when the app does not take it."""
        event = Event(topic, datetime.now(UTC), str(body.get("admin_graphql_api_id")), body)
        with suppress(NotTaken):
            send_to(self.app)([deliver(event, self.secret, shop=shop.domain)], lambda _: None)


def finished(operation: Json) -> Json:
    """What Shopify tells of an operation's end."""
    return {
        "admin_graphql_api_id": operation["id"],
        "completed_at": operation["completedAt"],
        "created_at": operation["createdAt"],
        "error_code": operation["errorCode"],
        "status": operation["status"].lower(),
        "type": "query",
    }


def name_of(domain: str) -> str:
    """`oak-and-linen.myshopify.com` calls itself Oak and Linen."""
    words = domain.partition(".")[0].replace("-", " ").title()
    return words.replace(" And ", " and ")


def find_opening(domain: str) -> date:
    """The day on which the shop's story begins: the demo store's own, or a year ago."""
    try:
        store = Tenant.objects.filter(shop_domain=domain).first()
        if domain == SHOP_DOMAIN and store and store.history_complete:
            return opening_of(store)
    finally:
        connection.close()
    return datetime.now(ZONE).date() - timedelta(days=FIRST_DAYS)
