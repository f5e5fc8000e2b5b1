"""What an API client may send without breaking anything: rows 60, 62, 63, 65, 67 of the faults."""

import tarfile
from pathlib import Path

import pytest
from django.test import RequestFactory

from xeno.wsgi import application

SUITE = Path(__file__).parents[2] / "shared" / "data" / "jsontestsuite_test_parsing.tar.gz"
HOSTILE_TEXT = ["\0", "a\0b@example.com", "\ud800", "a\udfffb"]


def post(api, body, content_type="application/json"):
    """The answer to a body that is sent as it is; never more than a 4xx."""
    response = api.generic("POST", "/auth/login", body, content_type=content_type)
    assert 400 <= response.status_code < 500, (body[:60], response.content)
    return response


def code(response):
    return response.json()["errors"][0]["code"]


def suite():
    """Name and bytes of each file of the JSONTestSuite."""
    if not SUITE.exists():
        return []
    with tarfile.open(SUITE) as files:
        members = [m for m in files if m.isfile() and m.name.endswith(".json")]
        return [(Path(m.name).name, files.extractfile(m).read()) for m in members]


@pytest.mark.skipif(not SUITE.exists(), reason="the JSONTestSuite is not beside this checkout")
def test_f060_each_file_of_the_json_test_suite_is_answered(api):
    cases = suite()
    assert len(cases) > 300

    for name, body in cases:
        response = post(api, body)

        assert response.status_code == 400, name
        if name.startswith("n_") and body:
            assert code(response) == "parse_error", name
        if name.startswith("y_") and b"\\u0000" not in body:
            assert code(response) != "parse_error", name


@pytest.mark.parametrize("body", [
    b'{"email": "a\\u0000@example.com"}',
    b'{"email": "\\ud800"}',
    b'{"email": "\\udc00\\ud800"}',
    b'{"email": "\xed\xa0\x80"}',
    b'{"email": "a\0b"}',
    b'{"a\\u0000": 1}',
    b'{"deep": [[{"a": ["\\u0000"]}]]}',
    b'\xff\xfe',
])  # fmt: skip
def test_f062_text_that_postgresql_cannot_hold_is_400(api, body):
    assert code(post(api, body)) == "parse_error"


@pytest.mark.parametrize("path", ["/customers?search=", "/orders?search=", "/products?vendor=",
                                  "/customers?cursor=", "/customers?nobody="])  # fmt: skip
@pytest.mark.parametrize("text", ["%00", "a%00b", "%ed%a0%80%00"])
def test_f062_nul_in_a_query_is_400(ana_api, path, text):
    assert ana_api.get(path + text).status_code == 400


@pytest.mark.parametrize("path", ["/customers?search=", "/customers?email=", "/orders?search=",
                                  "/products?vendor=", "/customers?cursor="])  # fmt: skip
@pytest.mark.parametrize("text", ["%ed%a0%80", "a%ed%b0%80b", "%ff", "%c3"])
def test_f062_a_query_that_is_not_utf8_is_400(ana_api, path, text):
    response = ana_api.get(path + text)

    assert response.status_code == 400
    assert code(response) == "invalid"


@pytest.mark.parametrize(("moment", "status"), [
    ("2020-01-01T00:00:00%2B23:59", 200),  # an offset that PostgreSQL does not know
    ("2020-01-01T00:00:00-16:00", 200),
    ("9999-12-31T23:59:59-12:00", 400),  # the year 10000
    ("0001-01-01T00:00:00%2B12:00", 400),
])  # fmt: skip
@pytest.mark.parametrize("path", ["/customers?created_after=", "/orders?processed_before=",
                                  "/products?synced_after="])  # fmt: skip
def test_f048_a_moment_at_the_edge_of_time_is_no_fault(ana_api, path, moment, status):
    assert ana_api.get(path + moment).status_code == status


@pytest.mark.parametrize("path", ["/customers/%00", "/customers/%ed%a0%80", "/%00", "/%ed%a0%80"])
def test_f062_hostile_paths_are_404(ana_api, path):
    assert ana_api.get(path).status_code == 404


