"""Reading an answer of the Admin API: data, what was withheld, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.shopify.errors import QueryRefused, ScopeMissing, ShopifyThrottled

NOT_APPROVED = "not approved to"  # of protected customer data; the answer is 200 with nulls


@dataclass(frozen=True, slots=True)
class Answer:
    """What was told. `withheld` are the paths that are null because the app may not see them:
    they are not known, which is not the same as empty."""

    data: Mapping[str, Any]
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bucket:
    """The store's points: what a question may cost, what is left, what comes back a second."""

    asked: float
    left: float
    restored: float

    @property
    def wait(self) -> float:
        """Seconds until the question can be paid."""
        return max(0.0, (self.asked - self.left) / max(self.restored, 1.0))


def read_answer(body: Mapping[str, Any]) -> Answer:
    """The data; raises ShopifyThrottled, ScopeMissing or QueryRefused for errors that left none.

    Withheld fields come with data: they are told apart from empty ones by the errors' paths.
    """
    errors = body.get("errors") or []
    if isinstance(errors, str):
        raise QueryRefused
    codes = {(error.get("extensions") or {}).get("code") for error in errors}
    if "THROTTLED" in codes:
        bucket = read_bucket(body)
        raise ShopifyThrottled(bucket.wait if bucket else 1.0)
    withheld = {field_path(error) for error in errors if is_withheld(error)}
    others = [error for error in errors if not is_withheld(error)]
    if others and codes & {"ACCESS_DENIED"}:
        raise ScopeMissing
    if others or body.get("data") is None:
        raise QueryRefused
    return Answer(body["data"], frozenset(withheld))


def is_withheld(error: Mapping[str, Any]) -> bool:
    """Whether the error says that a field of protected customer data is not for this app."""
    return NOT_APPROVED in str(error.get("message", "")) and bool(error.get("path"))


def field_path(error: Mapping[str, Any]) -> str:
    """Where the field is, without the numbers of lists: `customers.nodes.email`."""
    return ".".join(step for step in error["path"] if isinstance(step, str))


def read_bucket(body: Mapping[str, Any]) -> Bucket | None:
    """What the answer says of the store's points, if it does."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        return Bucket(
            float(cost["requestedQueryCost"]),
            float(status["currentlyAvailable"]),
            float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
