"""The stand-in of `make run`: any shop can be connected, and is the same after a restart."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from django.utils import timezone

from conftest import make_store
from xeno.demo import posting
from xeno.demo.payloads.shapes import SHOP_DOMAIN, ZONE
from xeno.demo.shopify import bulk, graph, living
from xeno.demo.shopify.living import LivingShopify

SECRET = "s"
OAK = "oak-and-linen.myshopify.com"
QUERY = "{ products { edges { node { id } } } }"


@pytest.fixture
def start(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], LivingShopify]]:
    """Starts it, again and again on the same file; no story is longer than two weeks."""
    monkeypatch.setattr(living, "FIRST_DAYS", 14)
    monkeypatch.setattr(living.connection, "close", lambda: None)  # it is the test's
    started = []

    def start() -> LivingShopify:
        file = tmp_path / "standin.json"
        started.append(LivingShopify(secret=SECRET, port=0, file=file, app="http://127.0.0.1:1"))
        return started[-1]

    yield start
    for standin in started:
        standin.server_close()


def test_a_shop_and_its_tokens_survive_a_restart(start: Callable[[], LivingShopify]) -> None:
    before = start().shop(OAK)
    token = before.grant("read_orders,read_all_orders")
    newer = before.refresh(token.refresh)

    after = start().shop(OAK)
    assert newer is not None
    assert after.admits(token.access)
    assert after.admits(newer.access)
    assert after.refresh(newer.refresh)
    assert (after.name, after.scopes) == ("Oak and Linen", {"read_orders", "read_all_orders"})
    assert after.objects == before.objects
    assert len(after.objects["orders"]) > 10


def test_only_its_owner_reads_the_file_of_tokens(
    start: Callable[[], LivingShopify], tmp_path: Path
) -> None:
    start().shop(OAK).grant("read_orders")

    file = tmp_path / "standin.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(file.read_text())) == [OAK]


def test_two_shops_have_different_people(start: Callable[[], LivingShopify]) -> None:
    standin = start()
    emails = [
        {told["email"] for told in standin.shop(domain).objects["customers"].values()}
        for domain in (OAK, "hats.myshopify.com")
    ]

    assert len(emails[0] & emails[1]) < len(emails[0]) / 4


def test_the_shop_of_the_demo_store_tells_the_story_of_the_demo(
    start: Callable[[], LivingShopify],
) -> None:
    store = make_store(SHOP_DOMAIN)
    store.history_complete_since = timezone.now() - timedelta(days=5)
    store.save()

    first = min(told["created_at"] for told in start().shop(SHOP_DOMAIN).objects["orders"].values())
    assert first >= store.history_complete_since.astimezone(ZONE).date().isoformat()


def test_the_app_is_told_when_a_bulk_operation_ends(
    start: Callable[[], LivingShopify], monkeypatch: pytest.MonkeyPatch
) -> None:
    standin = start()
    shop, told = standin.shop(OAK), []
    monkeypatch.setattr(living, "send_to", lambda url: lambda sent, taken: told.extend(sent))
    bulk.run(shop, graph.schema(), QUERY)

    for _ in range(4):
        standin.bring_on(shop)
    assert [(d.headers["X-Shopify-Topic"], d.headers["X-Shopify-Shop-Domain"]) for d in told] == [
        ("bulk_operations/finish", OAK)
    ]
    assert json.loads(told[0].body)["status"] == "completed"


def test_a_merchant_uninstalls_the_app_and_it_is_told(
    start: Callable[[], LivingShopify], monkeypatch: pytest.MonkeyPatch
) -> None:
    standin, told = start(), []
    token = standin.shop(OAK).grant("read_orders")
    monkeypatch.setattr(living, "send_to", lambda url: lambda sent, taken: told.extend(sent))
    threading.Thread(target=standin.serve_forever, args=(0.01,), daemon=True).start()

    before = requests.get(standin.url, timeout=5).text
    after = requests.post(f"{standin.url}/shops/{OAK}/uninstall", timeout=5).text
    standin.shutdown()
    assert (OAK in before, OAK in after) == (True, False)
    assert not standin.shop(OAK).admits(token.access)
    assert [d.headers["X-Shopify-Topic"] for d in told] == ["app/uninstalled"]
    assert not start().shop(OAK).tokens


def test_an_app_that_is_away_is_not_told(
    start: Callable[[], LivingShopify], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(posting, "time", SimpleNamespace(sleep=pauses.append))
    standin = start()

    standin.tell(standin.shop(OAK), "bulk_operations/finish", {})

    assert pauses == sorted(pauses) != []
