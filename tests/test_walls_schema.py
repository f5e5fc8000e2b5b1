"""The walls as the database has them: a walk over every model and every table."""

import pytest
from django.apps import apps
from django.db import connection

from tenants.scoping.constraints import THIS_TENANT, SameTenant
from tests.rows import owned_models

# Tables that all stores share. A new table is tenant-owned, or somebody adds it here
# and says in a review why no row of it is one store's alone.
SHARED = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_admin_log",  # exists, but the admin writes our own audit entries instead
    "django_content_type",
    "django_migrations",
    "django_session",
    "guardian_groupobjectpermission",
    "guardian_userobjectpermission",
    "campaigns_sendingstate",
    "segments_membershiplease",
    "tenants_accountmail",  # to people, about their login; an invitation by its key
    "tenants_invitation",  # answered by somebody who is in no store yet
    "tenants_membership",
    "tenants_recoverycode",
    "tenants_rightexception",  # a part of the membership
    "tenants_signin",
    "tenants_signinfailure",
    "tenants_tenant",
    "tenants_tenantgrouppermission",
    "tenants_tenantuserpermission",
    "tenants_twofactor",
    "tenants_user",
    "tenants_user_groups",
    "tenants_user_user_permissions",
    "webhooks_applierlease",
    "webhooks_senderlease",
    "webhooks_erasurereceipt",  # keyed hashes; they outlive the store
    "webhooks_scoring",
    "webhooks_staletotals",
}
# What pg_get_expr makes of our one expression.
POLICY = "(tenant_id = (NULLIF(current_setting('xeno.tenant_id'::text, true), ''::text))::bigint)"
OWNED = sorted(model._meta.db_table for model in owned_models())

pytestmark = pytest.mark.django_db


def rows(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def unique_keys(table: str) -> set[str]:
    """The columns of each unique index of the table, as `tenant_id, id`; partial ones left out."""
    return {
        columns
        for (columns,) in rows(
            "SELECT (SELECT string_agg(attname, ', ' ORDER BY n) FROM unnest(i.indkey::int[])"
            "  WITH ORDINALITY k(attnum, n) JOIN pg_attribute a"
            "  ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE n <= i.indnkeyatts)"
            " FROM pg_index i WHERE indisunique AND indpred IS NULL AND indrelid = %s::regclass",
            table,
        )
    }


def test_every_table_is_tenant_owned_or_on_the_closed_list():
    tables = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'm', 'v', 'f')"
    )

    assert {name for (name,) in tables} == SHARED | set(OWNED)


def test_every_model_has_a_table_of_this_walk():
    models = apps.get_models(include_auto_created=True)

    assert {m._meta.db_table for m in models} <= SHARED | set(OWNED)
    assert len(OWNED) >= 11


@pytest.mark.parametrize("table", OWNED)
def test_a_tenant_owned_table_has_its_wall(table):
    [(enabled, forced)] = rows(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table
    )
    column = rows(
        "SELECT format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname = 'tenant_id'",
        table,
    )

    assert (enabled, forced) == (True, True)
    assert column == [("bigint", True)]
    assert "tenant_id, id" in unique_keys(table)


@pytest.mark.parametrize("table", OWNED)
def test_f079_the_only_policy_is_our_expression_both_ways(table):
    policies = rows(
        "SELECT polcmd::text, polpermissive, polroles::oid[], pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid) FROM pg_policy"
        " WHERE polrelid = %s::regclass ORDER BY polcmd",
        table,
    )
    everybody = [0]
    arrival = [("a", True, everybody, None, "true")] if table == "webhooks_delivery" else []

    assert policies == [("*", True, everybody, POLICY, POLICY), *arrival]


def test_the_expression_of_the_policies_is_the_one_in_the_source():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE walled (tenant_id bigint) ON COMMIT DROP")
        cursor.execute(f"CREATE POLICY p ON walled USING ({THIS_TENANT})")

    assert rows("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'p'") == [
        (POLICY,)
    ]


@pytest.mark.parametrize("table", OWNED)
def test_unique_keys_are_per_store(table):
    """An address or a Shopify id that another store holds too is no conflict, and no oracle."""
    keys = unique_keys(table) - {"id"}

    assert all(key == "tenant_id" or key.startswith("tenant_id, ") for key in keys), keys


