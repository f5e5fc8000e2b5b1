"""Connected stores and a shop of the stand-in whose story is told in its own time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conftest import make_store
from tenants.models import Tenant
from tenants.shopify import http
from tenants.shopify.scopes import SCOPES
from webhooks.backfill.models import Sync
from xeno.demo.shopify.server import running
from xeno.demo.story import tell_story
from xeno.lib.postgres.scope import tenant_scope

SHOP, CLEAN = "xeno-demo.myshopify.com", "clean.myshopify.com"
ALL = ",".join([*SCOPES, "read_all_orders"])
SPLIT = datetime(2026, 5, 1, tzinfo=UTC)  # what is before it is history, what is after it, live


@pytest.fixture(scope="session")
def story():
    """Two months of a shop's life."""
    return list(tell_story(opening=date(2026, 4, 1), until=date(2026, 6, 1)))


@pytest.fixture(scope="session")
def live(story):
    """What happens after the split."""
    return [event for event in story if event.at >= SPLIT]


@pytest.fixture
def standin(settings, tmp_path):
    settings.XENO_HOME = tmp_path
    with running(secret=settings.SHOPIFY_API_SECRET) as server:
        settings.SHOPIFY_FAKE_URL = server.url
        yield server
    http.client.cache_clear()


@pytest.fixture
def shop(standin, story):
    """The shop as it is at the split."""
    shop = standin.shop(SHOP)
    shop.clock = lambda: SPLIT
    for event in story:
        if event.at < SPLIT:
            shop.hear(event.topic, event.body)
    return shop


def connect(shop) -> Tenant:
    """A store that is connected to the shop, all of whose history it may see."""
    tenant = make_store(shop.domain)
    token = shop.grant(ALL)
    tenant.access_token, tenant.scopes = token.access, ALL
    tenant.installed_at = SPLIT
    tenant.save()
    return Tenant.objects.get(pk=tenant.pk)


@pytest.fixture
def store(db, shop):
    """The connected store, within its scope."""
    tenant = connect(shop)
    with tenant_scope(tenant.pk):
        yield tenant


@pytest.fixture
def later(shop):
    """Puts the end of the sync that there was at the split, and the shop's clock after the story:
    what is live changed after it."""

    def move() -> None:
        Sync.objects.update(started_at=SPLIT)
        shop.clock = lambda: SPLIT + timedelta(days=60)

    return move
