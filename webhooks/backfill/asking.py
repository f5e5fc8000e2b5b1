"""Asking Shopify for everything of a kind, and how far it is with it."""

import re
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct, convert

from customers.data import UNDATED
from tenants.shopify.client import AdminApi
from tenants.shopify.documents import document
from tenants.shopify.errors import QueryRefused, ScopeMissing, ShopifyError
from webhooks.mapping.decoding import aware, gid

ENDED = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")


class BulkRefused(ShopifyError):
    """Shopify does not begin the operation now, as when five others run."""

    code = "bulk_refused"
    status = 503
    message = "Shopify does not prepare the data now. It is tried again by itself."
    retryable = True


@dataclass(frozen=True, slots=True)
class Operation:
    """A bulk operation as it stands. A file may be missing because there is nothing in it."""

    id: int
    status: str
    read_at: datetime
    objects: int
    size: int
    url: str

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ENDED

    @property
    def complete(self) -> bool:
        """Whether the file holds everything."""
        return self.status == "COMPLETED"


class OperationNode(Struct, rename="camel"):
    """A bulk operation as Shopify tells it."""

    id: str
    status: str
    created_at: datetime
    root_object_count: str | int = 0
    file_size: str | int | None = None
    url: str | None = None
    partial_data_url: str | None = None


def start_operation(
    api: AdminApi, *, kind: str, since: datetime | None, withheld: list[str]
) -> Operation:
    """Have Shopify prepare all objects of the kind that changed since; raises BulkRefused."""
    answer = api.ask("bulk_run", query=bulk_query(kind, since=since, withheld=withheld))
    told = answer.data["bulkOperationRunQuery"]
    if told["userErrors"] or not told["bulkOperation"]:
        raise BulkRefused
    return read_operation(told["bulkOperation"])


def find_operation(api: AdminApi, *, operation_id: int) -> Operation | None:
    """The operation as it stands; None when Shopify knows it no more."""
    node = api.ask("bulk_status", id=operation_gid(operation_id)).data["bulkOperation"]
    return read_operation(node) if node else None


def cancel_operation(api: AdminApi, *, operation_id: int) -> None:
    """Have Shopify stop; one that has ended stays as it is."""
    api.ask("bulk_cancel", id=operation_gid(operation_id))


def operation_gid(operation_id: int) -> str:
    """GraphQL's name of an operation."""
    return f"gid://shopify/BulkOperation/{operation_id}"


def read_operation(node: object) -> Operation:
    """An operation from what Shopify tells of it."""
    told = convert(node, OperationNode)
    return Operation(
        gid(told.id, "BulkOperation"),
        told.status,
        aware(told.created_at),
        int(told.root_object_count),
        int(told.file_size or 0),
        told.url or told.partial_data_url or "",
    )


def find_withheld(api: AdminApi) -> list[str]:
    """The fields of a customer that this app may not see: asked once, left out from then on,
    so that a null in the file means that there is none."""
    withheld = api.ask("probe_customers").withheld | companies_withheld(api)
    found = {path.removeprefix("customers.nodes.").partition(".")[0] for path in withheld}
    # Who may not see where somebody lives may not see where else.
    return sorted(found | ({"addressesV2"} if "defaultAddress" in found else set()))


def companies_withheld(api: AdminApi) -> frozenset[str]:
    """What may not be asked of companies: a shop without B2B can refuse the whole question."""
    try:
        return api.ask("probe_companies").withheld
    except (ScopeMissing, QueryRefused):
        return frozenset({"customers.nodes.companyContactProfiles"})


def bulk_query(kind: str, *, since: datetime | None, withheld: list[str]) -> str:
    """The text of a bulk operation. It has no variables, so the moment is written into it."""
    moment = (since or UNDATED).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = document(f"bulk_{kind}").replace("$SINCE", f"updated_at:>='{moment}'")
    if kind == "orders":
        text = text.replace("updated_at:", "status:any updated_at:")
    for field in withheld if kind == "customers" else ():
        text = leave_out(text, field)
    return text


def leave_out(text: str, field: str) -> str:
    """The query without a field, and without what was asked within it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", field):
        raise QueryRefused
    found = re.search(rf"\b{field}\b", text)
    if found is None:
        return text
    end = found.end()
    if text[end:].lstrip().startswith("{"):
        depth = 0
        for at in range(text.index("{", end), len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                end = at + 1
                break
    return text[: found.start()] + text[end:]
