"""Rows 29 and 30: Redis and PostgreSQL are far away, deaf or torn off."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connection

from campaigns.models import Audience, Campaign, Message, Sender, Suppression, Template, Topic
from customers.models import Customer
from segments.models import Segment, SegmentJob, SegmentMember, SegmentState
from tests.faults.brokers import Broker
from tests.faults.inboxes import put
from tests.faults.own_engine import OwnEngine, lent_to
from tests.faults.processes import Database
from tests.faults.proxy import Link, link_to
from tests.faults.serving import NUMBERS, Answer, Server, ask, bearer_of, post_order, serve
from tests.faults.test_database_pressure import apply, in_threads
from tests.rows import make_row
from tests.test_api_surface import routes
from webhooks.backfill.models import Sync, SyncPart
from webhooks.reconciliation.models import LedgerLine
from webhooks.tests.shopify import customer, line, order
from xeno.lib.postgres.scope import tenant_scope

ROWS = 30


@dataclass
class Far:
    """A web server whose database and Redis are at the end of links."""

    server: Server
    database: Database
    redis: Link
    postgres: Link
    bearer: dict[str, str]

    def send(self, count: int = 20) -> list[Answer]:
        return [post_order(self.server.address, next(NUMBERS)) for _ in range(count)]

    def ask_thrice(self, path: str) -> tuple[Answer, int]:
        """The last answer and the fewest waits: a new connection of the pool's is none of ours."""
        asked = [self.ask("GET", path) for _ in range(3)]
        return asked[-1][0], min(trips for _, trips in asked)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[Answer, int]:
        """The answer, and how many times the server waited for the database meanwhile."""
        before = self.postgres.trips
        sent = None if body is None else json.dumps(body).encode()
        headers = {**self.bearer, "Content-Type": "application/json"}
        answer = ask(self.server.address, method, path, sent, headers)
        return answer, self.postgres.trips - before


