"""What stays behind: nothing that was kept for Ana reaches Cy, and no log keeps who Ana's
customers are. Rows 76 and 84 of the faults."""

import io
import logging
import re
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core import mail
from redis.client import Pipeline, Redis

from customers.models import Customer
from tests.canaries import ANA, CY, owned
from tests.rows import make_row
from tests.test_walls_routes import ROUTES, named
from tests.visits import Visitor, bearer
from webhooks import nudge
from webhooks.signature import signature
from xeno.health import WORKER_SIGN
from xeno.lib.postgres.scope import tenant_scope
from xeno.tasks import say_alive

pytestmark = pytest.mark.usefixtures("transactional_db")

READING = [
    path for path, _ in ROUTES.values() if path not in ("/admin/logout/", "/schema", "/readyz")
]  # fmt: skip
# The only keys that are no store's: the sign that a worker lives, and the names of the queues.
GLOBAL_KEYS = re.compile(rf":1:{WORKER_SIGN}|_kombu\.binding(_permanent)?\.\w+")
WRITES = ("SET", "SETEX", "LPUSH", "RPUSH", "HSET", "ZADD", "SADD")
SEARCHES = ("/customers?search={0}", "/customers?email={0}", "/customers?tag={0}",
            "/orders?search={0}", "/products?vendor={0}",
            "/admin/customers/customer/?q={0}", "/admin/orders/order/?q={0}")  # fmt: skip


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(scope="module")
def visitors(shops):
    """Ana and Cy, each by browser and by program."""
    return {
        shop.side.name: (Visitor(shop.owner), bearer(shop.owner)) for shop in (shops.ana, shops.cy)
    }


@pytest.fixture
def sent_to_redis():
    with noting_redis() as sent:
        yield sent


@contextmanager
def noting_redis():
    """Every command that this thread sends to Redis; another may still wake workers."""
    sent, here = [], threading.get_ident()

    def noting(method):
        def call(self, *args, **options):
            if threading.get_ident() == here:
                sent.append([text_of(word) for word in args])
            return method(self, *args, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Redis, "execute_command", noting(Redis.execute_command))
        patch.setattr(Pipeline, "execute_command", noting(Pipeline.execute_command))
        yield sent


@contextmanager
def noting_logs():
    """What is logged at INFO and above."""
    said, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(said)
    root.addHandler(handler)
    try:
        yield said
    finally:
        root.removeHandler(handler)


def text_of(word):
    return word.decode(errors="replace") if isinstance(word, bytes) else word


def ask(visitors, path, method="GET"):
    browser, program = visitors
    return (browser if path.startswith("/admin/") else program).ask(path, method)


def paths(asked):
    """Every page that can be read, with this store's ids where one is named."""
    return {route: named(route, asked) for route, (path, _) in ROUTES.items() if path in READING}


@pytest.fixture(scope="module")
def walk(shops, visitors):
    """Each page first as Ana, then at once as Cy; both stores know the same Shopify ids."""
    for shop in (shops.ana, shops.cy):
        with tenant_scope(shop.tenant.pk):
            make_row(Customer, shopify_id=7, email=shop.side.word())
    answers = {}
    with noting_logs() as said, noting_redis() as sent:
        for route in paths(shops.ana.asked):
            for shop in (shops.ana, shops.cy):
                path = named(route, shop.asked)
                answers[shop.side, path] = ask(visitors[shop.side.name], path)
    return SimpleNamespace(answers=answers, logged=said.getvalue(), sent=sent)


def test_f076_what_ana_has_read_is_not_what_cy_reads(walk):
    shown = {ANA: 0, CY: 0}
    for (side, path), answer in walk.answers.items():
        shown[side] += bool(side.traces(answer.text))
        assert not (CY if side is ANA else ANA).traces(answer.text), path

    assert min(shown.values()) > 40


