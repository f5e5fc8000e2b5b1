"""Addresses of customers: the default one beside the customer's own columns, and the others.

Which word on the default address stands, the customer's own version has decided; the list of the
others has a version of its own, because most words on a customer do not tell it.
"""

from collections.abc import Iterable, Mapping, Sequence

from customers.data import NO_ADDRESS, UNDATED, AddressData, CustomerData
from tenants.models import Tenant
from xeno.lib.upsert import Row, Written, array, arrays, run, unnest

CODES = ("country", "region", "city")
COLUMNS = {
    "customer_id": "bigint",
    "shopify_id": "bigint",
    "country": "text",
    "region": "text",
    "city": "text",
    "latitude": "integer",
    "longitude": "integer",
}


def save_addresses(
    *,
    tenant: Tenant,
    customers: Sequence[CustomerData],
    defaults: Sequence[Row],
    ids: Mapping[int, int],
) -> None:
    """Write what is told of addresses; `defaults` are the default ones of written customers.

    Coordinates that are known of a place are kept while it is told without any.
    """
    standing = note_lists(tenant=tenant, lists=newest_lists(customers, ids))
    listed = [row_of(pk, each) for pk, others in standing.items() for each in others]
    # In this order, so that an address which becomes or was the default keeps its coordinates.
    if listed:
        run(INSERT_OTHERS, [*arrays(COLUMNS, listed), tenant.pk, tenant.pk, tenant.pk])
    save_defaults(tenant=tenant, rows=defaults)
    if standing:
        drop_others(tenant=tenant, customer_ids=list(standing), rows=listed)
    save_coordinates(tenant=tenant, customers=customers, ids=ids, rows=listed)


def row_of(customer_id: int, address: AddressData) -> Row:
    """One row of `COLUMNS`."""
    coordinates = (address.latitude, address.longitude)
    return (customer_id, address.shopify_id, *address.codes, *coordinates)


def default_rows(told: Iterable[CustomerData], written: Iterable[Written]) -> list[Row]:
    """The default addresses of customers just written, each read with `CODES`.

    One whose codes are not the stored ones was told by an older word.
    """
    addresses = {each.shopify_id: each.address for each in told if each.address is not None}
    if not addresses:
        return []
    pairs = ((row, addresses.get(row.shopify_id)) for row in written)
    return [row_of(row.id, a) for row, a in pairs if a is not None and a.codes == row.read]


def save_defaults(*, tenant: Tenant, rows: Sequence[Row]) -> None:
    """Let these be the default addresses; one without any code and id is none."""
    none = row_of(0, NO_ADDRESS)[1:]
    gone = [row[0] for row in rows if row[1:] == none]
    kept = [row for row in rows if row[1:] != none]
    if kept:
        run(SAVE_DEFAULTS, [*arrays(COLUMNS, kept), tenant.pk, tenant.pk, tenant.pk])
    if gone:
        run(
            "DELETE FROM customers_customeraddress"
            " WHERE tenant_id = %s AND customer_id = ANY(%s::bigint[]) AND is_default",
            [tenant.pk, array(gone)],
        )


Lists = dict[int, CustomerData]


def newest_lists(customers: Iterable[CustomerData], ids: Mapping[int, int]) -> Lists:
    """The newest word on the list of each customer, by our id."""
    found: Lists = {}
    for word in customers:
        if word.addresses is not None:
            pk = ids[word.shopify_id]
            found[pk] = max(found.get(pk, word), word, key=version_of)
    return found


def version_of(word: CustomerData) -> tuple[object, object]:
    """By which an older word is known."""
    return word.updated_at or UNDATED, word.triggered_at or UNDATED


LIST_COLUMNS = {"id": "bigint", "told_at": "timestamptz", "triggered_at": "timestamptz"}


def note_lists(*, tenant: Tenant, lists: Lists) -> dict[int, tuple[AddressData, ...]]:
    """Keep when the lists were told; gives those that are not older than the ones held."""
    if not lists:
        return {}
    rows = [(pk, *version_of(word)) for pk, word in sorted(lists.items())]
    stand = run(
        "UPDATE customers_customer c"
        " SET addresses_at = new.told_at, addresses_triggered_at = new.triggered_at"
        f" FROM {unnest(LIST_COLUMNS)} WHERE c.tenant_id = %s AND c.id = new.id"
        " AND (COALESCE(c.addresses_at, '-infinity'),"
        " COALESCE(c.addresses_triggered_at, '-infinity')) <= (new.told_at, new.triggered_at)"
        " RETURNING c.id",
        [*arrays(LIST_COLUMNS, rows), tenant.pk],
    )
    return {pk: tuple(dict.fromkeys(lists[pk].addresses or ())) for (pk,) in stand}


