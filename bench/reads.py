"""Reading the large store: pages, their cost over plain Django, the walls, the admin's lists."""

import http.client
import json
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django
from django.db.models import QuerySet

from bench.figures import REPETITIONS, Figure, in_turn, middle
from bench.large import LARGE_SHOP
from bench.machinery import Web, web

DEPTH = 0.5  # of the customers: the page at 500,000 of 1,000,000
REQUESTS = 60  # of one repetition
MOST = 50  # rows of a page


def listen(port: int, path: str, headers: dict[str, str], count: int) -> list[float]:
    """Seconds of each of so many requests on one kept-alive connection; each must be a 200."""
    connection, found = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")
    connection.close()
    return found


class Reader:
    """Somebody who owns the large store, and the server that they ask."""

    def __init__(self, server: Web) -> None:
        from django.conf import settings

        from tenants.actions import save_member, save_role_rights
        from tenants.models import Tenant, User
        from tenants.roles import Role
        from tenants.sign_in import start_sign_in

        self.server = server
        self.tenant = Tenant.objects.get(shop_domain=LARGE_SHOP)
        user = User.objects.filter(email="reader@example.com").first()
        if user is None:
            user = User.objects.create_user("reader@example.com", "reader of the bench")
        user.is_superuser = True
        user.save()
        save_role_rights(tenant=self.tenant)
        save_member(tenant=self.tenant, user=user, role=Role.OWNER)
        token = start_sign_in(user=user).access
        self.bearer = {"Authorization": f"Bearer {token}", "X-Store": str(self.tenant.pk)}
        self.cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session(user)}"}

    def session(self, user: Any) -> str:
        """The key of a session in which the user is signed in to the admin, in this store."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from tenants.scoping.middleware import STORE_SESSION_KEY

        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[STORE_SESSION_KEY] = self.tenant.pk
        session.save()
        return str(session.session_key)

    def deep_path(self) -> str:
        """The address of the page in the middle of the customers, as its cursor names it."""
        from urllib.parse import quote

        from customers.models import Customer
        from customers.viewsets import CustomerViewSet
        from xeno.lib.api.pagination import KeysetPagination, Ordering, Position
        from xeno.lib.postgres.scope import tenant_scope

        with tenant_scope(self.tenant.pk):
            rows = Customer.objects.order_by("-total_spent", "-id").values("total_spent", "id")
            count = Customer.objects.count()
            row = rows[round(count * DEPTH)]
        pages = KeysetPagination()
        column = CustomerViewSet.orderings["total_spent"]
        field: Any = Customer._meta.get_field(column)
        pages.ordering = Ordering("-total_spent", field)
        position = Position(row["total_spent"], row["id"])
        text = str(position.value)
        cursor = pages.signer().sign_object([text, position.id, position.backward])
        return f"/customers?ordering=-total_spent&cursor={quote(cursor)}"


def pages(reader: Reader, on_done: Callable[[], object]) -> Figure:
    """A page at depth over the first one, over HTTP."""
    deep, first = reader.deep_path(), "/customers?ordering=-total_spent"
    port, headers = reader.server.port, reader.bearer
    listen(port, first, headers, 20)
    listen(port, deep, headers, 20)
    shallow, depth = in_turn(
        lambda: median(listen(port, first, headers, REQUESTS)) * 1000,
        lambda: median(listen(port, deep, headers, REQUESTS)) * 1000,
        on_done=on_done,
    )
    ratio = middle([d / s for d, s in zip(depth, shallow, strict=True)])
    return Figure(
        "customer page at half the depth (500,000 of 1,000,000)",
        "first page, the same ordering",
        f"{middle(depth):.1f} ms",
        f"{middle(shallow):.1f} ms",
        ratio,
        f"{ratio:.2f}",
        1.3,
        1.1,
        more_is_better=False,
    )


class Bare:
    """Django without any of our walls: the owner of the tables, and the store by hand."""

    def __init__(self, tenant_id: int) -> None:
        from django.conf import settings
        from django.db import connections

        login = {**settings.DATABASES["default"], "ENGINE": "django.db.backends.postgresql"}
        login |= login["MIGRATOR"]
        connections.settings["bare"] = login
        self.tenant_id = tenant_id

    def rows(self, model: Any) -> "QuerySet[Any]":
        """All rows of the store: the queryset class itself, no manager."""
        return QuerySet(model, using="bare").filter(tenant_id=self.tenant_id)


def first_page(reader: Reader, bare: Bare, on_done: Callable[[], object]) -> Figure:
    """CPU of the web process for a page, over that of values() and orjson in a loop."""
    import orjson

    from customers.models import Customer
    from customers.serializers import CUSTOMER_COLUMNS

    columns = list(CUSTOMER_COLUMNS)
    plain = bare.rows(Customer).order_by("-last_order_at", "-id").exclude(last_order_at=None)

    def base() -> float:
        began = time.process_time()
        for _ in range(REQUESTS * 4):
            orjson.dumps(list(plain.values(*columns)[:MOST]), default=str)
        return (time.process_time() - began) / (REQUESTS * 4) * 1000

    def ours() -> float:
        # long enough for a clock that ticks a hundred times a second
        began = reader.server.process.cpu_seconds()
        listen(reader.server.port, "/customers", reader.bearer, REQUESTS * 4)
        return (reader.server.process.cpu_seconds() - began) / (REQUESTS * 4) * 1000

    listen(reader.server.port, "/customers", reader.bearer, 50)
    base()
    theirs, us = in_turn(base, ours, on_done=on_done)
    ratio = middle([u / t for u, t in zip(us, theirs, strict=True)])
    return Figure(
        "first page of 50 over HTTP, rights and tags and all, CPU of the web process",
        "`values()` of the same columns + orjson, as owner, no HTTP, no tags, by CPU",
        f"{middle(us):.2f} ms",
        f"{middle(theirs):.2f} ms",
        ratio,
        f"{ratio:.2f}",
        4,
        2.5,
        more_is_better=False,
    )


def each(work: Callable[[int], object], count: int) -> Callable[[], float]:
    """Milliseconds of one call: the median of so many."""
    numbers = iter(range(10**9))

    def run() -> float:
        found = []
        for _ in range(count):
            number = next(numbers)
            began = time.perf_counter()
            work(number)
            found.append(time.perf_counter() - began)
        return median(found) * 1000

    return run


def walls(reader: Reader, bare: Bare, on_done: Callable[[], object]) -> list[Figure]:
    """Row-level security and the strict manager, over an explicit WHERE as the owner."""
    from customers.models import Customer
    from xeno.lib.postgres.scope import tenant_scope

    theirs, ours = bare.rows(Customer), Customer.objects
    order = ("-total_spent", "-id")
    with tenant_scope(reader.tenant.pk):
        ids = list(ours.order_by("id").values_list("pk", flat=True)[:2000])
        base_id = max(Customer.objects.order_by("-shopify_id").values_list("shopify_id")[0]) + 1

        def insert(using: str, start: int) -> Callable[[int], object]:
            def work(number: int) -> None:
                row = Customer(shopify_id=base_id + start + number, tenant_id=reader.tenant.pk)
                row.save(using=using, force_insert=True)

            return work

        pairs: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
            "list": (
                lambda n: list(theirs.order_by(*order)[:MOST]),
                lambda n: list(ours.order_by(*order)[:MOST]),
            ),
            "detail": (
                lambda n: theirs.get(pk=ids[n % len(ids)]),
                lambda n: ours.get(pk=ids[n % len(ids)]),
            ),
            "insert": (insert("bare", 10**9), insert("default", 2 * 10**9)),
        }
        figures = []
        for name, (base_work, our_work) in pairs.items():
            base, us = in_turn(each(base_work, 200), each(our_work, 200), on_done=on_done)
            figures.append(wall(name, base, us))
        theirs.filter(shopify_id__gte=base_id).delete()
    return figures


def wall(name: str, base: list[float], ours: list[float]) -> Figure:
    """One of the rows about walls: a ratio, or a millisecond more."""
    ratio = middle([o / b for o, b in zip(ours, base, strict=True)])
    more = middle(ours) - middle(base)
    return Figure(
        f"the walls: {name}, row-level security and strict manager",
        "explicit WHERE as owner, plain queryset",
        f"{middle(ours):.2f} ms",
        f"{middle(base):.2f} ms",
        ratio,
        f"{ratio:.2f}, {more:+.2f} ms",
        1.3,
        1.1,
        more_is_better=False,
        slack=more <= 1,
    )


def admin_lists(reader: Reader, on_done: Callable[[], object]) -> list[Figure]:
    """The lists of the admin over the large store, as the browser's server time."""
    from django.contrib import admin

    figures = []
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        if not getattr(model, "tenant_owned", False):
            continue
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        found = [s * 1000 for s in listen(reader.server.port, path, reader.cookie, 12)][2:]
        on_done()
        figures.append(
            Figure(
                f"admin list {model._meta.label}",
                "–",
                f"{median(found):.0f} ms (slowest of ten {max(found):.0f} ms)",
                "–",
                median(found),
                f"{median(found):.0f} ms",
                300,
                100 if model._meta.label == "customers.Customer" else 300,
                more_is_better=False,
            )
        )
    return figures


def measure(on_done: Callable[[], object]) -> list[Figure]:
    """The rows of the table that are about reading."""
    from bench.rights import rights_check  # it uses this module

    with web(os.environ, workers=1) as server:
        reader = Reader(server)
        bare = Bare(reader.tenant.pk)
        return [
            pages(reader, on_done),
            first_page(reader, bare, on_done),
            rights_check(reader, on_done),
            *walls(reader, bare, on_done),
            *admin_lists(reader, on_done),
        ]


def main() -> None:
    """`python -m bench.reads`: figures as JSON; the environment names the database."""
    django.setup()

    def on_done() -> None:
        print("done", flush=True)

    for figure in measure(on_done):
        print(json.dumps(figure.as_dict()), flush=True)


assert REPETITIONS >= 5
if __name__ == "__main__":
    main()
