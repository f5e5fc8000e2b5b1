"""A database of the test's own: copied from the suite's, dropped at the end."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests.faults.processes import SHOP, Database

COUNTED = iter(range(1_000_000))


@pytest.fixture
def database(transactional_db: None) -> Iterator[Database]:
    """A migrated, empty database with one store; other processes may use it."""
    settings = connection.settings_dict
    app = {key: settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    made = Database(f"fault_{os.getpid()}_{next(COUNTED)}", app, settings["MIGRATOR"])
    connection.close()  # a template must have no sessions
    template = Database("postgres", app, settings["MIGRATOR"])
    template.ask(f'CREATE DATABASE "{made.name}" TEMPLATE "{settings["NAME"]}"')
    try:
        made.tenant_id = made.ask(
            "INSERT INTO tenants_tenant (shop_domain, name, currency, timezone, access_token,"
            " refresh_token, scopes, plan, history_complete_since)"
            " VALUES (%s, 'Fault', 'GBP', 'UTC', '', '', '', '', now()) RETURNING id",
            SHOP,
        )
        yield made
    finally:
        with psycopg.connect(template.url(template.admin), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{made.name}" WITH (FORCE)')