def test_f076_a_request_asks_redis_for_its_stores_numbers_and_nothing_else(walk, shops):
    """Sessions are in the database, no page is kept; of the numbers each key names its store."""
    kept = re.compile(r":1:tenant:(\d+):[0-9.-]+:[^:]+:\w{3}:numbers:\d+:[a-z-]+.*")
    keys = [sent[1] for sent in walk.sent if sent[0] != "PING"]

    assert {int(kept.fullmatch(key)[1]) for key in keys} == {
        shops.ana.tenant.pk, shops.cy.tenant.pk
    }  # fmt: skip


def test_f076_a_cursor_of_anas_shows_cy_her_own_rows(shops, visitors):
    with tenant_scope(shops.ana.tenant.pk):
        make_row(Customer, shopify_id=8, email=ANA.word())
    first = visitors[ANA.name][1].ask("/customers?page_size=1&ordering=id")
    [link] = re.findall(r'"next":"http://testserver([^"]+)"', first.body)

    answer = visitors[CY.name][1].ask(link)

    assert answer.status == 200
    assert not ANA.traces(answer.text)


def test_f076_each_key_in_redis_is_a_stores_or_on_the_short_list(shops, sent_to_redis):
    """A webhook's wake-up names its store; a worker's sign is nobody's."""
    nudge.send({shops.cy.tenant.pk})
    say_alive()

    writes = [sent for sent in sent_to_redis if sent[0] in WRITES]
    assert {sent[0] for sent in writes} >= {"SET", "LPUSH"}
    for command, key, *told in writes:
        if command == "LPUSH":
            assert str(shops.cy.tenant.pk) in str(told)
        else:
            assert GLOBAL_KEYS.fullmatch(key) or str(shops.cy.tenant.pk) in key, key


# --- Logs and mails ---------------------------------------------------------------------


def test_f084_no_log_and_no_mail_keeps_a_word_of_a_row(walk, shops, visitors, caplog):
    """Ana reads every page and looks for her customers; also what is refused is logged."""
    caplog.set_level("INFO")
    words = sorted(ANA.traces(str(vars(shops.ana.rows[owned("Customer")])), shop_too=False))
    found = [ask(visitors[ANA.name], search.format(words[0])) for search in SEARCHES]
    logged = walk.logged + caplog.text

    assert sum(bool(ANA.traces(answer.text)) for answer in found) > 2
    assert "Method Not Allowed" in logged
    assert not ANA.traces(logged, shop_too=False)
    assert shops.ana.owner.email not in logged
    assert not mail.outbox


@pytest.mark.parametrize("path", SEARCHES)
def test_f084_a_page_that_breaks_logs_nobody_who_was_looked_for(
    path, visitors, caplog, monkeypatch
):
    def fail(*args):
        raise ZeroDivisionError

    monkeypatch.setattr("xeno.lib.api.pagination.find_page_size", fail)
    monkeypatch.setattr("tenants.scoping.listing.CappedChangeList.get_results", fail)
    word = ANA.word()

    answer = ask(visitors[ANA.name], path.format(word))

    assert answer.status == 500
    assert "ZeroDivisionError" in caplog.text
    assert word not in caplog.text


def test_f084_a_webhook_logs_no_word_of_its_body(shops, visitors, caplog, settings):
    """Taken in, refused for its signature, and refused for its store."""
    caplog.set_level("INFO")
    body = f'{{"id": 1, "email": "{ANA.word()}@example.com"}}'.encode()
    client = visitors[ANA.name][0].client

    def post(secret, domain):
        headers = {
            "X-Shopify-Hmac-Sha256": signature(body, secret).decode(),
            "X-Shopify-Webhook-Id": ANA.word(), "X-Shopify-Topic": "customers/create",
            "X-Shopify-Shop-Domain": domain,
        }  # fmt: skip
        return client.post("/webhook/shopify", body, "application/json", headers=headers)

    answers = [
        post(secret, domain)
        for secret in (settings.SHOPIFY_API_SECRET, "another")
        for domain in (shops.ana.asked.domain, shops.ana.absent.domain)
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 401, 401]
    assert answers[2].content == answers[3].content
    assert not ANA.traces(caplog.text, shop_too=False)
    with tenant_scope(shops.ana.tenant.pk):
        assert owned("Delivery").objects.filter(body=body).count() == 1
