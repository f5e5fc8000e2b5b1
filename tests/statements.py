"""For whom a statement runs, as the server sees it."""

from django.db import connection

ANA, CY = 1, 2  # numbers of tenants; no rows are needed to see for whom a statement runs


def tenant_of_statement():
    """What the policies would compare with, in a statement of its own; None is nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('xeno.tenant_id', true), '')::bigint")
        return cursor.fetchone()[0]


def fail():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def sent():
    """What the server was told and not asked for: looked up beneath Django."""
    row = connection.connection.execute("SELECT current_setting('xeno.tenant_id', true)").fetchone()
    return row[0]