def test_no_unique_index_hides_in_a_condition_or_an_expression():
    odd = rows(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique"
        " AND indrelid::regclass::text = ANY(%s) AND (indpred IS NOT NULL OR indexprs IS NOT NULL)"
        " AND indkey[0] <> (SELECT attnum FROM pg_attribute WHERE attrelid = indrelid"
        "                   AND attname = 'tenant_id')",
        OWNED,
    )

    assert odd == []


def test_every_key_to_a_tenant_owned_table_carries_the_tenant():
    keys = rows(
        "SELECT conname, condeferrable, confmatchtype::text, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype = 'f' AND confrelid::regclass::text = ANY(%s)",
        OWNED,
    )

    assert len(keys) >= 7
    for name, deferrable, match, definition in keys:
        assert definition.startswith("FOREIGN KEY (tenant_id, "), name
        assert definition.endswith("(tenant_id, id)"), name
        assert (deferrable, match) == (False, "s"), name


def test_every_declared_key_is_in_the_database():
    declared = {
        (model._meta.db_table, wall.name)
        for model in owned_models()
        for wall in model._meta.constraints
        if isinstance(wall, SameTenant)
    }
    found = rows(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
        " AND convalidated AND confrelid::regclass::text = ANY(%s)",
        OWNED,
    )

    assert set(found) == declared


# Proven by a composite key to a row that they cannot do without, and that proves it itself.
PROVEN_BY_ANOTHER = {
    "customers_customeraddress": "customers_customer",
    "orders_lineitem": "orders_order",
    "orders_refund": "orders_order",
    "segments_segmentmember": "customers_customer",
}


def tenant_keys(table: str) -> list[tuple]:
    return rows(
        "SELECT confdeltype::text FROM pg_constraint WHERE contype = 'f'"
        " AND conrelid = %s::regclass AND confrelid = 'tenants_tenant'::regclass",
        table,
    )


@pytest.mark.parametrize("table", OWNED)
def test_the_tenant_of_a_row_exists(table):
    assert tenant_keys(PROVEN_BY_ANOTHER.get(table, table)) == [("a",)]


@pytest.mark.parametrize(("table", "other"), PROVEN_BY_ANOTHER.items())
def test_a_row_whose_tenant_another_proves_always_has_that_other(table, other):
    nullable = rows(
        "SELECT bool_or(NOT a.attnotnull) FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) WHERE c.contype = 'f'"
        " AND c.convalidated AND c.conrelid = %s::regclass AND c.confrelid = %s::regclass"
        " GROUP BY c.oid",
        table,
        other,
    )

    assert tenant_keys(table) == []
    assert nullable == [(False,)]


def test_f079_the_application_is_nobody_special():
    role = rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = current_user"
    )

    assert role == [(False, False, False, False, False)]
    assert rows("SELECT session_user = current_user") == [(True,)]
    assert rows("SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole") == []


def test_f079_the_application_owns_nothing():
    owned = rows("SELECT relname FROM pg_class WHERE relowner = current_user::regrole")

    assert owned == []
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    assert rows(
        "SELECT has_database_privilege(current_database(), 'CREATE'),"
        " datdba = current_user::regrole FROM pg_database WHERE datname = current_database()"
    ) == [(False, False)]


@pytest.mark.parametrize("right", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_f079_no_right_that_passes_the_policies_by(right):
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND has_table_privilege(oid, %s)",
        right,
    )

    assert found == []


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_audit_trail_only_grows(right):
    assert rows("SELECT has_table_privilege('tenants_auditentry', %s)", right) == [(False,)]
    assert rows("SELECT has_table_privilege('tenants_auditentry', 'INSERT')") == [(True,)]


def test_f079_views_run_as_their_reader():
    loose = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND (relkind = 'm' OR relkind = 'v'"
        "      AND NOT 'security_invoker=true' = ANY(coalesce(reloptions, '{}')))"
    )

    assert loose == []


def test_f079_the_functions_with_their_owners_rights_take_nothing_and_give_nothing():
    definers = rows(
        "SELECT proname, pronargs, prorettype::regtype::text, proconfig::text FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
    )

    # One analyzes our tables, one erases the open store once it was uninstalled; a fixed
    # search_path, so that nobody's own table is meant instead.
    assert definers == [
        (name, 0, "void", '{"search_path=pg_catalog, public"}')
        for name in ("xeno_analyze", "xeno_analyze_messages", "xeno_erase_store")
    ]
