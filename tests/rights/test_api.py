"""Row 86 of the faults: every role on every route, as the table says; the refusals too."""

import json

import pytest
from django.urls import URLResolver, get_resolver, resolve
from django.views.generic import RedirectView

from tenants.models import User
from tests.rights.bodies import BODIES, body_of
from tests.rights.cast import EVERYBODY, KEYS, ROLES, expected, holds, ids_of
from tests.rights.routes import ROWS
from tests.rights.unchanged import tables_with, unchanged, undone
from tests.test_walls_routes import SLOW
from tests.visits import METHODS
from webhooks.middleware import PATHS

pytestmark = pytest.mark.django_db

SEVERAL = ("GET", "POST", "PUT", "PATCH", "DELETE")
ANY_METHOD = ("/", "/healthz", "/readyz")  # they say the same to all of them


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    """The install is ready, whether or not some worker lives."""
    monkeypatch.setattr("xeno.health.PARTS", {})


def patterns(found, prefix=""):
    """Every route that is no page, with its view."""
    for pattern in found:
        path = prefix + str(pattern.pattern)
        if path.startswith(("admin", "account")):
            continue
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def methods_of(view):
    """The methods that a view answers."""
    if actions := getattr(view, "actions", None):
        return {method.upper() for method in actions}
    own = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if own is None or own is RedirectView:  # it says the same to all methods
        return {"GET"}
    return {name for name in SEVERAL if hasattr(own, name.lower())}


def path_of(row, asked, user=None):
    """The row's path with the ids that are asked for, and that of the user's own session."""
    session = user.sign_ins.filter(kind="api").first() if user and "{session}" in row.path else None
    return row.path.format(**ids_of(asked), session=getattr(session, "pk", 1))


def code_of(answer):
    """The error's code; an answer without a body has none."""
    return json.loads(answer.body)["errors"][0]["code"]


def test_f086_every_route_and_method_is_in_the_table(shops):
    # DRF answers HEAD by GET, and writes it down with a view's first request.
    served = {(path, method) for path, view in patterns(get_resolver().url_patterns)
              for method in methods_of(view) if method != "HEAD"}  # fmt: skip
    listed = {(resolve(path_of(row, shops.ana.asked).partition("?")[0]).route, row.method)
              for row in ROWS if row.needs != "SHOPIFY"}  # fmt: skip

    assert served == listed
    assert {row.path for row in ROWS if row.needs == "SHOPIFY"} == set(PATHS)
    assert set(BODIES) <= {str(row) for row in ROWS}


def of(row):
    """The row as a test's parameter."""
    return pytest.param(row, id=str(row))


@pytest.fixture
def ask(cast):
    """One request of somebody by the table, in Ana's store unless another is named."""

    def ask(name, row, asked=None, *, store=None, body=None):
        named = store or (cast.store if name == "stranger" else None)
        headers = {"X-Store": str(named.pk)} if named and row.of_store else {}
        path = path_of(row, asked or cast.asked, cast.users.get(name))
        return cast.program(name, row.needs).ask(path, row.method, body, **headers)

    return ask


@pytest.mark.parametrize("row", map(of, ROWS))
def test_f086_who_may_not_is_refused_and_changes_nothing(row, cast, ask):
    bodies = {name: body_of(row, cast, name) for name in EVERYBODY if expected(name, row.needs)}
    with unchanged(cast.store, cast.foreign_store):
        for name, body in bodies.items():
            answer = ask(name, row, body=body)
            assert (answer.status, code_of(answer)) == expected(name, row.needs), name


@pytest.mark.parametrize("row", map(of, ROWS))
def test_f086_who_may_is_answered(row, cast, ask):
    for name in ("owner", "nobody") if row.path in SLOW else EVERYBODY:
        if not expected(name, row.needs):
            with undone():
                assert ask(name, row, body=body_of(row, cast, name)).status in row.statuses, name


@pytest.mark.parametrize("row", [of(row) for row in ROWS if row.of_store])
def test_f086_in_another_store_no_role_is_anything(row, cast, ask):
    with unchanged(cast.store, cast.foreign_store):
        for name in ROLES:
            answer = ask(name, row, cast.shops.cy.asked, store=cast.foreign_store)
            assert (answer.status, code_of(answer)) == (404, "store_not_found"), name


@pytest.mark.parametrize("row", [of(row) for row in ROWS if row.of_store and "{" in row.path])
def test_f086_f083_a_foreign_id_is_an_unknown_one_to_each_role(row, cast, ask):
    with unchanged(cast.store, cast.foreign_store):
        for name in (*ROLES, *KEYS):
            # The first notes that somebody came.
            _, foreign, absent = (
                ask(name, row, asked).about(asked)
                for asked in (cast.shops.cy.absent, cast.shops.cy.asked, cast.shops.cy.absent)
            )
            assert foreign == absent, name
            refusal = (404, "not_found") if holds(name, row.needs) else (403, "right_missing")
            assert (foreign.status, code_of(foreign)) == refusal, name


@pytest.mark.parametrize("path", sorted({row.path for row in ROWS} - {*PATHS, *ANY_METHOD}))
def test_f086_a_method_that_is_not_in_the_table_does_nothing(path, cast):
    known = {row.method for row in ROWS if row.path == path}
    with unchanged(cast.store, cast.foreign_store):
        for method in set(METHODS) - known - {"HEAD" if "GET" in known else ""}:
            for name in ("owner", "nobody"):
                answer = cast.programs[name].ask(
                    path.format(**ids_of(cast.asked), session=1), method, {}
                )
                assert answer.status in (401, 405), (method, name)


# Columns that no form offers, with values that stand nowhere else.
PLANTED = "planted|1999-12-31|314159265"
NO_FIELDS = {
    **dict.fromkeys(("id", "pk", "tenant", "tenant_id", "store", "user_id", "made_by", "made_by_id",
                     "invited_by_id", "last_step", "orders_count"), 314159265),
    **dict.fromkeys(("created_at", "accepted_at", "last_used_at", "revoked_at", "installed_at",
                     "email_confirmed_at", "history_complete_since"), "1999-12-31T00:00:00Z"),
    **dict.fromkeys(("shop_domain", "access_token", "refresh_token", "scopes", "plan", "key_hash",
                     "hint", "nonce", "token_hash", "password_tag", "secret"), "planted"),
    **dict.fromkeys(("is_superuser", "is_staff", "is_active"), True),
    "total_spent": "314159265.00", "groups": [1], "user_permissions": [1],
}  # fmt: skip


@pytest.mark.parametrize("row", [of(row) for row in ROWS if row.method in ("POST", "PATCH")
                                 and row.needs != "SHOPIFY"])  # fmt: skip
def test_f087_what_is_no_field_of_the_form_is_written_nowhere(row, cast, ask):
    operators = User.objects.filter(is_superuser=True).count()

    answer = ask("owner", row, body=NO_FIELDS | body_of(row, cast, "owner"))

    assert answer.status in row.statuses
    assert not tables_with(PLANTED, cast.store)
    assert User.objects.filter(is_superuser=True).count() == operators