@pytest.fixture(scope="module")
def far(
    engine: OwnEngine, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Far]:
    log = tmp_path_factory.mktemp("far") / "web.log"
    broker = Broker()
    broker.start()
    socket = engine.place.sockets / ".s.PGSQL.5432"
    try:
        with (
            engine.database() as made,
            link_to(broker.socket) as redis,
            link_to(socket) as postgres,
            django_db_blocker.unblock(),
        ):
            fill(made)
            app = {**made.app, "HOST": "127.0.0.1", "PORT": postgres.port}
            env = Database(made.name, app, made.admin).environment()
            env["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
            with serve(env, log=log) as server:
                yield Far(server, made, redis, postgres, bearer_of(made))
    finally:
        broker.end()


def fill(database: Database) -> None:
    """Customers, orders and products, enough to see a statement for each row of a page."""
    put(database, [
        order(n, customer=customer(n), line_items=[line(n * 10 + k, product_id=n) for k in (1, 2)])
        for n in range(1, ROWS + 1)
    ], prefix="filled")  # fmt: skip
    products = [{"id": n, "title": f"Jug {n}", "variants": []} for n in range(1, ROWS + 1)]
    put(database, products, prefix="product", topic="products/create")
    with lent_to(database):
        apply(database.tenant_id)
        with tenant_scope(database.tenant_id):
            for _ in range(ROWS):
                sync = Sync.objects.create(kind="reconciliation", state="done")
                SyncPart.objects.create(sync=sync, kind="orders", state="done")
                LedgerLine.objects.create(sync=sync, kind="orders")
            fill_campaigns()
    connection.close()


def fill_campaigns() -> None:
    """As many segments, campaigns and what they go by; the newest segment is of everybody, and
    the newest campaign has a message to each."""
    for n in range(ROWS):
        segment = make_row(Segment, name=f"Part {n}", kind="static", query="")
        make_row(SegmentState, segment=segment, members_count=ROWS)
        make_row(SegmentJob, segment=segment, trouble="")
        sender = make_row(Sender, email=f"n{n}@shop.example", reply_to="")
        topic, _ = make_row(Topic), make_row(Template)
        campaign = make_row(Campaign, subject="Spring", html="<p>Hello</p>", sender=sender,
                            topic=topic, state="draft", holdout_percent=0)  # fmt: skip
        make_row(Audience, campaign=campaign, segment=segment, excluded=False)
        make_row(Suppression, address=f"gone{n}@example.com")
    for person in Customer.objects.all():
        make_row(SegmentMember, segment=segment, customer=person, valid_to=None)
        make_row(Message, campaign=campaign, customer=person, address=f"{person.pk}@example.com")


@pytest.fixture(autouse=True)
def healthy(far: Far) -> Iterator[None]:
    """Each test meets sound links and leaves them so."""
    yield
    far.redis.latency = far.postgres.latency = 0.0
    far.redis.deaf = far.redis.refused = False
    far.postgres.deaf = far.postgres.refused = False


# --- 29: Redis ----------------------------------------------------------------------------
def slow(link: Link) -> None:
    link.latency = 0.2


def deaf(link: Link) -> None:
    link.deaf = True


def torn(link: Link) -> None:
    link.refused = True
    link.reset()


@pytest.mark.parametrize("fault", [slow, deaf, torn])
def test_f029_no_webhook_waits_for_redis(far: Far, record_property, fault):
    far.send(5)  # the nudger has a connection of its own by now
    fault(far.redis)

    answers = far.send()

    assert {answer.status for answer in answers} == {200}
    slowest = max(answer.seconds for answer in answers)
    assert slowest < 1
    record_property("slowest webhook of 20, in seconds", round(slowest, 3))


def test_f029_no_page_waits_long_for_redis(far: Far):
    deaf(far.redis)

    page, _ = far.ask("GET", "/customers")
    ready, _ = far.ask("GET", "/readyz")

    assert (page.status, ready.status) == (200, 503)
    assert page.seconds < 1
    assert ready.seconds < 5  # it asks Redis itself, twice


# --- 30: PostgreSQL -------------------------------------------------------------------------
# How many times a request waits for the database: each wait costs the way there and back. One is
# the pool's look at its connection; a statement within a store's scope is three (BEGIN with the
# tenant, itself, COMMIT). A page may be read in two parts, with a value to sort by and without.
BUDGETS = {
    "GET /customers": 14,
    "GET /customers/{id}": 20,
    "GET /orders": 17,
    "GET /orders/{id}": 17,
    "GET /products": 11,
    "GET /products/{id}": 11,
    "GET /auth/me": 5,
    # Each try is committed as a failure before it begins, and taken back after it.
    "POST /auth/login": 34,
    "POST /auth/signup": 20,
    "POST /auth/refresh": 8,
    "POST /auth/logout": 6,
}
BUDGETS |= {
    "GET /api-keys": 12,
    "GET /audit": 12,
    "GET /auth/sessions": 6,
    "GET /auth/two-factor": 7,
    "GET /store": 10,
    "GET /sync": 9,
    "GET /team": 14,
    "GET /team/invitations": 12,
}
# As measured, and one more: a pooled connection may be looked after in between.
BUDGETS |= {
    "GET /segments": 8,
    "GET /segments/{id}": 8,
    "GET /segments/{id}/customers": 9,
    "GET /segments/{id}/diff": 10,
    "GET /segments/{id}/explain": 9,
    "GET /segments/{id}/growth": 10,
    "GET /segments/attributes": 5,
    "GET /segments/jobs": 6,
    "GET /segments/jobs/{id}": 6,
    "GET /segments/templates": 5,
    "POST /segments/parse": 5,
    "POST /segments/preview": 17,
}
BUDGETS |= {
    "GET /campaigns": 7,
    "GET /campaigns/{id}": 7,
    "GET /campaigns/{id}/check": 8,
    "GET /campaigns/{id}/messages": 10,
    "GET /campaigns/{id}/plan": 18,
    "GET /campaigns/{id}/preview": 7,
    "GET /campaigns/{id}/report": 12,
    "GET /senders": 6,
    "GET /sending-settings": 6,
    "GET /suppressions": 7,
    "GET /templates": 6,
    "GET /templates/library": 5,
    "GET /topics": 6,
}
BUDGETS |= {
    "GET /analytics/cohorts": 7,
    "GET /analytics/customer-growth": 8,
    "GET /analytics/overview": 12,
    "GET /analytics/predictions": 7,
    "GET /analytics/revenue": 7,
    "GET /analytics/rfm": 7,
    "GET /analytics/top-customers": 9,
    "GET /analytics/top-products": 7,
    "GET /customers/{id}/timeline": 19,
    "GET /exports": 6,
    "GET /imports": 6,
}
# What one person does now and then, or one row of the lists above.
NOW_AND_THEN = {
    "GET /api-keys/{id}", "GET /audit/{id}", "GET /team/{id}", "GET /team/invitations/{id}",
    "POST /api-keys", "DELETE /api-keys/{id}", "PATCH /store", "PATCH /customers/{id}",
    "POST /auth/email/confirm", "POST /auth/email/confirm/resend", "POST /auth/logout-everywhere",
    "POST /auth/password/change", "POST /auth/password/reset",
    "POST /auth/password/reset/confirm", "DELETE /auth/sessions/{id}", "POST /auth/two-factor",
    "POST /auth/two-factor/confirm", "POST /auth/two-factor/recovery-codes",
    "POST /auth/two-factor/turn-off", "POST /team/invitations", "POST /team/invitations/accept",
    "POST /team/invitations/{id}/resend", "DELETE /team/invitations/{id}", "POST /team/leave",
    "GET /sync/{id}", "POST /sync", "POST /sync/{id}/cancel",
    "POST /team/transfer-ownership", "PATCH /team/{id}", "DELETE /team/{id}",
}  # fmt: skip
NOW_AND_THEN |= {
    "POST /segments", "PATCH /segments/{id}", "DELETE /segments/{id}", "GET /segments/export",
    "POST /segments/import", "POST /segments/import-from-shopify", "POST /segments/{id}/members",
    "POST /segments/{id}/members/remove", "DELETE /segments/{id}/members/{id}",
    "POST /segments/{id}/tag",
    "POST /campaigns", "PATCH /campaigns/{id}", "DELETE /campaigns/{id}",
    "POST /campaigns/{id}/copy", "POST /campaigns/{id}/approve", "POST /campaigns/{id}/schedule",
    "POST /campaigns/{id}/send", "POST /campaigns/{id}/pause", "POST /campaigns/{id}/resume",
    "POST /campaigns/{id}/cancel", "POST /campaigns/{id}/test",
    "GET /campaigns/{id}/messages/export", "POST /campaigns/{id}/messages/{id}/settle",
    "GET /senders/{id}", "POST /senders", "PATCH /senders/{id}", "DELETE /senders/{id}",
    "GET /suppressions/{id}", "POST /suppressions", "POST /suppressions/import",
    "DELETE /suppressions/{id}", "PATCH /sending-settings",
    "GET /templates/{id}", "POST /templates", "PATCH /templates/{id}", "DELETE /templates/{id}",
    "GET /topics/{id}", "POST /topics", "PATCH /topics/{id}", "DELETE /topics/{id}",
}  # fmt: skip
NOW_AND_THEN |= {
    "GET /exports/{id}", "GET /exports/{id}/file", "GET /imports/{id}", "GET /imports/{id}/errors",
    "POST /exports", "POST /imports", "POST /imports/{id}/preview", "POST /imports/{id}/start",
}  # fmt: skip
# Lists that are asked for as long as a page can be here, and whose rows have addresses.
LISTS = ("customers", "orders", "products", "segments", "segments/jobs", "campaigns")
PASSWORD = "correct horse battery staple"
OFF_BUDGET = {"schema", "docs"}  # ask the database for nobody but the caller


def endpoints() -> set[str]:
    """Every endpoint of the API, written as the budgets are."""
    found = set()
    for path, _, actions in routes():
        plain = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "{id}", path)
        plain = re.sub(r"[\^$\\]|/\?|\[/\.\]\+|\.\?", "", plain).rstrip("/")
        for method in actions:
            if method != "head" and plain not in OFF_BUDGET:
                found.add(f"{method.upper()} /{plain}")
    return found


