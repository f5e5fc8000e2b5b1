"""What the rules find and we keep, with the reason; one that is found no more fails the test."""

NAMES = "names of tables and columns that our own code gives; values are parameters"
MODELS = "names of a model's table and columns, when a migration or a check asks for them"

OWNED = "of a model of the table of what is personal, each of which has the strict manager"
COMMITTED = "what on_commit calls"
SWEEP = "of a sweep that wrote nothing"

ALLOWED: dict[str, dict[str, str]] = {
    "a read without a store": {
        "tenants/scoping/viewsets.py: _base_manager": "our own base manager adds the store too",
        "webhooks/privacy/bundling.py: _default_manager": OWNED,
        "webhooks/privacy/erasing.py: _default_manager": OWNED,
    },
    "SQL of variables": {
        "campaigns/attribution.py: format": "constants of the module put into one another",
        "customers/actions.py: columns": NAMES,
        "customers/actions.py: table": NAMES,
        "customers/tagging.py: columns": NAMES,
        "orders/actions.py: table": NAMES,
        "segments/preview.py: sql": "a queryset's own statement, whose values stay parameters",
        "tenants/scoping/constraints.py: arrival": MODELS,
        "tenants/scoping/constraints.py: column": MODELS,
        "tenants/scoping/constraints.py: name": MODELS,
        "tenants/scoping/constraints.py: table": MODELS,
        "tenants/scoping/constraints.py: target": MODELS,
        "xeno/lib/postgres/base.py: limit": "the name of a setting, from two constants",
        "xeno/lib/postgres/base.py: set_tenant_sql": "makes the store a whole number",
        "xeno/lib/postgres/base.py: tenant_id": "None is told from a number, which int() makes",
        "xeno/lib/postgres/migrator.py: role": "quoted by the line above",
        "xeno/lib/postgres/differs.py: column": "a lookup: Django's own SQL of the column",
        "xeno/lib/postgres/differs.py: value": "a lookup: the placeholder of its parameter",
        **{f"xeno/lib/upsert.py: {name}": NAMES for name in (
            "changes", "columns", "filling", "fills", "fixed", "newer", "reading", "table",
        )},
        "webhooks/privacy/bodies.py: where": "one of two constants",
        "webhooks/privacy/erasing.py: mine": NAMES,
        "webhooks/privacy/erasing.py: name": NAMES,
        "webhooks/privacy/erasing.py: sets": NAMES,
        "webhooks/privacy/leaving.py: table": NAMES,
        "webhooks/reconciliation/comparing.py: table": NAMES,
        "webhooks/reconciliation/comparing.py: tests": NAMES,
        "webhooks/reconciliation/mending.py: table": NAMES,
        "webhooks/privacy/bodies.py: matching": "one of two constants",
        "webhooks/reconciliation/comparing.py: columns": NAMES,
        "webhooks/reconciliation/comparing.py: name": NAMES,
        "xeno/management/dumping.py: functions": "quoted by PostgreSQL",
        "xeno/management/dumping.py: tables": "quoted by PostgreSQL",
    },
    "a statement in a variable": {
        "campaigns/attribution.py: run": "CREDITS with one of two constants of the module in it",
        "campaigns/audience.py: run": "ask(), called with constants of the module",
        "customers/actions.py: run": "NEWEST_CONSENT with one of Channel's own words in it",
        "tenants/scoping/choice.py: execute": "LIVE with columns of our models, and one of NAMED",
        "tenants/shopify/client.py: execute": "GraphQL to Shopify, no SQL; variables go beside it",
        "xeno/embedded/roles.py: execute": "psycopg.sql, which quotes every name",
        "xeno/lib/postgres/base.py: execute": "where every statement of the backend goes through",
        "xeno/lib/postgres/base.py: run": "psycopg's copy(), which the backend wraps",
        "xeno/lib/upsert.py: run": "save_newer(), put together of names as above",
        "xeno/lib/upsert.py: execute": "run() and read_binary(), whose callers this rule reads",
        "xeno/management/diagnosis/install.py: execute": "ask(), called with constants",
        "webhooks/privacy/bodies.py: run": "put together of constants of the module",
        "webhooks/reconciliation/comparing.py: run": "put together of names and constants",
        "xeno/management/dumping.py: execute": "names that PostgreSQL has quoted",
    },
    "a store opened elsewhere": {
        "tenants/scoping/middleware.py: tenant_scope": "one of the four doors",
        "tenants/scoping/tasks.py: tenant_scope": "one of the four doors",
        "tenants/scoping/commands.py: tenant_scope": "one of the four doors",
        "tenants/scoping/everywhere.py: tenant_scope": "one of the four doors",
        "tenants/invitations.py: tenant_scope": "who joins is no member yet; the link is signed",
        "xeno/demo/building.py: tenant_scope": "builds the demo store, in no request",
        "tenants/shopify/installing.py: tenant_scope": "who connects a store is no member yet",
        "webhooks/privacy/restoring.py: tenant_scope": "a restore ends at a failure, sweeps go on",
    },
    "a right checked elsewhere": {
        "tenants/scoping/rights.py: find_rights": "the one place: the API and the admin ask it",
        "tenants/giving.py: get_perms": "what may be given away is what one holds, read anew",
    },
    "a task queued before the commit": {
        "tenants/mail.py: apply_async": "what on_commit calls",
        "webhooks/nudge.py: apply_async": "a thread of its own, told after the commit",
        "campaigns/waking.py: apply_async": COMMITTED,
        "campaigns/tasks.py: delay": "within a task, when its transaction is over",
        "webhooks/tasks.py: delay": "within a task, when its transaction is over",
        "webhooks/backfill/beginning.py: delay": COMMITTED,
        "webhooks/privacy/requests.py: delay": COMMITTED,
        "webhooks/reconciliation/keeping.py: delay": COMMITTED,
        "webhooks/privacy/tasks.py: delay": SWEEP,
        "webhooks/reconciliation/tasks.py: delay": SWEEP,
        "webhooks/tasks.py: apply_async": "within a task, when its transaction is over",
    },
}  # fmt: skip
