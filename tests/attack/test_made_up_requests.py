"""Row 71 of the faults, short form: what schemathesis makes up breaks nothing, whoever sends it."""

import re
from urllib.parse import parse_qsl

import pytest
from django.urls import resolve
from schemathesis import GenerationMode

from tests.attack.sending import attack, check, open_schema, operations
from tests.rights.bodies import body_of
from tests.rights.routes import ROWS
from tests.rights.test_api import path_of
from tests.rights.unchanged import undone
from tests.test_walls_routes import SLOW

pytestmark = pytest.mark.django_db

# Who attacks, and with how many requests of each kind an operation.
ATTACKERS = {"owner": 2, "analyst": 1, "newcomer": 1, "key with the right": 1, "nobody": 1}
DESCRIBED = [row for row in ROWS if row.path.startswith("/") and row.needs != "SHOPIFY"]
# Pages, and what the machinery and letters' readers ask: no part of the API.
NOT_DESCRIBED = {"/", "/healthz", "/readyz", "/shopify/install", "/shopify/callback", *SLOW}
NOT_DESCRIBED |= {"/t/o/forged.gif", "/t/c/forged", "/u/forged", "/p/forged",
                  "/provider-events/postmark/tracking/"}  # fmt: skip


@pytest.fixture(scope="module")
def api():
    return operations(open_schema())


def asked_of(row, asked, user=None):
    """The row's path with the ids that are asked for, and the parameters that follow it."""
    path, _, query = path_of(row, asked, user).partition("?")
    return path, dict(parse_qsl(query))


def headers_of(cast, name):
    """How they say who they are; the key holds every right that a key can."""
    return cast.program(name, "").headers


def test_f071_every_route_is_described(api, shops):
    described = {(resolve(asked_of(row, shops.ana.asked)[0]).route, row.method)
                 for row in DESCRIBED if row.path not in NOT_DESCRIBED}  # fmt: skip

    assert set(api) == described


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", ATTACKERS)
def test_f071_no_made_up_request_breaks_anything(name, mode, api, cast):
    for operation in api.values():
        attack(operation, mode, headers_of(cast, name), examples=ATTACKERS[name])


@pytest.mark.parametrize("row", [pytest.param(row, id=str(row)) for row in DESCRIBED
                                 if row.path not in NOT_DESCRIBED])  # fmt: skip
def test_f071_a_right_request_is_answered_as_described(row, api, cast):
    """Without this the attack could pass because every answer is a refusal."""
    path, query = asked_of(row, cast.asked, cast.users["owner"])
    match, operation = resolve(path), api[resolve(path).route, row.method]
    # The description lists its parameters by name; the path has them in the route's order.
    names = re.findall(r"{(\w+)}", operation.path)

    with undone():
        body = body_of(row, cast, "owner")
        given = {} if not body else {"body": body, "media_type": "application/json"}
        case = operation.Case(
            path_parameters=dict(zip(names, match.kwargs.values(), strict=True)),
            query=query,
            **given,
        )
        assert check(case, headers_of(cast, "owner")) in row.statuses