def requests(far: Far) -> dict[str, tuple[str, str, Any]]:
    """A request for each budget; the lists as long as a page can be here."""
    first = {
        kind: json.loads(far.ask("GET", f"/{kind}?page_size=1")[0].body)["results"][0]["id"]
        for kind in LISTS
    }
    known = {"email": "ana@example.com", "password": PASSWORD}
    refresh, leaving = (
        {"refresh": json.loads(far.ask("POST", "/auth/login", known)[0].body)["refresh"]}
        for _ in range(2)
    )
    made = {f"GET /{kind}": ("GET", f"/{kind}?page_size={ROWS}", None) for kind in first}
    for name in BUDGETS:
        kind, is_of_row, rest = name.removeprefix("GET /").partition("/{id}")
        if is_of_row:
            asked = f"?customer={first['customers']}" if rest == "/explain" else ""
            made[name] = ("GET", f"/{kind}/{first[kind]}{rest}{asked}", None)
    for name in BUDGETS:
        if name.startswith("GET ") and name not in made and "{" not in name:
            made[name] = ("GET", name.removeprefix("GET "), None)
    for name in ("parse", "preview"):
        query = {"query": "number_of_orders > 0"}
        made[f"POST /segments/{name}"] = ("POST", f"/segments/{name}", query)
    made["POST /auth/login"] = ("POST", "/auth/login", known)
    newcomer = {"email": f"new{next(NUMBERS)}@example.com", "password": PASSWORD}
    made["POST /auth/signup"] = ("POST", "/auth/signup", newcomer)
    made["POST /auth/refresh"] = ("POST", "/auth/refresh", refresh)
    made["POST /auth/logout"] = ("POST", "/auth/logout", leaving)
    return made


