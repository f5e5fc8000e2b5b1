"""Requests that schemathesis makes up from our description of the API, sent as somebody."""

import re
from collections.abc import Callable
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis import checks as known

from tests.attack import checks  # noqa: F401  # names a check of our own
from tests.rights.unchanged import undone
from xeno.wsgi import application

CHECKS = known.CHECKS.get_by_names([
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "wrong_data_is_refused",
    "ignored_auth", "unsupported_method", "missing_required_header", "allow_header_conformance",
])  # fmt: skip
SEND = (Phase.explicit, Phase.generate)  # shrinking costs more than it tells
SIGNALS = (request_started, request_finished)


def open_schema() -> Any:
    """The API as it describes itself, answered by this process."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    schema.app = answer
    return schema


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The server's answer on the test's own connection, which Django would look at and close."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)
    try:
        response = application(environ, start_response)
        body = b"".join(response)
        response.close()
        return [body]
    finally:
        for signal in SIGNALS:
            signal.connect(close_old_connections)


def operations(schema: Any) -> dict[tuple[str, str], Any]:
    """Every operation of the description, by its route and method."""
    found = [result.ok() for result in schema.get_all_operations()]
    paths = {operation: re.sub(r"{\w+}", "1", operation.path) for operation in found}
    return {(resolve(paths[op]).route, op.method.upper()): op for op in found}


def attack(
    operation: Any, mode: GenerationMode, headers: dict[str, str], *, examples: int
) -> list[int]:
    """Send made-up requests, the same each time; raises what is wrong with an answer.

    Gives the statuses of the answers.
    """
    statuses = []

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=SEND,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        with undone():
            statuses.append(check(case, headers))

    send()
    return statuses


def check(case: Any, headers: dict[str, str]) -> int:
    """Send one request and raise what is wrong with the answer; its status."""
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS, headers=headers)
    return int(response.status_code)
