"""What works without a request: each management command and each task, for Cy's store.

Rows 72, 77, 83 and 84 of the faults. A command that is not listed here fails, a task that
tests/test_walls_tasks.py does not know.
"""

import io
import math

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command, get_commands
from django.utils import timezone

from campaigns.models import Campaign, Message
from customers.models import Customer
from tenants.models import Tenant
from tenants.shopify import http
from tests.canaries import ANA, CY, add_news
from tests.test_walls_tasks import GLOBAL, STORE_TASKS, TASKS
from tests.visits import Visitor
from webhooks import tasks as inbox
from webhooks.backfill.models import Sync
from webhooks.models import Delivery, State
from webhooks.news import HANDLERS
from webhooks.privacy import tasks as privacy
from webhooks.processing import apply_inbox
from xeno.demo import store as demo_store
from xeno.demo.shopify.server import running
from xeno.demo.shopify.world import Token
from xeno.health import WORKER_SIGN
from xeno.lib.postgres.scope import tenant_scope
from xeno.management import following
from xeno.management.commands import demo, dev, shopify_standin

pytestmark = pytest.mark.usefixtures("transactional_db")

# Each command of ours, as it is called for Cy; {store} is her store, {id} a delivery of hers.
STORE_COMMANDS = {
    "export_segments": ["{store}"],
    "import_segments": ["{store}", "tests/data/segments.txt", "--dry-run"],
    "recompute_totals": ["{store}"],
    "refresh_segments": ["{store}"],
    "replay_deliveries": ["{store}", "--id", "{id}"],
    "sync_store": ["{store}"],
    "verify_store": ["{store}"],
    "recount_numbers": ["{store}"],
    "recompute_scores": ["{store}"],  # after what changes totals
}
# Of no store: the arguments, and a word by which it is seen to have worked. `doctor` tells the
# operator of each store that there is, by its domain.
INSTALL_COMMANDS = {
    "backup": (["/nowhere/xeno.dump"], "No such file"),
    "restore": (["/nowhere/xeno.dump"], "could not open input file"),
    "create_store": (["third.myshopify.com", "--name=Third", "--owner-email={email}",
                      "--currency=GBP", "--timezone=UTC"], "Made Third"),
    "demo": ([], "Hart & Thread"),
    "dev": ([], "Running."),
    "doctor": ([], "last webhook"),
    "migrate": ([], "No migrations to apply"),
    "rotate_encryption_keys": ([], "under the first key"),
    "shopify_app_config": ([], "client_id"),
    "shopify_standin": (["--port=0"], "stand-in answers"),
    "screenshots": (["--url=http://127.0.0.1:9"], "Nothing answers"),
    "setup_database": ([], "Say which login to use"),
}  # fmt: skip
# What tasks are told beside their store: ids of the shop that is asked for.
TOLD = {
    "campaigns.tasks.send_test": lambda shop: (
        shop.asked.ids[Campaign], [shop.owner.email], shop.asked.ids[Customer], "A"),
    "campaigns.tasks.take_in_events": lambda shop: ([bounce_of(shop)],),
    "campaigns.tasks.take_in_unplaced": lambda shop: ([bounce_of(shop)],),
}  # fmt: skip
OURS = ("xeno", "tenants", "customers", "orders", "segments", "campaigns", "webhooks")


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """What would be queued is done at once; nothing is left in Redis."""
    for task in (inbox.apply_inbox, privacy.work_privacy, privacy.drop_what_is_old):
        monkeypatch.setattr(task, "delay", task)
    yield
    cache.delete(WORKER_SIGN)


@pytest.fixture(autouse=True)
def shopify(shops, settings, tmp_path, monkeypatch):
    """A stand-in with two empty shops that know the stores' tokens; nothing else is asked.

    Cy's store has been fetched: what is compared is what has changed since.
    """
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)
    settings.XENO_HOME = tmp_path
    with running(secret=settings.SHOPIFY_API_SECRET) as standin:
        settings.SHOPIFY_FAKE_URL = standin.url
        for shop in (shops.ana, shops.cy):
            tenant = shop.tenant
            token = Token(tenant.access_token, tenant.refresh_token, math.inf)
            standin.shop(tenant.shop_domain).tokens.append(token)
        with tenant_scope(shops.cy.tenant.pk):
            Sync.objects.update(state=Sync.State.DONE, started_at=timezone.now())
        yield
    http.client.cache_clear()


@pytest.fixture
def heard(capfd, caplog):
    """Everything that was printed or logged so far, at INFO and above."""
    caplog.set_level("INFO")

    def hear():
        printed = capfd.readouterr()
        return "\n".join((caplog.text, printed.out, printed.err))

    return hear


def run(name, *arguments):
    """What a command says, its refusal included."""
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=out)
    except CommandError as error:
        out.write(str(error))
    return out.getvalue()


def arguments_of(name, shop, asked):
    words = STORE_COMMANDS[name] if name in STORE_COMMANDS else INSTALL_COMMANDS[name][0]
    told = {"store": shop.tenant.shop_domain, "id": asked.ids[Delivery], "email": asked.email}
    return [word.format(**told) for word in words]


