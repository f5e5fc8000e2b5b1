"""A short story, and a server that is Django's test client."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest
from django.test import Client

from tenants.models import Tenant
from webhooks.processing import apply_inbox
from xeno.demo import store
from xeno.demo.building import Summary, build_demo
from xeno.demo.deliveries import Delivery
from xeno.demo.posting import Sender

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def short_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop opened nine days ago."""
    monkeypatch.setattr(store, "FIRST_DAYS", 9)


@pytest.fixture
def post(client: Client) -> Sender:
    """Posts to the real endpoint; no worker looks at it."""

    def send(deliveries: Sequence[Delivery], on_taken: Callable[[int], object]) -> None:
        for delivery in deliveries:
            headers = {k: v for k, v in delivery.headers.items() if k != "Content-Type"}
            response = client.post(
                delivery.path, delivery.body, content_type="application/json", headers=headers
            )
            assert response.status_code == 200, response.content
            on_taken(1)

    return send


@pytest.fixture
def post_and_apply(post: Sender) -> Sender:
    """Posts, and works the inbox off as a worker does."""

    def send(deliveries: Sequence[Delivery], on_taken: Callable[[int], object]) -> None:
        post(deliveries, on_taken)
        apply_inbox(tenant=Tenant.objects.get(shop_domain="xeno-demo.myshopify.com"))

    return send


@contextmanager
def quietly(text: str, total: int) -> Iterator[Callable[[int], object]]:
    """Progress for nobody."""
    yield lambda done: None


@pytest.fixture
def build(db: None, post_and_apply: Sender) -> Callable[..., Summary]:
    """Build the demo store as of a day."""

    def build(today: date = TODAY) -> Summary:
        return build_demo(today=today, send=post_and_apply, progress=quietly)

    return build
