"""Addresses as webhooks tell them, and their codes, by which audiences ask."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from customers.data import NO_ADDRESS, AddressData
from webhooks.mapping.decoding import Id, Text, text

MICRO = 1_000_000
NORTH, EAST = 90, 180  # degrees


class AddressPayload(Struct):
    """What we read of an address; an order's has coordinates, a customer's an id."""

    city: Text = UNSET
    country_code: Text = UNSET
    province_code: Text = UNSET
    id: Id | None = None
    latitude: float | None = None
    longitude: float | None = None
    default: bool | None = None


Told = AddressPayload | None | UnsetType


def place(address: Told) -> tuple[str | None, str | None, str | None]:
    """Country, region and city codes: `US`, `US-NY`, `US-NY-NewYorkCity`; '' for none."""
    if address is UNSET:
        return None, None, None
    if address is None:
        return "", "", ""
    country = (text(address.country_code) or "").upper()
    province = (text(address.province_code) or "").upper()
    region = f"{country}-{province}" if country and province else ""
    name = "".join(part[:1].upper() + part[1:] for part in (text(address.city) or "").split())
    return country, region, f"{region or country}-{name}" if country and name else ""


def address_data(address: Told) -> AddressData | None:
    """The address with its codes; None when it is not told."""
    if address is UNSET:
        return None
    if address is None:
        return NO_ADDRESS
    country, region, city = place(address)
    if address.latitude is None:  # of a customer by webhook never told
        return AddressData(address.id, country or "", region or "", city or "")
    latitude, longitude = coordinates(address.latitude, address.longitude)
    return AddressData(address.id, country or "", region or "", city or "", latitude, longitude)


def coordinates(latitude: float | None, longitude: float | None) -> tuple[int | None, int | None]:
    """In micro-degrees; neither without the other, nor outside the globe."""
    if latitude is None or longitude is None:
        return None, None
    if not (-NORTH <= latitude <= NORTH and -EAST <= longitude <= EAST):
        return None, None
    return round(latitude * MICRO), round(longitude * MICRO)


def default_of(default: Told, listed: Sequence[AddressPayload] | None) -> Told:
    """The default address; where it is told only by its mark in the list, that one."""
    if default is not UNSET or not listed:
        return default
    return next((address for address in listed if address.default), UNSET)


def others_of(
    default: Told, listed: Sequence[AddressPayload] | None
) -> tuple[AddressData, ...] | None:
    """The list without the default address; None when no list is told."""
    if listed is None:
        return None
    return tuple(
        data
        for address in listed
        if not is_default(address, default) and (data := address_data(address))
    )


def is_default(address: AddressPayload, default: Told) -> bool:
    """Whether the one in the list is the default one."""
    if isinstance(default, AddressPayload) and default.id and address.id:
        return address.id == default.id
    return bool(address.default)


def shipped_to(address: Told) -> AddressData | None:
    """Where parcels went, when it is told with coordinates."""
    if not isinstance(address, AddressPayload) or address.latitude is None:
        return None
    data = address_data(address)
    return data if data and data.latitude is not None else None