@pytest.fixture
def harmless(monkeypatch):
    """Commands that start processes or want a server get none."""
    monkeypatch.setattr(dev.dev, "run", lambda plan, report: report("Running."))
    monkeypatch.setattr(shopify_standin.LivingShopify, "live", lambda standin: None)
    monkeypatch.setattr(shopify_standin.signal, "signal", lambda *_: None)
    # raising=False: the test does not mind whether the command asks before it sends.
    monkeypatch.setattr(demo, "check_answers", lambda url: None, raising=False)
    monkeypatch.setattr(demo, "send_to", lambda url: post_and_apply)
    monkeypatch.setattr(demo_store, "FIRST_DAYS", 3)
    monkeypatch.delenv("DATABASE_SUPERUSER_URL", raising=False)


def post_and_apply(deliveries, on_taken):
    """The server and its worker."""
    browser = Visitor(None).client
    for delivery in deliveries:
        headers = {k: v for k, v in delivery.headers.items() if k != "Content-Type"}
        browser.post(delivery.path, delivery.body, content_type="application/json", headers=headers)
    apply_inbox(tenant=Tenant.objects.get(shop_domain=demo_store.SHOP_DOMAIN))


def test_f072_every_command_is_listed():
    ours = {name for name, app in get_commands().items() if app.partition(".")[0] in OURS}

    assert ours == {*STORE_COMMANDS, *INSTALL_COMMANDS}


@pytest.mark.parametrize("name", STORE_COMMANDS)
def test_f072_a_command_for_cys_store_leaves_anas_alone(name, shops, heard):
    before = shops.fingerprint()

    said = run(name, *arguments_of(name, shops.cy, shops.cy.asked))

    assert CY.traces(said)
    assert not ANA.traces(said + heard())
    assert shops.fingerprint() == before


def test_f083_a_command_for_cys_store_knows_no_foreign_row(shops, heard):
    before = shops.fingerprint()
    for name in STORE_COMMANDS:
        foreign, absent = (
            asked.hide(run(name, *arguments_of(name, shops.cy, asked)))
            for asked in (shops.ana.asked, shops.ana.absent)
        )
        assert foreign == absent
        assert not ANA.traces(foreign)

    assert not ANA.traces(heard())
    assert shops.fingerprint() == before


@pytest.mark.parametrize("name", INSTALL_COMMANDS)
def test_f072_a_command_of_the_install_tells_of_no_row(name, shops, heard, harmless):
    before = shops.fingerprint()

    said = run(name, *arguments_of(name, shops.cy, shops.cy.asked))

    assert INSTALL_COMMANDS[name][1] in said
    assert not ANA.traces(said + heard(), shop_too=name != "doctor")
    assert shops.fingerprint() == before


def test_f072_djangos_own_dump_holds_no_row(shops):
    said = run("dumpdata", "customers", "orders", "webhooks")

    assert "No store is chosen" in said
    assert not ANA.traces(said)


# --- Tasks ------------------------------------------------------------------------------


def bounce_of(shop):
    """What a provider tells of the shop's message."""
    return {"provider": "postmark", "event_id": shop.side.word(), "kind": "bounced", "at": None,
            "message": shop.asked.ids[Message], "provider_id": ""}  # fmt: skip


def told(name, shop):
    """What the task is told beside its store."""
    return TOLD[name](shop) if name in TOLD else ()


@pytest.mark.parametrize("name", STORE_TASKS)
def test_f077_a_task_for_cys_store_leaves_anas_alone(name, shops, heard):
    for shop in (shops.ana, shops.cy):
        with tenant_scope(shop.tenant.pk):
            add_news(shop)
    before = shops.fingerprint()

    STORE_TASKS[name](shops.cy.tenant.pk, *told(name, shops.ana))

    assert shops.fingerprint() == before
    assert not ANA.traces(heard())


@pytest.mark.parametrize("name", TASKS)
def test_f084_no_task_logs_a_word_of_a_row(name, shops, heard):
    """For every store that it works for; the other's tables are as they were."""
    with tenant_scope(shops.ana.tenant.pk):
        add_news(shops.ana)
    before = shops.fingerprint(CY)

    store = [] if name in GLOBAL else [shops.ana.tenant.pk]
    TASKS[name](*store, *told(name, shops.ana))

    assert not ANA.traces(heard(), shop_too=False)
    assert not mail.outbox
    assert name in GLOBAL or shops.fingerprint(CY) == before


def test_f084_a_handler_that_fails_logs_no_word_of_the_payload(shops, heard, monkeypatch):
    def fail(body, envelope, news):
        raise ValueError(body)

    with tenant_scope(shops.ana.tenant.pk):
        add_news(shops.ana)
    monkeypatch.setitem(HANDLERS, "customers/create", fail)

    inbox.apply_inbox(shops.ana.tenant.pk)

    with tenant_scope(shops.ana.tenant.pk):
        assert Delivery.objects.filter(state=State.PARKED, code="failed").exists()
    said = heard()
    assert "batch_failed" in said
    assert not ANA.traces(said, shop_too=False)
