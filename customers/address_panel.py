"""Where a customer has parcels sent, on their page: codes, which are all that is kept of it."""

from customers.models import Customer, CustomerAddress
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Panel, label

MOST = 50


def addresses_panel(customer: Customer) -> Panel:
    """The default address, then the others."""
    rows = CustomerAddress.objects.filter(customer=customer).order_by("-is_default", "pk")
    found = list(rows[:MOST])
    return Panel(
        title="Addresses",
        headers=("Place", "Country", ""),
        rows=[
            (
                place_of(each.country, each.region, each.city),
                each.country or NOTHING,
                label("default", "info") if each.is_default else "",
            )
            for each in found
        ],
        right=Right.VIEW_CUSTOMERS,
        note=f"The first {MOST}."
        if len(found) == MOST
        else ""
        if found
        else "No address is known.",
    )


def place_of(country: str | None, region: str | None, city: str | None) -> str:
    """`Bristol, GB-ENG` of a city's code (GB-ENG-Bristol): what says where it is, once."""
    within = region or country or ""
    name = (city or "").removeprefix(f"{within}-") if within else (city or "")
    return ", ".join(part for part in (name, within) if part) or NOTHING
