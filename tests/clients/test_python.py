"""A Python client that openapi-python-client makes of our description, against a running server."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.conftest import Shop

NAME = "xeno_client"
# Texts in place of Python's enums: `-total_spent` has no name that an enum could give it.
CONFIG = f"package_name_override: {NAME}\nliteral_enums: true\npost_hooks: []\n"


class Made:
    """The generated package; each part is imported when it is asked for."""

    def __call__(self, part: str) -> ModuleType:
        return importlib.import_module(f"{NAME}.{part}" if part else NAME)


@pytest.fixture(scope="module")
def made(description: Path) -> Iterator[Made]:
    """The client, generated without a warning."""
    folder = description.parent
    (folder / "config.yml").write_text(CONFIG)
    argv = [Path(sys.executable).parent / "openapi-python-client", "generate", "--fail-on-warning"]
    argv += ["--path", description, "--config", folder / "config.yml"]
    told = subprocess.run(
        [*argv, "--output-path", folder / "client"], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr
    with pytest.MonkeyPatch.context() as path:
        path.syspath_prepend(folder / "client")
        yield Made()


def sign_in(made: Made, shop: Shop, email: str) -> Any:
    """A client that is signed in."""
    body = made("models").LogInRequest(email=email, password=shop.password)
    tokens = made("api.auth.log_in").sync(client=made("").Client(shop.address), body=body)
    return made("").AuthenticatedClient(shop.address, token=tokens.access)


def test_a_python_client_signs_in_and_walks_a_list_page_by_page(made, shop):
    client = sign_in(made, shop, "owner@demo.example")
    customers_list = made("api.customers.customers_list")

    seen, cursor = [], made("types").UNSET
    while cursor is not None:
        page = customers_list.sync(
            client=client, x_store=str(shop.store.pk), ordering="-total_spent", page_size=2,
            cursor=cursor,
        )  # fmt: skip
        seen += [customer.email for customer in page.results]
        cursor = find_cursor(page.next_)

    assert seen == [f"{n}@example.com" for n in (4, 3, 2, 1, 0)]


def find_cursor(link: str | None) -> str | None:
    """The cursor of a page's link."""
    return parse_qs(urlsplit(link).query)["cursor"][0] if link else None


def test_a_python_client_reads_an_order_with_its_lines(made, shop):
    client = sign_in(made, shop, "analyst@demo.example")

    order = made("api.orders.orders_retrieve").sync(str(shop.order.pk), client=client)

    assert (order.amount, order.currency) == ("20.00", "GBP")
    assert [line.title for line in order.line_items] == ["Mug", "Mug"]
    assert order.processed_at == shop.order.processed_at


@pytest.mark.parametrize(
    ("email", "query", "status", "code"),
    [
        ("owner@demo.example", {"country": "gb"}, 400, "invalid"),
        ("owner@demo.example", {"x_store": "cy.myshopify.com"}, 404, "store_not_found"),
        ("nobody", {}, 401, "token_not_valid"),
    ],
)
def test_a_python_client_reads_each_refusal_in_one_shape(made, shop, email, query, status, code):
    stranger = made("").AuthenticatedClient(shop.address, token="x.y.z")
    client = stranger if email == "nobody" else sign_in(made, shop, email)

    answer = made("api.customers.customers_list").sync_detailed(client=client, **query)

    assert answer.status_code == status
    assert isinstance(answer.parsed, made("models").ErrorResponse)
    assert answer.parsed.errors[0].code == code


def test_a_python_client_makes_a_key_once_and_uses_it(made, shop):
    owner, models = sign_in(made, shop, "owner@demo.example"), made("models")
    make = made("api.api_keys.api_keys_create").sync
    body = models.ApiKeyRequest(name="Warehouse", rights=["view_orders"])

    first, again = (make(client=owner, body=body, idempotency_key="once") for _ in range(2))

    assert first == again
    server = made("").AuthenticatedClient(shop.address, token=first.key)
    assert len(made("api.orders.orders_list").sync(client=server).results) == 3
    refused = made("api.customers.customers_list").sync(client=server)
    assert refused.errors[0].code == "right_missing"


def test_a_python_client_edits_only_what_it_saw(made, shop):
    owner = sign_in(made, shop, "owner@demo.example")
    edit = made("api.store.store_partial_update").sync_detailed
    seen = made("api.store.store_retrieve").sync_detailed(client=owner).headers["ETag"]
    body = made("models").PatchedStoreSettingsRequest(name="Hart")

    answers = [edit(client=owner, body=body, if_match=seen) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[1].parsed.errors[0].code == "changed_meanwhile"
