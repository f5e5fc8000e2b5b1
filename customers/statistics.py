"""What Shopify itself thinks of customers, and for which companies they buy: bulk tells it."""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter

from customers.data import StatisticsData
from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

COLUMNS = {
    "id": "bigint",
    "rfm_group": "text",
    "spend_tier": "text",
    "subscriber_status": "text",
    "told_at": "timestamptz",
}


def save_statistics(
    *, tenant: Tenant, words: Iterable[StatisticsData], ids: dict[int, int]
) -> None:
    """Keep Shopify's newest word on each customer as a whole."""
    newest = {
        ids[word.customer_id]: word
        for word in sorted(words, key=attrgetter("told_at"))
        if word.customer_id in ids
    }
    if not newest:
        return
    rows = [
        (pk, word.rfm_group, word.spend_tier, word.subscriber_status, word.told_at)
        for pk, word in sorted(newest.items())
    ]
    stand = run(SAVE, [*arrays(COLUMNS, rows), tenant.pk])
    buying = {pk: companies for (pk,) in stand if (companies := newest[pk].companies) is not None}
    if buying:
        replace_companies(tenant=tenant, companies=buying)


def replace_companies(*, tenant: Tenant, companies: Mapping[int, Collection[int]]) -> None:
    """Let these be the companies of these customers, by our ids."""
    pairs = sorted({(pk, company) for pk, each in companies.items() for company in each})
    told = arrays(COMPANY_COLUMNS, pairs)
    run(DROP_COMPANIES, [tenant.pk, array(sorted(companies)), *told])
    if pairs:
        run(INSERT_COMPANIES, [tenant.pk, *told])


COMPANY_COLUMNS = {"customer_id": "bigint", "company_id": "bigint"}
DROP_COMPANIES = f"""
    DELETE FROM customers_customercompany c
    WHERE c.tenant_id = %s AND c.customer_id = ANY(%s::bigint[]) AND NOT EXISTS (
        SELECT FROM {unnest(COMPANY_COLUMNS)}
        WHERE new.customer_id = c.customer_id AND new.company_id = c.company_id
    )
"""
INSERT_COMPANIES = f"""
    INSERT INTO customers_customercompany (tenant_id, customer_id, company_id)
    SELECT %s, new.* FROM {unnest(COMPANY_COLUMNS)}
    ON CONFLICT DO NOTHING
"""
SAVE = f"""
    UPDATE customers_customer c SET remote_rfm_group = new.rfm_group,
        remote_spend_tier = new.spend_tier, subscriber_status = new.subscriber_status,
        remote_statistics_at = new.told_at
    FROM {unnest(COLUMNS)}
    WHERE c.tenant_id = %s AND c.id = new.id
        AND COALESCE(c.remote_statistics_at, '-infinity') <= new.told_at
    RETURNING c.id
"""
