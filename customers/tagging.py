"""Tags of customers: the newest word on each tag wins, whatever order the words come in."""

from collections.abc import Iterable
from datetime import datetime

from customers.data import TagsData
from tenants.models import Tenant
from xeno.lib.upsert import arrays, run, unnest

WORD_COLUMNS = {
    "customer_id": "bigint",
    "tag": "text",
    "tag_key": "text",
    "present": "boolean",
    "changed_at": "timestamptz",
}


def save_tags(*, tenant: Tenant, words: Iterable[TagsData], ids: dict[int, int]) -> None:
    """Add and remove tags. A whole list also removes what it does not name, unless newer.

    Two words of one instant on one tag: "removed" stands.
    """
    known = [word for word in words if word.customer_id in ids]
    whole = sorted((ids[w.customer_id], w.changed_at) for w in known if w.whole)
    singles: dict[tuple[int, str], tuple[datetime, bool, str]] = {}
    for word in known:
        for tag in word.tags:
            key = (ids[word.customer_id], tag.lower())
            rank = (word.changed_at, not word.present, tag)
            singles[key] = max(singles.get(key, rank), rank)
    rows = [
        (customer_id, tag, tag_key, not removed, at)
        for (customer_id, tag_key), (at, removed, tag) in sorted(singles.items())
    ]
    if whole:
        note_whole_lists(tenant=tenant, lists=dict(whole))
    if rows:
        save_words(tenant=tenant, rows=rows)
    if whole:
        run(
            "UPDATE customers_customertag t SET present = false, changed_at = c.tags_at"
            " FROM customers_customer c WHERE t.tenant_id = %s AND c.tenant_id = t.tenant_id"
            " AND c.id = t.customer_id AND t.customer_id = ANY(%s) AND t.present"
            " AND t.changed_at < c.tags_at",
            [tenant.pk, sorted(dict(whole))],
        )


def note_whole_lists(*, tenant: Tenant, lists: dict[int, datetime]) -> None:
    """Keep when the whole list of a customer's tags was last told."""
    columns = {"id": "bigint", "told_at": "timestamptz"}
    run(
        "UPDATE customers_customer c SET tags_at = new.told_at"
        f" FROM {unnest(columns)} WHERE c.tenant_id = %s AND c.id = new.id"
        " AND COALESCE(c.tags_at, '-infinity') < new.told_at",
        [*arrays(columns, sorted(lists.items())), tenant.pk],
    )


def save_words(*, tenant: Tenant, rows: list[tuple[int, str, str, bool, datetime]]) -> None:
    """Write words on single tags; one older than the last whole list is not news."""
    run(
        f"INSERT INTO customers_customertag AS old (tenant_id, {', '.join(WORD_COLUMNS)})"
        f" SELECT c.tenant_id, new.* FROM {unnest(WORD_COLUMNS)}"
        " JOIN customers_customer c ON c.tenant_id = %s AND c.id = new.customer_id"
        " WHERE COALESCE(c.tags_at, '-infinity') <= new.changed_at"
        " ON CONFLICT (tenant_id, customer_id, tag_key) DO UPDATE SET tag = EXCLUDED.tag,"
        " present = EXCLUDED.present, changed_at = EXCLUDED.changed_at"
        " WHERE (old.changed_at, NOT old.present) < (EXCLUDED.changed_at, NOT EXCLUDED.present)",
        [*arrays(WORD_COLUMNS, rows), tenant.pk],
    )
