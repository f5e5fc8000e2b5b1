"""What is true of every route: one shape of error, a right behind each, a description."""

import pytest
from django.db import OperationalError
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from psycopg_pool import PoolTimeout

from tenants.roles import Right
from tenants.scoping.rights import KINDS
from tenants.scoping.viewsets import OfTenant


def routes(patterns=None, prefix=""):
    """Every route of the API with its view and what it serves."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not path.startswith("admin/"):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            yield path, pattern.callback.cls, getattr(pattern.callback, "actions", {})


def test_each_route_over_tenant_rows_declares_its_rights():
    checked = 0
    for path, view, actions in routes():
        if issubclass(view, OfTenant):
            for action in set(actions.values()):
                assert isinstance(view.rights.get(KINDS.get(action, action)), Right), path
                checked += 1
    assert checked >= 6


def test_each_list_orders_by_columns_that_exist():
    for _, view, _ in routes():
        if issubclass(view, OfTenant):
            assert view.ordering.removeprefix("-") in view.orderings
            for column in view.orderings.values():
                view.queryset.model._meta.get_field(column)


def check_shape(response, status):
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert response.json().keys() == {"type", "errors"}
    assert {error.keys() == {"code", "detail", "attr"} for error in response.json()["errors"]}


def test_errors_of_django_have_the_shape_too(api, ana_api):
    check_shape(api.get("/nowhere"), 404)
    check_shape(api.get("/customers"), 401)
    check_shape(ana_api.get("/customers/x"), 404)
    check_shape(ana_api.get("/customers?x=1"), 400)
    check_shape(ana_api.delete("/customers/1"), 405)
    check_shape(api.get("/customers", headers={"Host": "evil.example.com"}), 400)


def test_a_path_that_is_not_there_says_what_an_id_that_is_not_there_says(ana_api):
    assert ana_api.get("/nowhere").content == ana_api.get("/customers/0").content


def test_a_bug_tells_nothing_of_itself(ana_api, monkeypatch):
    def fail(*args):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("xeno.lib.api.pagination.find_page_size", fail)

    response = ana_api.get("/customers")

    check_shape(response, 500)
    assert b"secret" not in response.content


@pytest.mark.parametrize("place", ["xeno.lib.api.pagination.find_page_size",
                                   "tenants.scoping.middleware.find_user"])  # fmt: skip
@pytest.mark.parametrize("error", [OperationalError, PoolTimeout])
def test_a_database_that_is_away_is_503_come_again(ana_api, monkeypatch, place, error):
    def away(*args):
        raise OperationalError("the server closed the connection") from error()

    monkeypatch.setattr(place, away)

    response = ana_api.get("/customers")

    check_shape(response, 503)
    assert response.headers["Retry-After"] == "2"
    assert response.json()["errors"][0]["code"] == "unavailable"


def test_the_schema_is_valid_and_complete():
    schema = SchemaGenerator().get_schema(public=True)

    validate_schema(schema)
    ids = [op["operationId"] for path in schema["paths"].values() for op in path.values()]
    assert len(set(ids)) == len(ids)
    assert not any(path.endswith("/") for path in schema["paths"])
    customers = schema["paths"]["/customers"]["get"]
    assert {"X-Store", "cursor", "ordering", "country"} <= {
        p["name"] for p in customers["parameters"]
    }
    assert {"200", "400", "401", "403", "404", "409", "default"} <= customers["responses"].keys()
    assert "last_orders" in schema["components"]["schemas"]["CustomerDetail"]["properties"]


@pytest.mark.parametrize("path", ["/schema", "/docs", "/docs/"])
def test_the_description_is_public_while_one_develops(api, path):
    assert api.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/schema", "/docs"])
def test_the_description_needs_a_sign_in_in_production(api, ana_api, settings, path):
    settings.PRODUCTION = True

    assert api.get(path).status_code == 401
    assert ana_api.get(path).status_code == 200


def test_the_docs_load_nothing_from_elsewhere(api):
    page = api.get("/docs").content.decode()

    assert "cdn." not in page
    assert "/static/drf_spectacular_sidecar/" in page


def test_no_proxy_keeps_what_somebody_was_told(ana_api, api):
    assert ana_api.get("/customers").headers["Cache-Control"] == "no-store"
    assert api.post("/auth/login", {}).headers["Cache-Control"] == "no-store"


def test_the_home_page_is_the_admin(api):
    assert api.get("/").headers["Location"] == "/admin/"


def test_this_process_lives(api):
    assert api.get("/healthz").status_code == 200