def test_f030_every_endpoint_has_a_budget():
    assert endpoints() == set(BUDGETS) | NOW_AND_THEN


def test_f030_every_endpoint_keeps_its_budget(far: Far, record_property):
    spent = {}
    for name, (method, path, body) in requests(far).items():
        answer, trips = far.ask_thrice(path) if method == "GET" else far.ask(method, path, body)
        assert answer.status < 400, (name, answer.body)
        spent[name] = trips
    record_property("waits for the database", spent)

    assert {name: trips for name, trips in spent.items() if trips > BUDGETS[name]} == {}


def seconds_of_waits(far: Far, count: int) -> float:
    """How long a client that does nothing else waits for so many answers over the link."""
    login = {**far.database.app, "HOST": "127.0.0.1", "PORT": far.postgres.port}
    url = Database(far.database.name, login, far.database.admin).url(login)
    with psycopg.connect(url, autocommit=True) as client:
        began = time.monotonic()
        for _ in range(count):
            client.execute("SELECT 1")
        return time.monotonic() - began


@pytest.mark.parametrize("kind", ["customers", "orders", "products"])
def test_f030_a_longer_page_costs_no_further_statement(far: Far, kind):
    short, trips = far.ask_thrice(f"/{kind}?page_size=2")
    long, trips_of_long = far.ask_thrice(f"/{kind}?page_size={ROWS - 5}")

    assert [len(json.loads(page.body)["results"]) for page in (short, long)] == [2, ROWS - 5]
    # One more or less: a pooled connection may have been looked after in between. A statement
    # for each row would be two dozen.
    assert abs(trips_of_long - trips) <= 1


def test_f030_a_far_database_costs_its_distance_and_no_more(far: Far):
    path = f"/orders?page_size={ROWS}"
    near = max(far.ask("GET", path)[0].seconds for _ in range(3))
    far.postgres.latency = 0.1

    asked = [far.ask("GET", path) for _ in range(3)]
    webhooks = far.send(3)
    distance = seconds_of_waits(far, BUDGETS["GET /orders"])

    assert {page.status for page, _ in asked} | {sent.status for sent in webhooks} == {200}
    assert min(trips for _, trips in asked) <= BUDGETS["GET /orders"]
    # What this machine needs for so many bare questions at this distance is the floor.
    assert min(page.seconds for page, _ in asked) < 1.2 * distance + 3 * near
    assert min(sent.seconds for sent in webhooks) < 0.6 * distance


def test_f030_a_database_that_is_cut_off_is_503_and_is_found_again(far: Far):
    far.send(4)
    far.postgres.refused = True
    far.postgres.reset()

    answers: dict[str, Answer] = {}
    in_threads([
        lambda: answers.update(webhook=far.send(1)[0]),
        lambda: answers.update(page=far.ask("GET", "/orders")[0]),
    ])  # fmt: skip
    far.postgres.refused = False
    back_at = time.monotonic()
    while far.send(1)[0].status != 200:
        assert time.monotonic() < back_at + 5

    assert [(answers[n].status, answers[n].retry_after) for n in ("webhook", "page")] == [
        (503, "5"), (503, "2"),
    ]  # fmt: skip
    assert answers["webhook"].seconds < 5
