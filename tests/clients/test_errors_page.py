"""docs/api/errors.md names each code that the API answers with, with its status, and no other."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from rest_framework.exceptions import APIException

from tests.clients.conftest import DOCS
from xeno.lib.errors import Mistake

ROOT = DOCS.parents[1]
# What the API's routes can reach.
REACHED = ("xeno.lib", "tenants", "customers", "orders", "segments", "campaigns", "webhooks")
# Pages and workers meet these; no route of the API does.
ELSEWHERE = (
    "tenants.shopify", "tenants.joining", "segments.by_hand", "tenants.admin", "campaigns.admin",
    "webhooks.backfill.asking", "webhooks.inbox", "webhooks.mapping", "webhooks.privacy",
)  # fmt: skip
# Of Shopify's troubles, those that a route finds out by itself.
PASSED_ON = {("not_connected", 409)}
# Where a literal code stands in a call: at this place, or by the name `code`.
PLACES = {"ErrorDetail": 1, "error_response": 1, "ValidationError": 1}
# Frameworks' own, and ours for all that is wrong within the house.
NOT_OURS = {
    "not_authenticated", "permission_denied", "not_found", "method_not_allowed", "not_acceptable",
    "unsupported_media_type", "parse_error", "error", "bad_request",
}  # fmt: skip


def modules() -> Iterator[str]:
    for package in REACHED:
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            inside = re.search(r"\.(tests|migrations)\b", found.name)
            if not inside and not found.name.startswith(ELSEWHERE):
                yield found.name


def subclasses(base: type) -> Iterator[type]:
    for found in base.__subclasses__():
        yield found
        yield from subclasses(found)


def raised() -> Iterator[tuple[str, int]]:
    """Code and status of each mistake; a 500 is shown as `error`, whatever it was."""
    names = set(modules())
    for name in names:
        import_module(name)
    for found in {*subclasses(Mistake), *subclasses(APIException)}:
        code = getattr(found, "code", None) or getattr(found, "default_code", "")
        status = getattr(found, "status", None) or getattr(found, "status_code", 0)
        inherited = code == Mistake.code  # a base, such as FailedAttempt
        if found.__module__ in names and not inherited and status not in (500, 502):
            yield code, status


def literal(call: ast.Call) -> str | None:
    """The code that a call gives as a text of its own."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    given = [word.value for word in call.keywords if word.arg == "code"]
    if name in PLACES:
        given += call.args[PLACES[name] : PLACES[name] + 1]
    texts = [node.value for node in given if isinstance(node, ast.Constant)]
    return texts[0] if name in PLACES and texts else None


def written() -> set[str]:
    """Codes that stand in calls."""
    found = set()
    for name in modules():
        path = ROOT / name.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and (code := literal(node)):
                found.add(code)
    return found


PAGE = (DOCS / "errors.md").read_text()
ROWS = re.findall(r"(?m)^\| (`.*?) \| ([\d, ]+) \|", PAGE)
STATUSES = {
    code: {int(status) for status in statuses.split(", ")}
    for codes, statuses in ROWS
    for code in re.findall(r"`(\w+)`", codes)
}
OF_FIELDS = set(re.findall(r"`(\w+)`", PAGE.partition("## Fields")[2])) - {"attr"}


def test_each_mistake_has_a_row_with_its_status() -> None:
    found = {*raised(), *PASSED_ON}
    missing = {(code, status) for code, status in found if status not in STATUSES.get(code, ())}
    assert missing == set()


def test_each_code_that_is_written_in_a_call_is_on_the_page() -> None:
    assert written() - STATUSES.keys() - OF_FIELDS == set()


def test_no_code_is_on_the_page_that_nothing_raises() -> None:
    assert (
        STATUSES.keys() - {code for code, _ in {*raised(), *PASSED_ON}} - written() - NOT_OURS
        == set()
    )


def test_each_link_of_the_pages_leads_somewhere() -> None:
    for page in DOCS.glob("*.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