def drop_others(*, tenant: Tenant, customer_ids: Sequence[int], rows: Sequence[Row]) -> None:
    """Delete what the newest lists of these customers do not name."""
    told = arrays(COLUMNS, rows)
    run(DROP_OTHERS, [*told, tenant.pk, array(sorted(customer_ids))])


def save_coordinates(
    *,
    tenant: Tenant,
    customers: Iterable[CustomerData],
    ids: Mapping[int, int],
    rows: Sequence[Row],
) -> None:
    """Note where the addresses are that were told with coordinates, or to which parcels went."""
    if located := [row for row in rows if row[-1] is not None]:
        run(LOCATE, [*arrays(COLUMNS, located), tenant.pk])
    # Where a place is does not grow old: an older word may know it too.
    known = {
        row_of(ids[word.shopify_id], each)
        for word in customers
        for each in (word.shipped_to, word.address, *(word.addresses or ()))
        if each and each.city and each.latitude is not None
    }
    if known:
        run(FILL, [*arrays(COLUMNS, sorted(known, key=str)), tenant.pk])


# An index finds the customer's few rows; the rest is compared among them.
SAME_PLACE = "(a.country, a.region, a.city) = (new.country, new.region, new.city)"
SAME = f"{SAME_PLACE} AND a.shopify_id IS NOT DISTINCT FROM new.shopify_id"
KNOWN = f"""
    LEFT JOIN LATERAL (
        SELECT a.latitude, a.longitude FROM customers_customeraddress a
        WHERE a.tenant_id = %s AND a.customer_id = new.customer_id AND {SAME_PLACE}
            AND a.latitude IS NOT NULL
        LIMIT 1
    ) AS known ON new.latitude IS NULL
"""
INSERTED = """
    new.customer_id, new.shopify_id, new.country, new.region, new.city,
    COALESCE(new.latitude, known.latitude), COALESCE(new.longitude, known.longitude)
"""
SAVE_DEFAULTS = f"""
    WITH new AS MATERIALIZED (SELECT * FROM {unnest(COLUMNS)})
    INSERT INTO customers_customeraddress AS old (tenant_id, is_default, {", ".join(COLUMNS)})
    SELECT %s, true, {INSERTED} FROM new {KNOWN}
    WHERE NOT EXISTS (
        SELECT FROM customers_customeraddress a
        WHERE a.tenant_id = %s AND a.customer_id = new.customer_id AND a.is_default
            AND {SAME_PLACE} AND COALESCE(a.shopify_id = new.shopify_id, new.shopify_id IS NULL)
            AND COALESCE((a.latitude, a.longitude) = (new.latitude, new.longitude),
                new.latitude IS NULL)
    )
    ON CONFLICT (tenant_id, customer_id) WHERE is_default DO UPDATE SET
        shopify_id = CASE
            WHEN (old.country, old.region, old.city)
                = (excluded.country, excluded.region, excluded.city)
            THEN COALESCE(excluded.shopify_id, old.shopify_id) ELSE excluded.shopify_id END,
        country = excluded.country, region = excluded.region, city = excluded.city,
        latitude = excluded.latitude, longitude = excluded.longitude
"""
INSERT_OTHERS = f"""
    WITH new AS MATERIALIZED (SELECT * FROM {unnest(COLUMNS)})
    INSERT INTO customers_customeraddress (tenant_id, is_default, {", ".join(COLUMNS)})
    SELECT %s, false, {INSERTED} FROM new {KNOWN}
    WHERE NOT EXISTS (
        SELECT FROM customers_customeraddress a
        WHERE a.tenant_id = %s AND a.customer_id = new.customer_id AND NOT a.is_default
            AND {SAME}
    )
"""
DROP_OTHERS = f"""
    WITH new AS MATERIALIZED (SELECT * FROM {unnest(COLUMNS)})
    DELETE FROM customers_customeraddress a
    WHERE a.tenant_id = %s AND a.customer_id = ANY(%s::bigint[]) AND NOT a.is_default
        AND NOT EXISTS (SELECT FROM new WHERE new.customer_id = a.customer_id AND {SAME})
"""
LOCATE = f"""
    UPDATE customers_customeraddress a SET latitude = new.latitude, longitude = new.longitude
    FROM {unnest(COLUMNS)}
    WHERE a.tenant_id = %s AND a.customer_id = new.customer_id AND {SAME}
        AND (a.latitude, a.longitude) IS DISTINCT FROM (new.latitude, new.longitude)
"""
FILL = f"""
    UPDATE customers_customeraddress a SET latitude = new.latitude, longitude = new.longitude
    FROM {unnest(COLUMNS)}
    WHERE a.tenant_id = %s AND a.customer_id = new.customer_id AND {SAME_PLACE}
        AND a.latitude IS NULL
"""