@pytest.mark.parametrize("header", ["X-Store", "Authorization", "Accept", "Content-Type", "Origin"])
@pytest.mark.parametrize("value", ["\x00", "é\x80\xff", "a" * 5000])
def test_f062_hostile_headers_are_never_a_fault(ana_api, header, value):
    assert ana_api.get("/customers", headers={header: value}).status_code < 500


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":', b'{"email":['])
def test_f063_nesting_is_400(api, opening):
    assert code(post(api, opening * 100_000)) == "parse_error"


def test_f063_nesting_that_closes_is_400_as_well(api):
    assert code(post(api, b"[" * 100_000 + b"]" * 100_000)) == "parse_error"


def test_f063_a_long_array_is_400(api):
    assert post(api, b"[" + b"1," * 125_000 + b"1]").status_code == 400


def test_f064_a_large_body_is_413_before_it_is_read(api, settings):
    response = post(api, b'{"email": "' + b"a" * settings.API_MAX_BYTES + b'"}')

    assert response.status_code == 413
    assert code(response) == "body_too_large"


@pytest.mark.parametrize("length", ["50000000", "9" * 30, "9" * 5000])
def test_f064_a_length_is_believed(api, length):
    response = api.generic("POST", "/auth/login", b"{}", CONTENT_LENGTH=length)

    assert response.status_code == 413


@pytest.mark.parametrize("path", ["/auth/login", "/customers", "/webhook/shopify"])
def test_f064_a_body_without_a_length_is_411(ana_api, path):
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}

    response = ana_api.generic("POST", path, b"{}", content_type="application/json", **chunked)

    assert response.status_code == 411
    assert code(response) == "length_required"


@pytest.mark.parametrize(
    "number",
    [b"1e309", b"-1e309", b"1" + b"0" * 400, b"NaN", b"Infinity", b"-Infinity", b"9" * 5000,
     b"9223372036854775808", b"-9223372036854775809"],
)  # fmt: skip
def test_f065_numbers_that_nothing_can_hold_are_400(api, number):
    assert code(post(api, b'{"email": "a@example.com", "n": [' + number + b"]}")) == "parse_error"


def test_f067_of_a_key_that_comes_twice_the_last_wins(api, ana):
    body = b'{"email": "x@example.com", "password": "%s", "email": "ana@example.com"}'
    right = body % b"correct horse battery staple"

    response = api.generic("POST", "/auth/login", right, content_type="application/json")

    assert response.status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_f067_a_body_in_another_encoding_is_400(api, encoding):
    text = '{"email": "ana@example.com", "password": "é"}'

    assert post(api, text.encode(encoding)).status_code == 400


@pytest.mark.parametrize(
    "charset", ["utf-16", "latin-1", "idna", "base64", "undefined", "rot13", "punycode", "x"]
)
def test_f067_a_charset_that_is_not_utf8_is_415(db, charset):
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        PATH_INFO="/auth/login",
        QUERY_STRING="search=%e9\xe9",
        CONTENT_TYPE=f"application/json; charset={charset}",
    )
    statuses = []

    # Through the server's own door: Django's test client makes its requests another way.
    application(environ, lambda status, headers: statuses.append(status))

    assert statuses == ["415 Unsupported Media Type"]


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_f067_utf8_may_be_said(api, charset):
    assert post(api, b"{}", f"application/json; charset={charset}").status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "", "a"])
def test_another_kind_of_body_is_415(api, content_type):
    assert post(api, b"--x", content_type).status_code == 415


@pytest.mark.parametrize("body", [b"", b"null", b"1", b'"x"', b"[]", b"{}", b'{"email": {}}',
                                  b'{"email": [], "password": {}}'])  # fmt: skip
def test_a_body_of_another_shape_is_400(api, body):
    response = post(api, body)

    assert response.status_code == 400
    assert response.json()["type"] == "validation_error"


def test_a_thousand_parameters_are_400(ana_api):
    assert ana_api.get("/customers?" + "a&" * 2000).status_code == 400


def test_accepting_no_json_is_406(ana_api):
    assert ana_api.get("/customers", headers={"Accept": "text/csv"}).status_code == 406
