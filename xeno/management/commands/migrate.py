"""`migrate`, run as the role that owns the tables; killed at any moment, it can be run again."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tenants.role_table import follow_role_table
from xeno.lib.postgres.migrator import as_migrator, grant_to_application


class WholeMigrations(MigrationExecutor):
    """Applies a migration and notes that it is applied in one transaction.

    Django notes it after the commit: killed between the two, every later run would fail at
    tables that exist already.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **kwargs: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().apply_migration(state, migration, *args, **kwargs)
        with transaction.atomic(self.connection.alias):
            return super().apply_migration(state, migration, *args, **kwargs)

    def unapply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **kwargs: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().unapply_migration(state, migration, *args, **kwargs)
        with transaction.atomic(self.connection.alias):
            return super().unapply_migration(state, migration, *args, **kwargs)


class Command(migrate.Command):
    """Django's own command; the application's login has no right to change tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        # Django's command has no other way to be given an executor.
        migrate.MigrationExecutor = WholeMigrations  # type: ignore[attr-defined]
        with as_migrator(connection):
            grant_to_application(connection)
            super().handle(*args, **options)
        # Not by a migration: the table of roles is code, and changes without one.
        if brings_all_up_to_date(options):
            follow_role_table()


def brings_all_up_to_date(options: dict[str, Any]) -> bool:
    """Whether this run ends with every table as the code knows it."""
    partly = ("app_label", "check_unapplied", "plan", "prune", "fake", "fake_initial")
    return not any(options.get(name) for name in partly)
